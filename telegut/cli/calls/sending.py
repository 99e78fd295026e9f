"""
What a caller sends: a clip in real time, and sound of the size of Opus, with the header extensions that were agreed on.

One packet costs the caller what it costs a browser's network thread: a header, SRTP, one system call.

Sources: RFC 3550, section 5.1; RFC 8285 (one-byte extensions); RFC 6464 (audio level).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping
from typing import Final

from telegut.cli.calls.caller import Caller
from telegut.cli.calls.clip import DESCRIPTOR_BYTES, FRAMES_A_SECOND, PICTURE_AT, Clip
from telegut.cli.calls.descriptions import OPUS, VP8, Line
from telegut.rooms.media import rtcp, rtp
from telegut.rooms.media.answering import AUDIO_LEVEL, MID, SEND_TIME, TRANSPORT_WIDE

SOUND_BYTES: Final = 73
SOUND_EVERY_S: Final = 0.02
VIDEO_STEP: Final = 90_000 // FRAMES_A_SECOND
SOUND_STEP: Final = 960
_NTP_EPOCH: Final = 2_208_988_800
"""Seconds from 1900 to 1970; RFC 3550, section 4."""
LOUD: Final = 20
"""-dBov: somebody speaks."""


class Wide:
    """The transport-wide sequence of one connection."""

    __slots__ = ("sequence",)

    def __init__(self) -> None:
        self.sequence = 0


class Sending:
    """One source. *packets* is how many were sent. extensions: ids by URI, as the other side took them."""

    def __init__(self, caller: Caller, line: Line, extensions: Mapping[str, int], wide: Wide, level: int) -> None:
        self.packets = self.octets = 0
        self._caller = caller
        self._line = line
        self._wide = wide
        # In the lower half, as browsers begin: whoever opens only some packets must not miss the first wrap, which
        # counts in the key (RFC 3711, section 3.3.1).
        self._sequence, self._timestamp = random.randrange(1 << 15), random.randrange(1 << 32)
        self._picture, self._frame = random.randrange(1 << 15), 0
        self._head, self._places = _head(line, extensions, level)
        self._sound = random.randbytes(SOUND_BYTES)
        self._handle: asyncio.TimerHandle | None = None
        self._reported_at = 0.0

    def start(self, clip: Clip) -> None:
        """Begin at a random moment of the next frame."""
        self._clip = clip
        self._every = 1 / FRAMES_A_SECOND if self._line.medium == "video" else SOUND_EVERY_S
        self._loop = asyncio.get_running_loop()
        self._due = self._loop.time() + random.random() * self._every
        self._handle = self._loop.call_at(self._due, self._tick)

    def stop(self) -> None:
        """Send no more."""
        if self._handle is not None:
            self._handle.cancel()

    def again(self) -> None:
        """A key frame is wanted: the clip begins anew."""
        self._frame = 0

    def _tick(self) -> None:
        if self._line.medium == "video":
            self._show()
        else:
            self._timestamp = (self._timestamp + SOUND_STEP) & 0xFFFFFFFF
            self._send(OPUS, False, self._sound)
        if self._loop.time() - self._reported_at >= 1:
            self._reported_at = self._loop.time()
            self._report()
        self._due += self._every
        self._handle = self._loop.call_at(self._due, self._tick)

    def _show(self) -> None:
        frame = self._clip[self._frame]
        self._frame = (self._frame + 1) % len(self._clip)
        self._timestamp = (self._timestamp + VIDEO_STEP) & 0xFFFFFFFF
        self._picture = (self._picture + 1) & 0x7FFF
        picture = (0x8000 | self._picture).to_bytes(2)
        for part in frame[:-1]:
            self._send(VP8, False, part, picture)
        self._send(VP8, True, frame[-1], picture)

    def _send(self, kind: int, marker: bool, payload: bytes, picture: bytes = b"") -> None:
        view = self._caller.buffer.view
        head = len(self._head)
        view[:head] = self._head
        self._sequence = (self._sequence + 1) & 0xFFFF
        rtp.HEADER.pack_into(
            view, 0, 0x90, kind | 128 if marker else kind, self._sequence, self._timestamp, self._line.ssrc
        )
        wide, time_at = self._places
        if wide:
            self._wide.sequence = (self._wide.sequence + 1) & 0xFFFF
            view[wide : wide + 2] = self._wide.sequence.to_bytes(2)
        if time_at:
            view[time_at : time_at + 3] = rtp.absolute_send_time(time.monotonic()).to_bytes(3)
        size = head + len(payload)
        view[head:size] = payload
        if picture:
            view[head + PICTURE_AT : head + DESCRIPTOR_BYTES] = picture
        self.packets += 1
        self.octets += len(payload)
        self._caller.send(size)

    def _report(self) -> None:
        seconds = time.time() + _NTP_EPOCH
        said = rtcp.SenderReport(
            self._line.ssrc, int(seconds * (1 << 32)) & (1 << 64) - 1, self._timestamp, self.packets, self.octets
        )
        self._caller.tell(rtcp.sender_report(said, b"caller"))


def _head(line: Line, extensions: Mapping[str, int], level: int) -> tuple[bytes, tuple[int, int]]:
    """The header of every packet with zeros for what changes, and where the two things lie that change."""
    block, places = bytearray(), {TRANSPORT_WIDE: 0, SEND_TIME: 0}
    values = {MID: line.mid.encode(), TRANSPORT_WIDE: bytes(2), SEND_TIME: bytes(3), AUDIO_LEVEL: bytes((128 | level,))}
    for uri, value in values.items():
        if uri in extensions:
            block += bytes((extensions[uri] << 4 | len(value) - 1,))
            if uri in places:
                places[uri] = rtp.HEADER_BYTES + 4 + len(block)
            block += value
    block += bytes(-len(block) % 4)
    head = bytes(rtp.HEADER_BYTES) + b"\xbe\xde" + (len(block) // 4).to_bytes(2) + bytes(block)
    return head, (places[TRANSPORT_WIDE], places[SEND_TIME])
