"""
What a forwarder must know of a payload without decoding it: does a key frame begin here, and VP8's picture ids.

Sources: RFC 7741, section 4.2 (VP8 payload descriptor) and RFC 6386, section 9.1 (key frame bit); RFC 6184, sections
5.2, 5.7 and 5.8 (H.264: single, STAP-A, FU-A); RFC 2198, section 3 (RED).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from telegut.rooms.media.rtp import Bytes

H264_IDR: Final = 5
H264_SPS: Final = 7
H264_STAP_A: Final = 24
H264_FU_A: Final = 28


class Vp8(NamedTuple):
    """
    A VP8 payload descriptor.

    key: the packet begins a key frame. picture: offset of the picture id, -1 without one; wide: it has 15 bits. level:
    offset of TL0PICIDX, -1 without one.
    """

    key: bool
    picture: int
    wide: bool
    level: int


def vp8(payload: Bytes) -> Vp8 | None:
    """The descriptor at the beginning of *payload*; None when it is cut short."""
    size = len(payload)
    if size < 2:
        return None
    first, at, picture, level, wide = payload[0], 1, -1, -1, False
    if first & 0x80:
        more = payload[1]
        at = 2
        if more & 0x80:
            if at >= size:
                return None
            picture, wide = at, bool(payload[at] & 0x80)
            at += 2 if wide else 1
        if more & 0x40:
            level = at
            at += 1
        if more & 0x30:
            at += 1
    if at >= size:
        return None
    # S set and partition 0: the frame's own header follows, whose lowest bit is 0 in a key frame.
    key = first & 0x1F == 0x10 and not payload[at] & 0x01
    return Vp8(key, picture, wide, level)


def vp8_key(payload: Bytes) -> bool:
    """Whether a VP8 payload begins a picture that can be decoded alone."""
    # Most packets are not the first of a frame, and need no reading.
    if not payload or payload[0] & 0x1F != 0x10:
        return False
    found = vp8(payload)
    return found is not None and found.key


def h264_key(payload: Bytes) -> bool:
    """Whether an H.264 payload begins a picture that can be decoded alone."""
    if len(payload) < 2:
        return False
    kind = payload[0] & 0x1F
    if kind == H264_FU_A:
        return bool(payload[1] & 0x80) and payload[1] & 0x1F in (H264_IDR, H264_SPS)
    if kind == H264_STAP_A:
        return len(payload) > 3 and payload[3] & 0x1F in (H264_IDR, H264_SPS)
    return kind in (H264_IDR, H264_SPS)


def red_primary(payload: bytes) -> tuple[int, bytes] | None:
    """The payload type and bytes of the newest block of a RED payload; None when its headers are broken."""
    at, older = 0, 0
    while at < len(payload) and payload[at] & 0x80:
        if at + 4 > len(payload):
            return None
        older += ((payload[at + 2] & 0x03) << 8) | payload[at + 3]
        at += 4
    if at >= len(payload) or at + 1 + older > len(payload):
        return None
    return payload[at] & 0x7F, payload[at + 1 + older :]
