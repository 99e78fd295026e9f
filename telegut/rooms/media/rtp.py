"""
RTP packets as bytes: where things lie in them, and sequence numbers that wrap. Pure.

Source: RFC 3550, section 5.1 (header); RFC 8285, section 4 (header extensions); RFC 4588, section 4 (retransmission).
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

HEADER: Final = struct.Struct("!BBHII")
"""First byte (version, padding, extension, count of CSRC), marker and payload type, sequence, timestamp, SSRC."""
EXTENDED: Final = struct.Struct("!BBHIII")
"""The header, and the four bytes behind it: the head of the extension block, if the first byte says there is one."""
HEADER_BYTES: Final = 12
FIRST_RTCP: Final = 192
LAST_RTCP: Final = 223
"""Second byte of packets on a shared port that are RTCP and not RTP (RFC 5761, section 4)."""
WORD: Final = struct.Struct("!H")
LONG: Final = struct.Struct("!I")
ONE_BYTE: Final = 0xBEDE
"""Profile of one-byte header extensions (RFC 8285, section 4.2)."""
TWO_BYTES: Final = 0x1000
"""Profile of two-byte header extensions; its low four bits are free (RFC 8285, section 4.3)."""
STOP: Final = 15
"""A one-byte extension with this id ends the block (RFC 8285, section 4.2)."""

Bytes = bytes | bytearray | memoryview


class Span(NamedTuple):
    """Where a packet's extension block (without its four bytes of head) and payload lie; all in bytes."""

    profile: int
    extensions: int
    extensions_end: int
    payload: int
    end: int


def is_rtcp(second_byte: int) -> bool:
    """Whether a packet on a shared port is RTCP; RFC 5761, section 4."""
    return FIRST_RTCP <= second_byte <= LAST_RTCP


def span(packet: Bytes, length: int) -> Span | None:
    """Where things lie in the first *length* bytes; None when it is no RTP packet that could be forwarded."""
    if length < HEADER_BYTES or packet[0] >> 6 != 2:
        return None
    first = packet[0]
    payload = HEADER_BYTES + 4 * (first & 15)
    profile, extensions, extensions_end = 0, payload, payload
    if first & 16:
        if payload + 4 > length:
            return None
        profile = WORD.unpack_from(packet, payload)[0]
        extensions = payload + 4
        extensions_end = payload = extensions + 4 * WORD.unpack_from(packet, payload + 2)[0]
    end = length - packet[length - 1] if first & 32 else length
    if payload > length or end < payload:
        return None
    return Span(profile, extensions, extensions_end, payload, end)


def extension(packet: Bytes, where: Span, wanted: int) -> tuple[int, int] | None:
    """Offset and length of the header extension *wanted* (an id, from 1), None when the packet has none."""
    if where.profile == ONE_BYTE:
        return _one_byte(packet, where.extensions, where.extensions_end, wanted)
    if where.profile & 0xFFF0 == TWO_BYTES:
        return _two_bytes(packet, where.extensions, where.extensions_end, wanted)
    return None


def _one_byte(packet: Bytes, at: int, end: int, wanted: int) -> tuple[int, int] | None:
    while at < end:
        head = packet[at]
        if head == 0:
            at += 1
            continue
        name, length = head >> 4, (head & 15) + 1
        if name == STOP or at + 1 + length > end:
            return None
        if name == wanted:
            return at + 1, length
        at += 1 + length
    return None


def _two_bytes(packet: Bytes, at: int, end: int, wanted: int) -> tuple[int, int] | None:
    while at < end:
        name = packet[at]
        if name == 0:
            at += 1
            continue
        if at + 2 > end or at + 2 + packet[at + 1] > end:
            return None
        if name == wanted:
            return at + 2, packet[at + 1]
        at += 2 + packet[at + 1]
    return None


def ahead(sequence: int, other: int) -> int:
    """How far *sequence* is ahead of *other*, modulo 2^16, from -32768 to 32767."""
    return ((sequence - other + 0x8000) & 0xFFFF) - 0x8000


def later(timestamp: int, other: int) -> int:
    """How far *timestamp* is ahead of *other*, modulo 2^32, signed."""
    return ((timestamp - other + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000


def absolute_send_time(seconds: float) -> int:
    """
    *seconds* as the 24 bits of the abs-send-time extension: 6.18 fixed point, wrapping every 64 s.

    Source: http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time.
    """
    return int(seconds * 262144) & 0xFFFFFF
