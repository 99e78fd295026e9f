"""A measure over time as a drawing: where points, lines, bands and labels lie, and what it says in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from telegut.outcomes.instruments import Band

WIDTH, HEIGHT = 420, 160
"""Of the drawing, in its own units; the page scales it."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 10, 10, 24
_INSET = 8
"""So that the first dot does not sit on the scale."""


@dataclass(frozen=True, slots=True)
class Dot:
    """One value."""

    x: float
    y: float
    day: date
    value: float


@dataclass(frozen=True, slots=True)
class Stripe:
    """A band as a rectangle over the whole width."""

    y: float
    height: float
    band: Band


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on the scale."""

    y: float
    value: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing; *lines* are the points lists of polylines, broken where days are missing."""

    dots: tuple[Dot, ...]
    lines: tuple[str, ...]
    stripes: tuple[Stripe, ...]
    ticks: tuple[Tick, ...]
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM
    width: int = WIDTH
    height: int = HEIGHT


def chart(
    values: Sequence[tuple[date, float]],
    *,
    low: int,
    high: int,
    bands: Sequence[Band] = (),
    gap: timedelta | None = None,
) -> Chart:
    """
    *values* (sorted by day) on the fixed scale from *low* to *high*; days are spaced by the calendar.

    gap: a line is broken where two neighbours lie further apart than this, so that missing days are seen. None: never.
    """
    dots = tuple(_dot(day, value, values[0][0], values[-1][0], low, high) for day, value in values)
    return Chart(dots, _lines(dots, gap), _stripes(bands, low, high), _ticks(low, high))


def _dot(day: date, value: float, first: date, last: date, low: int, high: int) -> Dot:
    days = (last - first).days
    share = (day - first).days / days if days else 0.5
    x = _LEFT + _INSET + share * (WIDTH - _LEFT - _RIGHT - 2 * _INSET)
    return Dot(round(x, 1), _up(value, low, high), day, value)


def _up(value: float, low: float, high: float) -> float:
    share = (min(max(value, low), high) - low) / (high - low)
    return round(HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM), 1)


def _lines(dots: Sequence[Dot], gap: timedelta | None) -> tuple[str, ...]:
    runs: list[list[Dot]] = []
    for dot in dots:
        if not runs or (gap is not None and dot.day - runs[-1][-1].day > gap):
            runs.append([])
        runs[-1].append(dot)
    return tuple(" ".join(f"{dot.x:g},{dot.y:g}" for dot in run) for run in runs if len(run) > 1)


def _stripes(bands: Sequence[Band], low: int, high: int) -> tuple[Stripe, ...]:
    """Bands of whole totals meet half way between them."""
    found = []
    for band in bands:
        top, bottom = _up(band.high + 0.5, low, high), _up(band.low - 0.5, low, high)
        found.append(Stripe(top, round(bottom - top, 1), band))
    return tuple(found)


def _ticks(low: int, high: int) -> tuple[Tick, ...]:
    middle = (low + high) // 2
    return tuple(Tick(_up(value, low, high), value) for value in (low, middle, high))
