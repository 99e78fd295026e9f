"""
Pictures and sounds out of packets, without decoding them. Pure.

Sources: RFC 7741, section 4.2 (VP8 payload descriptor); RFC 6386, section 9.1 (frame header); RFC 7587 and RFC 6716,
section 3.1 and 3.2 (Opus: a packet is a frame, its first byte says how long it is).
"""

from __future__ import annotations

from typing import Final, NamedTuple

OPUS_HZ: Final = 48_000
SILENCE: Final = b"\xf8\xff\xfe"
"""An Opus packet of 20 ms in which nothing is heard: configuration 31 (CELT, full band), one frame, all flags zero."""
SILENCE_SAMPLES: Final = 960
_LONGEST_SAMPLES: Final = 5_760
_START_CODE: Final = b"\x9d\x01\x2a"
HOLD_S: Final = 1.0
"""How long a packet that is missing is waited for; what was asked for again comes within 0.4 s."""


def opus_samples(packet: bytes) -> int:
    """How long *packet* is, at 48 kHz; 0 when it is no Opus packet."""
    if not packet:
        return 0
    config, code = packet[0] >> 3, packet[0] & 3
    if config < 12:
        frame = (480, 960, 1920, 2880)[config & 3]
    elif config < 16:
        frame = (480, 960)[config & 1]
    else:
        frame = (120, 240, 480, 960)[config & 3]
    if code == 3 and len(packet) < 2:
        return 0
    count = (1, 2, 2, packet[1] & 0x3F if code == 3 else 0)[code]
    samples = frame * count
    return samples if samples <= _LONGEST_SAMPLES else 0


class Piece(NamedTuple):
    """A packet's part of a VP8 frame; *first*: the frame begins with it."""

    first: bool
    body: bytes


def vp8_piece(payload: bytes) -> Piece | None:
    """*payload* without its descriptor; None when it is cut short."""
    if not payload:
        return None
    first, at = payload[0], 1
    if first & 0x80:
        if len(payload) < 2:
            return None
        more, at = payload[1], 2
        if more & 0x80:
            at += 2 if len(payload) > 2 and payload[2] & 0x80 else 1
        at += bool(more & 0x40) + bool(more & 0x30)
    if at >= len(payload):
        return None
    return Piece(first & 0x1F == 0x10, payload[at:])


def vp8_size(frame: bytes) -> tuple[int, int] | None:
    """Width and height of a key frame; None for any other frame."""
    if len(frame) < 10 or frame[0] & 1 or frame[3:6] != _START_CODE:
        return None
    width, height = int.from_bytes(frame[6:8], "little") & 0x3FFF, int.from_bytes(frame[8:10], "little") & 0x3FFF
    return (width, height) if width and height else None


class Arrived(NamedTuple):
    """A packet as it came; sequence and timestamp unwrapped, *came* in seconds."""

    sequence: int
    timestamp: int
    came: float
    marker: bool
    payload: bytes


class InOrder:
    """Puts the packets of one stream in order. What does not come in `HOLD_S` is lost."""

    def __init__(self) -> None:
        self._waiting: dict[int, Arrived] = {}
        self._next: int | None = None

    def put(self, packet: Arrived) -> list[tuple[Arrived, bool]]:
        """The packets whose turn it is now; with each whether something is missing right before it."""
        if self._next is None:
            self._next = packet.sequence
        if packet.sequence >= self._next:
            self._waiting[packet.sequence] = packet
        ready = self._contiguous(False)
        while self._waiting and packet.came - min(one.came for one in self._waiting.values()) > HOLD_S:
            ready += self._skip()
        return ready

    def rest(self) -> list[tuple[Arrived, bool]]:
        """No more comes."""
        ready: list[tuple[Arrived, bool]] = []
        while self._waiting:
            ready += self._skip()
        return ready

    def _skip(self) -> list[tuple[Arrived, bool]]:
        self._next = min(self._waiting)
        return self._contiguous(True)

    def _contiguous(self, lost: bool) -> list[tuple[Arrived, bool]]:
        ready = []
        assert self._next is not None
        while (packet := self._waiting.pop(self._next, None)) is not None:
            ready.append((packet, lost))
            lost = False
            self._next += 1
        return ready


class Picture(NamedTuple):
    """A whole frame; *size* of a key frame, None for any other."""

    timestamp: int
    data: bytes
    size: tuple[int, int] | None


class Vp8Frames:
    """Whole frames of one stream. After a loss the next is a key frame: what builds on a lost one would be torn."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._timestamp = 0
        self._needs_key = True

    def put(self, packet: Arrived, lost: bool) -> Picture | None:
        """The frame that *packet* completes, if it does."""
        piece = vp8_piece(packet.payload)
        if lost or piece is None:
            self._needs_key, self._parts = True, []
        if piece is None:
            return None
        if piece.first:
            self._parts, self._timestamp = [], packet.timestamp
        elif not self._parts or packet.timestamp != self._timestamp:
            self._needs_key, self._parts = True, []
            return None
        self._parts.append(piece.body)
        return self._whole() if packet.marker else None

    def _whole(self) -> Picture | None:
        data, self._parts = b"".join(self._parts), []
        size = vp8_size(data)
        if self._needs_key and size is None:
            return None
        self._needs_key = False
        return Picture(self._timestamp, data, size)
