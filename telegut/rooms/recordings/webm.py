"""
A film as WebM: one track of Opus, and one of VP8 when there is a picture; nothing is decoded or encoded.

Sound goes on without a hole: where a voice was muted, lost or not there yet, packets of silence are put, because
players let the sounds after a hole come too early. A picture that is missing stays as it was until the next one.

Source: https://www.matroska.org/technical/elements.html; PyAV writes the container with its index (Cues).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import av
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from telegut.rooms.recordings.frames import OPUS_HZ, SILENCE, SILENCE_SAMPLES, opus_samples

MILLISECOND: Final = Fraction(1, 1000)
HOLE_S: Final = 0.06
"""A sound that is later than this has a hole before it; less is the wobble of reports."""
OVERLAP_S: Final = 0.2
"""A sound that is earlier than this was there already."""
BEHIND_S: Final = 3.0
"""A voice from which nothing came for so long is silent; packets in order come sooner."""
CHUNKS_OF_BYTES: Final = {"cluster_time_limit": "2000"}
"""Clusters of two seconds: what a player reads to find a place."""


class Webm:
    """One film. size: of its pictures, None for sound alone. Times are seconds on the film."""

    def __init__(self, target: Any, size: tuple[int, int] | None) -> None:
        self._container = av.open(target, "w", format="webm", options=dict(CHUNKS_OF_BYTES))
        self._picture: VideoStream | None = None
        if size is not None:
            # The encoders that PyAV opens for the header's sake get nothing to encode.
            self._picture = self._container.add_stream("libvpx", rate=30, width=size[0], height=size[1])
            self._picture.pix_fmt = "yuv420p"
        self._sound: AudioStream = self._container.add_stream("libopus", rate=OPUS_HZ, layout="stereo")
        self._samples = 0
        self._pictured_at = -1

    def sound(self, at: float, data: bytes) -> None:
        """A packet of Opus; one that was there already is left out."""
        samples = opus_samples(data)
        late = at - self._samples / OPUS_HZ
        if not samples or late < -OVERLAP_S:
            return
        if late > HOLE_S:
            self.silent_until(at)
        self._put_sound(data, samples)

    def silent_until(self, at: float) -> None:
        """Silence, up to a packet's length before *at*."""
        while self._samples + SILENCE_SAMPLES <= at * OPUS_HZ:
            self._put_sound(SILENCE, SILENCE_SAMPLES)

    def _put_sound(self, data: bytes, samples: int) -> None:
        at = round(self._samples * 1000 / OPUS_HZ)
        self._samples += samples
        self._put(self._sound, data, at, round(samples * 1000 / OPUS_HZ), key=True)

    def picture(self, at: float, data: bytes, *, key: bool) -> None:
        """A frame of VP8."""
        if self._picture is None:
            return
        self._pictured_at = max(self._pictured_at + 1, round(at * 1000))
        self._put(self._picture, data, self._pictured_at, 0, key=key)

    def _put(self, stream: Any, data: bytes, at: int, lasts: int, *, key: bool) -> None:
        packet = av.Packet(data)
        packet.stream = stream
        packet.time_base = MILLISECOND
        packet.pts = packet.dts = at
        packet.duration = lasts
        packet.is_keyframe = key
        self._container.mux_one(packet)

    def close(self, length: float) -> None:
        """It is *length* seconds long."""
        self.silent_until(length)
        if not self._samples:
            self._put_sound(SILENCE, SILENCE_SAMPLES)
        self._container.close()
