"""People who talk, for tests: real VP8 and Opus in packets, put into a room as browsers would send them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np

from telegut.rooms.media.inbound import Inbound
from telegut.rooms.media.track import Kind, Track

MTU = 1000
RATE = 10
"""Pictures a second."""


def pictures(seconds: float, size: tuple[int, int], *, keys_at: tuple[float, ...] = ()) -> list[bytes]:
    """VP8 frames of something that moves; the first is a key frame, and those at *keys_at*."""
    encoder = av.CodecContext.create("libvpx", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height = size
    encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, RATE)
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "g": "9999"}
    found = []
    for number in range(round(seconds * RATE)):
        picture = np.full((size[1], size[0], 3), number * 20 % 256, dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = number
        if number / RATE in keys_at:
            frame.pict_type = av.video.frame.PictureType.I
        found += [bytes(packet) for packet in encoder.encode(frame)]
    return found


def voice(seconds: float, hertz: float) -> list[bytes]:
    """Opus packets of 20 ms of a tone."""
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "s16"
    found = []
    for number in range(round(seconds * 50)):
        at = np.arange(number * 960, (number + 1) * 960)
        tone = (8000 * np.sin(2 * math.pi * hertz * at / 48_000)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(tone.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = 48_000, number * 960
        found += [bytes(packet) for packet in encoder.encode(frame)]
    return found


def packets_of(frame: bytes) -> Iterator[tuple[bytes, bool]]:
    """The payloads of one VP8 frame (RFC 7741), each with whether it is the last."""
    for at in range(0, len(frame), MTU):
        first = b"\x90\x80\x01" if at == 0 else b"\x80\x80\x01"
        yield first + frame[at : at + MTU], at + MTU >= len(frame)


class Person:
    """Somebody connected, as far as a recorder looks; they talk into streams of theirs."""

    def __init__(self, seat: str) -> None:
        self.seat = seat
        self.up = True
        self.tracks: dict[str, Track] = {}
        self._sent: dict[Inbound, int] = {}

    def stream(self, kind: Kind, codec: str = "vp8", *, rid: str = "", rids: tuple[str, ...] = ()) -> Inbound:
        """A new stream of *kind*."""
        track = self.tracks.setdefault(kind, Track(self.seat, kind, kind, rids))
        clock = 48_000 if kind == "audio" else 90_000
        made = track.layers[rid] = Inbound(len(self._sent) + 1, "opus" if kind == "audio" else codec, clock, rid)
        self._sent[made] = 65_530  # so that it wraps soon
        return made

    def send(self, stream: Inbound, data: bytes, *, taken: float, now: float, lose: bool = False) -> None:
        """One sound or picture that was *taken* at a second of this person's own clock arrives at *now*."""
        timestamp = (round(taken * stream.clock) + 4_294_900_000) & 0xFFFFFFFF
        parts = [(data, True)] if stream.codec == "opus" else list(packets_of(data))
        for payload, last in parts:
            sequence = self._sent[stream] = self._sent[stream] + 1 & 0xFFFF
            if not lose:
                stream.take(sequence, timestamp, last, payload, now)
        stream.hand_on()

    def report(self, stream: Inbound, *, taken: float) -> None:
        """A sender's report that says what instant *taken* is on this person's clock."""
        timestamp = (round(taken * stream.clock) + 4_294_900_000) & 0xFFFFFFFF
        stream.report = (round((2_208_988_800 + 1_000_000 + taken) * (1 << 32)), timestamp)


class Place:
    """A room, as far as a recorder looks."""

    def __init__(self, *people: Person) -> None:
        self.sessions: Any = {one.seat: one for one in people}
