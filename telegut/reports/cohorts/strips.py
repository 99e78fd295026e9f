"""
A comparison as lines to draw and to read: one a genus, with the strip behind it. Pure.

The strip's scale is the square root of the share, because shares of one genus span four powers of ten and may be zero.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from telegut.reports.cohorts import words
from telegut.reports.cohorts.comparison import Comparison
from telegut.reports.cohorts.places import Place, Quantile


@dataclass(frozen=True, slots=True)
class Strip:
    """
    Places along a line from 0 to 100: of the person, of the percentiles, of the limits of the two quartiles.

    limits: for each quartile from where to where the true one lies; open sides reach the end of the line.
    """

    at: float
    first: float
    lower: float
    median: float
    upper: float
    last: float
    limits: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One genus: its name, its sentence, its strip where the size of the group allows one."""

    name: str
    words: str
    strip: Strip | None


def lines(compared: Comparison, most: int) -> tuple[Line, ...]:
    """The *most* largest genera that were detected."""
    return tuple(_line(one, compared.reads) for one in compared.places if one.detected)[:most]


def lacking(compared: Comparison) -> tuple[Line, ...]:
    """Genera that were not detected and that most of the group have."""
    return tuple(_line(one, compared.reads) for one in compared.places if not one.detected)


def diversity(compared: Comparison) -> Line | None:
    """Shannon's index beside the group's, where that is known."""
    return None if compared.diversity is None else _line(compared.diversity, None)


def _line(place: Place, reads: int | None) -> Line:
    return Line(place.name, words.of_place(place, reads), strip_of(place))


def strip_of(place: Place) -> Strip | None:
    """The strip of *place*; ``None`` where there is no band."""
    by_level = {one.level: one for one in place.band}
    if not {0.25, 0.5, 0.75} <= set(by_level):
        return None
    longest = max(place.percent, *(one.value for one in place.band), *_highs(place.band))
    if longest <= 0:
        return None

    def along(value: float) -> float:
        return round(100 * math.sqrt(max(value, 0.0) / longest), 2)

    quartiles = (by_level[0.25], by_level[0.75])
    return Strip(
        at=along(place.percent),
        first=along(place.band[0].value),
        lower=along(quartiles[0].value),
        median=along(by_level[0.5].value),
        upper=along(quartiles[1].value),
        last=along(place.band[-1].value),
        limits=tuple(
            (0.0 if one.low is None else along(one.low), 100.0 if one.high is None else along(one.high))
            for one in quartiles
        ),
    )


def _highs(band: Sequence[Quantile]) -> list[float]:
    return [one.high for one in band if one.high is not None and one.level in {0.25, 0.75}] or [0.0]
