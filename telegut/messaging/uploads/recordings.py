"""
Voice notes: the sound alone is put into a new container of the same kind; titles, pictures, places and anything else
that was in the old one stay behind. The sound itself is not decoded.
"""

from __future__ import annotations

from io import BytesIO

import av
from av.error import FFmpegError

from telegut.messaging.uploads.remaking import Bounds, Remade, Unusable
from telegut.messaging.uploads.rules import Kind

_READ_AS = {Kind.OGG: "ogg", Kind.WEBM: "matroska", Kind.MP4: "mov"}
_WRITTEN_AS = {Kind.OGG: "ogg", Kind.WEBM: "webm", Kind.MP4: "mp4"}
_CODECS = {Kind.OGG: {"opus"}, Kind.WEBM: {"opus"}, Kind.MP4: {"aac", "opus"}}


def remade(data: bytes, kind: Kind, bounds: Bounds) -> Remade:
    """
    The recording in *data*.

    Raises:
        Unusable: it is broken, longer than `Bounds.seconds`, or more than one voice's sound.
    """
    out = BytesIO()
    try:
        with av.open(BytesIO(data), "r", format=_READ_AS[kind], metadata_errors="ignore") as source:
            duration_s = _copied(source, out, kind, bounds)
    except (FFmpegError, ValueError) as exc:
        raise Unusable("unreadable") from exc
    return Remade(type=kind.value, content=out.getvalue(), duration_s=round(duration_s, 1))


def _copied(source: av.container.InputContainer, out: BytesIO, kind: Kind, bounds: Bounds) -> float:
    if len(source.streams) != 1 or len(source.streams.audio) != 1:
        raise Unusable("not_a_voice_note")
    (sound,) = source.streams.audio
    if sound.codec_context.name not in _CODECS[kind]:
        raise Unusable("not_a_voice_note")
    end_s = 0.0
    with av.open(out, "w", format=_WRITTEN_AS[kind]) as sink:
        copy = sink.add_stream_from_template(sound)
        for packet in source.demux(sound):
            if packet.dts is None or packet.pts is None or packet.size == 0:
                continue
            end_s = max(end_s, float((packet.pts + (packet.duration or 0)) * packet.time_base))
            if end_s > bounds.seconds:
                raise Unusable("too_large")
            packet.stream = copy
            sink.mux(packet)
    if end_s <= 0:
        raise Unusable("unreadable")
    return end_s
