"""
When something was said or shown, from RTP timestamps. Pure.

A stream's timestamps begin anywhere and wrap; its sender's reports tie them to the sender's clock (RFC 3550, section
6.4.1). All streams of one person share that clock, so that lips match. Its distance from ours is taken from the report
that travelled fastest. A stream whose sender has not reported is placed by its fastest packet instead.

Times are seconds since 1970 on our clock.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

NTP_1900_TO_1970: Final = 2_208_988_800
"""RFC 5905, section 6: NTP counts from 1900."""
EARLY_S: Final = 0.5
"""A picture that was taken so long before recording began is shown as its first; packets need time to arrive."""


class Unwrap:
    """Numbers of *bits* bits that wrap, as numbers that do not."""

    def __init__(self, bits: int) -> None:
        self._size = 1 << bits
        self._last: int | None = None

    def __call__(self, value: int) -> int:
        """The number that *value* stands for: the nearest to the one before."""
        if self._last is None:
            self._last = value
        half = self._size // 2
        self._last += (value - self._last + half) % self._size - half
        return self._last


def of_ntp(ntp: int) -> float:
    """64 bits of NTP, as seconds since 1970."""
    return ntp / (1 << 32) - NTP_1900_TO_1970


class Told(NamedTuple):
    """A sender's report: *timestamp* (unwrapped) was at *at* on the sender's clock; it came at *came* on ours."""

    timestamp: int
    at: float
    came: float


class Line:
    """The instants of one stream. clock: in Hz."""

    def __init__(self, clock: int) -> None:
        self.clock = clock
        self.told: list[Told] = []
        self._fastest = float("inf")

    def came(self, timestamp: int, at: float) -> None:
        """A packet with *timestamp* (unwrapped) came at *at*."""
        self._fastest = min(self._fastest, at - timestamp / self.clock)

    def at(self, timestamp: int, offset: float | None) -> float:
        """When *timestamp* was; *offset*: what to add to the sender's clock, None while it is not known."""
        if not self.told or offset is None:
            return self._fastest + timestamp / self.clock
        index = max(0, bisect_right(self.told, timestamp, key=lambda one: one.timestamp) - 1)
        told = self.told[index]
        return told.at + (timestamp - told.timestamp) / self.clock + offset


def offset(lines: Iterable[Line]) -> float | None:
    """What to add to the clock of a person's browser: from the report of theirs that travelled fastest."""
    found = [told.came - told.at for line in lines for told in line.told]
    return min(found, default=None)


class Span(NamedTuple):
    """It was recorded from *begin* to *end*."""

    begin: float
    end: float


class Reel:
    """The film's own time: what was recorded, without the pauses, from 0 s on."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans

    @property
    def length(self) -> float:
        """In seconds."""
        return sum(span.end - span.begin for span in self._spans)

    def place(self, at: float) -> float | None:
        """Where on the film *at* is; None: it was not recorded."""
        before = 0.0
        for span in self._spans:
            if span.begin - EARLY_S <= at < span.end:
                return before + max(0.0, at - span.begin)
            before += span.end - span.begin
        return None


def spans(marks: Iterable[tuple[float, bool]], last: float) -> list[Span]:
    """
    What was recorded, from marks (at, on) in order; *last*: when the last packet came, for a log without a last mark.
    """
    found: list[Span] = []
    begun: float | None = None
    for at, on in marks:
        if on and begun is None:
            begun = at
        elif not on and begun is not None:
            found.append(Span(begun, at))
            begun = None
    if begun is not None and last > begun:
        found.append(Span(begun, last))
    return found


def offsets(lines: Mapping[str, Sequence[Line]]) -> dict[str, float | None]:
    """`offset` for each person."""
    return {seat: offset(theirs) for seat, theirs in lines.items()}
