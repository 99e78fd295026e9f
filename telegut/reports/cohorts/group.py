"""
A comparison group: people who were measured in one way, as a versioned thing that never changes once it is used.

Two kinds of figures: of a clinic's own group the value of every person is known (and sealed), of a published one only
its percentiles. What may be said of either is decided in `places`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

LEVELS = (0.025, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.975)
"""The percentiles that are published of a group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Who is in a group and how they were measured, in words. ``None`` is what is not stated; it is never guessed."""

    name: str
    n: int
    inclusion: str
    region: str
    pipeline: str
    database: str
    denominator: str
    licence: str
    source: str
    age_from: int | None = None
    age_to: int | None = None
    women: int | None = None
    men: int | None = None
    country: str | None = None
    antibiotics: str | None = None
    kit: str | None = None
    extraction: str | None = None
    depth: int | None = None
    """Reads of the shallowest sample, or the number to which all were cut."""

    def as_answer(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Between:
    """How many of 100 % of a group lie below a value: at least and at most, as shares. Equal where it is known."""

    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Values:
    """The value of every person, in percent of the sample, sorted; of a genus or, in nats, of Shannon's index."""

    sorted: tuple[float, ...]

    @property
    def n(self) -> int:
        """People."""
        return len(self.sorted)

    @property
    def have(self) -> int:
        """People who have more than nothing of it."""
        return self.n - bisect_right(self.sorted, 0.0)

    def below(self, value: float) -> Between:
        """Which share has less than *value*."""
        share = bisect_left(self.sorted, value) / self.n
        return Between(share, share)

    def at(self, level: float) -> float:
        """The percentile at *level* (0 to 1), between the two people at rank level·(n + 1), as CLSI EP28-A3c has it."""
        place = min(max(level * (self.n + 1), 1.0), float(self.n))
        low = int(place)
        upper = self.sorted[min(low, self.n - 1)]
        return self.sorted[low - 1] + (place - low) * (upper - self.sorted[low - 1])

    def ranked(self, low: int | None, high: int | None) -> tuple[float | None, float | None]:
        """The values of the people at two ranks from 1."""
        return (
            None if low is None else self.sorted[low - 1],
            None if high is None else self.sorted[high - 1],
        )


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Percentiles that somebody published, in percent of the sample, and how many people have the genus at all."""

    n: int
    have: int
    known: Mapping[float, float]

    def below(self, value: float) -> Between:
        """Which share has less than *value*: enclosed by the nearest published percentiles, never interpolated."""
        nothing = (self.n - self.have) / self.n if value > 0 else 0.0
        least = max((level for level, at in self.known.items() if at < value), default=0.0)
        most = min((level for level, at in self.known.items() if at >= value), default=1.0)
        return Between(max(least, nothing), max(most, nothing))

    def at(self, level: float) -> float:
        """The published percentile at *level*."""
        return self.known[level]

    def ranked(self, low: int | None, high: int | None) -> tuple[float | None, float | None]:
        """Values that certainly enclose the people at two ranks: the next published percentile outwards, if any."""
        ranks = {level: (level * (self.n + 1), 1 + level * (self.n - 1)) for level in self.known}  # both ways to count
        under = [at for level, at in self.known.items() if low is not None and max(ranks[level]) <= low]
        over = [at for level, at in self.known.items() if high is not None and min(ranks[level]) >= high]
        return max(under, default=None), min(over, default=None)


Figures = Values | Percentiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """
    A group at one version. *id* and *version* are what a report pins.

    complete: a genus that is not in *genera* was met in nobody; of a published group, only that it was left out.
    dots_allowed: its people agreed that single values may be drawn. withdrawn: it is used for no new report.
    """

    id: str
    version: int
    about: About
    genera: Mapping[str, Figures]
    shannon: Values | None = None
    complete: bool = False
    dots_allowed: bool = False
    built_in: bool = False
    withdrawn: bool = False
    approved_by: str | None = None
    approved_at: str | None = None

    @property
    def n(self) -> int:
        """People."""
        return self.about.n
