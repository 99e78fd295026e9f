"""
What is known of the reception of one RTP stream: what was lost, what is missing, how it jitters. Pure; time in s.

Source: RFC 3550, sections 6.4.1, A.1, A.3 and A.8 (reports); RFC 4585, section 6.2.1 (asking again).
"""

from __future__ import annotations

import math
from typing import Final

from telegut.rooms.media.rtcp import Block
from telegut.rooms.media.rtp import ahead

MOST_MISSING: Final = 300
"""More missing at once is an outage, not loss: a key frame is asked for instead of each packet."""
ASK_AGAIN_S: Final = 0.06
TRIES: Final = 6
STALE: Final = 3000
"""A sequence number that jumps by more begins a new count (MAX_DROPOUT of RFC 3550, A.1)."""


class Reception:
    """One stream, as its receiver sees it. clock: the stream's, in Hz."""

    __slots__ = (
        "_asked",
        "_base",
        "_clock",
        "_cycles",
        "_expected_before",
        "_highest",
        "_jitter",
        "_next",
        "_received",
        "_received_before",
        "_report",
        "_report_at",
        "_timestamp",
        "_transit",
        "missing",
        "outage",
    )

    def __init__(self, clock: int) -> None:
        self._clock = clock
        self._base = self._highest = self._next = -1
        self._cycles = 0
        self._received = self._received_before = self._expected_before = 0
        self._jitter = 0.0
        self._transit = math.nan
        self._timestamp = -1
        self._report = 0
        self._report_at = 0.0
        self._asked: dict[int, tuple[float, int]] = {}
        self.missing: dict[int, float] = {}
        """Sequence numbers that did not come, and since when they are missed."""
        self.outage = False
        """So much was lost at once that only a key frame helps; cleared by who asks for it."""

    @property
    def highest(self) -> int:
        """The highest sequence number so far, without its cycles; -1 before the first."""
        return self._highest

    def take(self, sequence: int, timestamp: int, now: float) -> bool:
        """A packet came; whether it is new (not one that was here before)."""
        if sequence == self._next:  # as nearly all do
            if not sequence:
                self._cycles += 1
            self._highest, self._next = sequence, (sequence + 1) & 0xFFFF
            self._received += 1
            if timestamp != self._timestamp:
                self._wobble(timestamp, now)
            return True
        new = self._take_other(sequence, timestamp, now)
        self._next = (self._highest + 1) & 0xFFFF
        return new

    def _take_other(self, sequence: int, timestamp: int, now: float) -> bool:
        """The first packet, or one that is not the next."""
        if self._highest < 0:
            self._base = self._highest = sequence
            self._received = 1
            return True
        step = ahead(sequence, self._highest)
        if step > STALE or step < -STALE:
            self._begin_again(sequence)
        elif step > 0:
            self._gap(sequence, step, now)
        elif self.missing.pop(sequence, None) is None:
            return False
        else:
            self._asked.pop(sequence, None)
            self._received += 1
            return True
        self._received += 1
        self._wobble(timestamp, now)
        return True

    def _begin_again(self, sequence: int) -> None:
        self._base = self._highest = sequence
        self._cycles = self._received = self._received_before = self._expected_before = 0
        self._forget()
        self.outage = True

    def _forget(self) -> None:
        self.missing.clear()
        self._asked.clear()

    def _gap(self, sequence: int, step: int, now: float) -> None:
        if step - 1 + len(self.missing) > MOST_MISSING:
            self._forget()
            self.outage = True
        else:
            for back in range(step - 1, 0, -1):
                self.missing[(sequence - back) & 0xFFFF] = now
        if sequence < self._highest:
            self._cycles += 1
        self._highest = sequence

    def _wobble(self, timestamp: int, now: float) -> None:
        """Jitter, from the first packet of each frame, as libwebrtc has it: the others come with it."""
        self._timestamp = timestamp
        transit = now * self._clock - timestamp
        change = abs(transit - self._transit)
        if change < self._clock:  # a wrapped or restarted timestamp is no jitter
            self._jitter += (change - self._jitter) / 16
        self._transit = transit

    def ask(self, now: float) -> list[int]:
        """What to ask for again now; what was asked for often enough is given up."""
        wanted: list[int] = []
        for sequence in list(self.missing):
            asked_at, tries = self._asked.get(sequence, (-1.0, 0))
            if tries >= TRIES:
                del self.missing[sequence], self._asked[sequence]
                self.outage = True
            elif now - asked_at >= ASK_AGAIN_S:
                self._asked[sequence] = now, tries + 1
                wanted.append(sequence)
        return wanted

    def heard_report(self, ntp: int, now: float) -> None:
        """The sender's report with *ntp* came."""
        self._report, self._report_at = ntp >> 16 & 0xFFFFFFFF, now

    def block(self, ssrc: int, now: float) -> Block:
        """What to report of it; counts from the last report on."""
        highest = self._cycles << 16 | max(self._highest, 0)
        expected = highest - self._base + 1 if self._highest >= 0 else 0
        lost = expected - self._received
        interval = expected - self._expected_before
        lost_now = interval - (self._received - self._received_before)
        fraction = min(255, lost_now * 256 // interval) if interval > 0 and lost_now > 0 else 0
        self._expected_before, self._received_before = expected, self._received
        since = int((now - self._report_at) * 65536) & 0xFFFFFFFF if self._report else 0
        return Block(
            ssrc, fraction, max(-0x800000, min(lost, 0x7FFFFF)), highest, int(self._jitter), self._report, since
        )
