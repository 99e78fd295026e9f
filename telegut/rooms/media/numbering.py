"""
How a place's numbers go on when another stream takes it: offsets for sequence, timestamp and VP8's picture ids. Pure.

Source: RFC 3550, section 5.1; RFC 7741, section 4.2 (picture id of 7 or 15 bits, TL0PICIDX of 8, both wrap).
"""

from __future__ import annotations

from typing import NamedTuple

from telegut.rooms.media import payloads
from telegut.rooms.media.inbound import Inbound


class Numbering(NamedTuple):
    """From *first* (ours) on: the stream, and what is added to its numbers."""

    first: int
    stream: Inbound
    sequence: int = 0
    timestamp: int = 0
    picture: int = 0
    level: int = 0


class Last(NamedTuple):
    """What a place sent last: our sequence number and timestamp, and seconds since."""

    sequence: int
    timestamp: int
    ago: float


def continued(
    before: Numbering, last: Last, stream: Inbound, sequence: int, timestamp: int, payload: bytes
) -> Numbering:
    """*stream*, whose packet with these numbers comes next, goes on where *last* was."""
    first = (last.sequence + 1) & 0xFFFF
    stamp = last.timestamp + max(1, int(last.ago * stream.clock))
    picture, level = _pictures(before, last, stream, payload)
    return Numbering(first, stream, (first - sequence) & 0xFFFF, (stamp - timestamp) & 0xFFFFFFFF, picture, level)


def _pictures(before: Numbering, last: Last, stream: Inbound, payload: bytes) -> tuple[int, int]:
    if stream.codec != "vp8" or before.stream.codec != "vp8":
        return 0, 0
    kept = before.stream.kept((last.sequence - before.sequence) & 0xFFFF)
    old = payloads.vp8(kept[3]) if kept is not None else None
    new = payloads.vp8(payload)
    if kept is None or old is None or new is None or old.picture < 0 or new.picture < 0:
        return 0, 0
    picture = (picture_id(kept[3], old) + before.picture + 1 - picture_id(payload, new)) & 0x7FFF
    if old.level < 0 or new.level < 0:
        return picture, 0
    return picture, (kept[3][old.level] + before.level + 1 - payload[new.level]) & 0xFF


def picture_id(payload: bytes, found: payloads.Vp8) -> int:
    """The picture id in *payload*."""
    if found.wide:
        return int.from_bytes(payload[found.picture : found.picture + 2]) & 0x7FFF
    return payload[found.picture] & 0x7F


def renumber(view: memoryview, at: int, payload: bytes, numbering: Numbering) -> None:
    """Write *numbering*'s picture ids over those of *payload*, which lies in *view* from *at* on."""
    found = payloads.vp8(payload)
    if found is None:
        return
    if found.picture >= 0:
        picture = picture_id(payload, found) + numbering.picture
        where = at + found.picture
        if found.wide:
            view[where : where + 2] = (0x8000 | picture & 0x7FFF).to_bytes(2)
        else:
            view[where : where + 1] = bytes((picture & 0x7F,))
    if found.level >= 0:
        where = at + found.level
        view[where : where + 1] = bytes(((payload[found.level] + numbering.level) & 0xFF,))
