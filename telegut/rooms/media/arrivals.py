"""
Transport-wide feedback: tells a publisher when each of its packets arrived, so that it finds its own best rate.

The publisher's browser does the estimating; a forwarder only notes times. Time is an argument, in seconds.

Source: draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1.
"""

from __future__ import annotations

import math
import struct
from typing import Final

from telegut.rooms.media.rtcp import RTPFB, TRANSPORT_FEEDBACK
from telegut.rooms.media.rtp import ahead

TICK_S: Final = 0.00025
"""The unit of receive deltas."""
REFERENCE_S: Final = 0.064
"""The unit of the reference time."""
MOST: Final = 400
"""Packets of one feedback at most, so that it fits into one datagram: 400 x 2 bytes of deltas and 58 chunks."""

_HEAD = struct.Struct("!IIHHI")
_LOST, _SMALL, _LARGE = 0, 1, 2


class Arrivals:
    """When the packets of one transport arrived; `feedback` says it and forgets."""

    __slots__ = ("_count", "_next", "seen")

    def __init__(self) -> None:
        self.seen: dict[int, float] = {}
        """When the packet with each transport-wide sequence came, since the last feedback."""
        self._next: int | None = None
        self._count = 0

    def feedback(self, sender: int, ssrc: int) -> bytes | None:
        """The feedback about what came since the last, None when nothing did."""
        if not self.seen:
            return None
        seen, self.seen = self.seen, {}
        base = next(iter(seen))
        times: list[float | None]
        if self._next in (None, base) and len(seen) <= MOST and [*seen] == [*range(base, base + len(seen))]:
            times = [*seen.values()]  # as nearly always: all came, in order
        else:
            base, count = self._range(seen)
            times = [seen.get((base + at) & 0xFFFF) for at in range(count)]
        self._next = (base + len(times)) & 0xFFFF
        known = [time for time in times if time is not None]
        if not known:
            return None
        packet = _packet(sender, ssrc, base, times, min(known), self._count)
        self._count = (self._count + 1) & 0xFF
        return packet

    def _range(self, seen: dict[int, float]) -> tuple[int, int]:
        """From the one after the last told (or the oldest seen, when it came late) to the newest seen."""
        any_one = next(iter(seen))
        oldest = min(seen, key=lambda one: ahead(one, any_one))
        newest = max(seen, key=lambda one: ahead(one, any_one))
        base = oldest
        if self._next is not None and 0 < ahead(oldest, self._next) < MOST // 2:
            base = self._next
        count = ahead(newest, base) + 1
        return (base, count) if count <= MOST else ((newest - MOST + 1) & 0xFFFF, MOST)


def _packet(sender: int, ssrc: int, base: int, times: list[float | None], first: float, count: int) -> bytes:
    reference = int(first / REFERENCE_S)
    statuses, deltas = _deltas(times, reference * REFERENCE_S)
    body = _HEAD.pack(sender, ssrc, base, len(times), (reference & 0xFFFFFF) << 8 | count)
    body += b"".join(_chunks(statuses)) + deltas
    padding = -len(body) % 4
    head = bytes((0x80 | (0x20 if padding else 0) | TRANSPORT_FEEDBACK, RTPFB))
    tail = bytes(padding - 1) + bytes((padding,)) if padding else b""
    return head + ((len(body) + padding) // 4).to_bytes(2) + body + tail


def _deltas(times: list[float | None], since: float) -> tuple[list[int], bytes]:
    """A status for each packet, and the deltas of those that came. A delta that does not fit is called lost."""
    statuses: list[int] = []
    deltas = bytearray()
    last = round(since / TICK_S)
    before: float | None = math.nan
    for time in times:
        if time == before:
            statuses.append(_SMALL)
            deltas.append(0)
            continue
        ticks = None if time is None else round(time / TICK_S) - last
        if ticks is None or not -0x8000 <= ticks <= 0x7FFF:
            statuses.append(_LOST)
            continue
        last, before = last + ticks, time
        if 0 <= ticks <= 0xFF:
            statuses.append(_SMALL)
            deltas.append(ticks)
        else:
            statuses.append(_LARGE)
            deltas += ticks.to_bytes(2, signed=True)
    return statuses, bytes(deltas)


def _chunks(statuses: list[int]) -> list[bytes]:
    """Run lengths where seven or more are alike, else vectors of seven two-bit symbols."""
    if statuses.count(statuses[0]) == len(statuses):
        return [(statuses[0] << 13 | len(statuses)).to_bytes(2)]
    chunks: list[bytes] = []
    at = 0
    while at < len(statuses):
        run = at
        while run < len(statuses) and statuses[run] == statuses[at] and run - at < 0x1FFF:
            run += 1
        if run - at >= 7 or run == len(statuses):
            chunks.append((statuses[at] << 13 | run - at).to_bytes(2))
            at = run
            continue
        word = 0xC000
        for place, status in enumerate(statuses[at : at + 7]):
            word |= status << 12 - 2 * place
        chunks.append(word.to_bytes(2))
        at += 7
    return chunks
