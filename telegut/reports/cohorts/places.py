"""
What may be shown of one genus of one person beside a group, by the size of the group. Pure; no words.

Sizes (domain research 4.4; 120 is what CLSI EP28-A3c asks for a non-parametric 95 % interval with 90 % limits): under 5
nothing; 5 to 19 no position, and single dots only when the people agreed; 20 to 39 median and quartiles; 40 to 119 the
10th to the 90th; from 120 on the 2.5th to the 97.5th. Each percentile comes with the 90 % limits of order statistics.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from telegut.reports.cohorts.binomial import ranks, share_interval
from telegut.reports.cohorts.group import Figures, Group, Percentiles, Values

FEWEST = 5
FEWEST_FOR_QUARTILES = 20
FEWEST_FOR_TENTHS = 40
FEWEST_FOR_FORTIETHS = 120
RARE = 0.20
"""A genus that a smaller share of the group has is only told as found or not found."""
FEWEST_TOLD = 5
"""Fewer people than these are told as "fewer than 5": counts of one or two point at persons (Cho, PLoS ONE 2021)."""
BAND_CONFIDENCE = 0.90
POSITION_CONFIDENCE = 0.95

How = Literal["nothing", "dots", "quartiles", "tenths", "fortieths", "found", "unknown"]
"""``found``: only whether it was found. ``unknown``: the group says nothing about this genus. Else the widest band."""

_LEVELS: dict[str, tuple[float, ...]] = {
    "quartiles": (0.25, 0.50, 0.75),
    "tenths": (0.10, 0.25, 0.50, 0.75, 0.90),
    "fortieths": (0.025, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.975),
}


@dataclass(frozen=True, slots=True)
class Quantile:
    """
    A percentile of a group with its 90 % limits, in percent of the sample. *level* is 0 to 1.

    ``None``: the group is too small to bound it on that side. Of a published group the limits are the nearest published
    percentiles outside of the true ones, so they are wider than they would have to be.
    """

    level: float
    value: float
    low: float | None
    high: float | None

    @property
    def name(self) -> str:
        """``p2_5``, ``p50``, …: the name in JSON."""
        return f"p{self.level * 100:g}".replace(".", "_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """
    Where one person's genus lies beside a group.

    percent: of the sample; 0 when it was not detected. have: people of n who have it, ``None`` when not known. low,
    high: it is more than so many of 100 people have; whole numbers, with 95 % confidence. points: single values.
    """

    name: str
    percent: float
    detected: bool
    n: int
    have: int | None
    how: How
    low: int | None = None
    high: int | None = None
    band: tuple[Quantile, ...] = ()
    points: tuple[float, ...] = ()

    @property
    def prevalence(self) -> float | None:
        """The share of the group that has it, 0 to 1."""
        return None if self.have is None or not self.n else self.have / self.n


def shown_of(n: int, *, dots_allowed: bool) -> How:
    """How much may be shown of any genus of a group of *n* people."""
    if n < FEWEST:
        return "nothing"
    if n < FEWEST_FOR_QUARTILES:
        return "dots" if dots_allowed else "nothing"
    if n < FEWEST_FOR_TENTHS:
        return "quartiles"
    return "tenths" if n < FEWEST_FOR_FORTIETHS else "fortieths"


def place_of(name: str, percent: float, group: Group) -> Place:
    """Where *percent* of a sample (0: not detected) lies beside *group*."""
    figures, n = group.genera.get(name), group.n
    how = shown_of(n, dots_allowed=group.dots_allowed)
    detected = percent > 0
    if how == "nothing" or (figures is None and not group.complete):
        how = how if how == "nothing" else "unknown"
        return Place(name=name, percent=percent, detected=detected, n=n, have=None, how=how)
    have = figures.have if figures is not None else 0
    if how == "dots":
        points = figures.sorted if isinstance(figures, Values) else ()
        return Place(name=name, percent=percent, detected=detected, n=n, have=None, how=how, points=points)
    if figures is None or have < RARE * n or not detected or _too_little_to_tell(percent, group):
        return Place(name=name, percent=percent, detected=detected, n=n, have=have, how="found")
    return _placed(name, percent, figures, have, n, how)


def place_of_shannon(value: float, group: Group) -> Place | None:
    """Where Shannon's index (nats) lies beside the group's; ``None`` when the group's is not known or too small."""
    how = shown_of(group.n, dots_allowed=False)
    if group.shannon is None or how == "nothing":
        return None
    return _placed("shannon", value, group.shannon, group.n, group.n, how)


def _too_little_to_tell(percent: float, group: Group) -> bool:
    """Whether *percent* is less than one read at the group's depth: its zeros may be no zeros."""
    return group.about.depth is not None and percent < 100 / group.about.depth


def _placed(name: str, percent: float, figures: Figures, have: int, n: int, how: How) -> Place:
    low, high = position(figures, percent)
    band = tuple(_quantile(figures, n, level) for level in _LEVELS[how])
    return Place(
        name=name, percent=percent, detected=percent > 0, n=n, have=have, how=how, low=low, high=high, band=band
    )


def position(figures: Values | Percentiles, value: float) -> tuple[int, int]:
    """More than so many of 100 people: at least and at most, rounded outwards, with 95 % confidence."""
    below, n = figures.below(value), figures.n
    fewest = math.floor(round(below.least * n, 6))  # a share that is a whole number of people stays one
    most = math.ceil(round(below.most * n, 6))
    least, at_most = share_interval(fewest, n, POSITION_CONFIDENCE)[0], share_interval(most, n, POSITION_CONFIDENCE)[1]
    return math.floor(least * 100), math.ceil(at_most * 100)


def _quantile(figures: Figures, n: int, level: float) -> Quantile:
    low, high = figures.ranked(*ranks(n, level, BAND_CONFIDENCE))
    return Quantile(level, figures.at(level), low, high)
