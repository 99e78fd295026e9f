"""Small pictures of few numbers over time: where the points lie, and what the picture says in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from telegut.web.words import gettext as _

WIDTH, HEIGHT = 240, 64
"""Of the drawing, in its own units; the page scales it."""
_MARGIN = 4


@dataclass(frozen=True, slots=True)
class Point:
    """One value: where it lies in the drawing, and how it is read."""

    x: float
    y: float
    day: str
    text: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing: *lines* are the points lists of polylines, *summary* is read to who does not see it."""

    points: tuple[Point, ...]
    lines: tuple[str, ...]
    summary: str
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def last(self) -> Point | None:
        """The newest value."""
        return self.points[-1] if self.points else None


def trend(
    values: Sequence[tuple[date, float]],
    *,
    low: float,
    high: float,
    day_text: dict[date, str],
    span: tuple[date, date] | None = None,
) -> Plot:
    """
    The values in time order, on a fixed scale from *low* to *high* (the instrument's own range, so that plots of one
    instrument may be compared by eye). Days are spaced by the calendar, not by their number.

    day_text: how each day is written. span: the first and the last day of the drawing, so that plots side by side share
    their time; those of the values themselves unless given.
    """
    ordered = sorted(values)
    if not ordered:
        return Plot((), (), _("No values yet."))
    first, last = span or (ordered[0][0], ordered[-1][0])
    points = tuple(
        Point(_across(day, first, last), _up(value, low, high), day_text.get(day, day.isoformat()), number(value))
        for day, value in ordered
    )
    line = " ".join(f"{point.x:g},{point.y:g}" for point in points)
    return Plot(points, (line,), _summary(points))


AXIS_DAYS = 14
"""The shortest time a drawing shows, so that few days do not look like a long way."""


def axis(days: Iterable[date], until: date) -> tuple[date, date]:
    """The span of a drawing: from the first of *days* to *until*, and at least `AXIS_DAYS` long."""
    first = min(days, default=until)
    return first, max(until, first + timedelta(days=AXIS_DAYS - 1))


def number(value: float) -> str:
    """A value as it is read: at most one decimal, none when it is whole."""
    return f"{value:.1f}".removesuffix(".0")


def _across(day: date, first: date, last: date) -> float:
    days = (last - first).days
    share = (day - first).days / days if days else 0.5
    return round(_MARGIN + share * (WIDTH - 2 * _MARGIN), 1)


def _up(value: float, low: float, high: float) -> float:
    share = (min(max(value, low), high) - low) / (high - low)
    return round(HEIGHT - _MARGIN - share * (HEIGHT - 2 * _MARGIN), 1)


def _summary(points: Sequence[Point]) -> str:
    first, last = points[0], points[-1]
    if len(points) == 1:
        return _("One value: %(value)s on %(day)s.", value=last.text, day=last.day)
    return str(
        _(
            "%(count)s values, from %(first)s on %(first_day)s to %(last)s on %(last_day)s.",
            count=len(points),
            first=first.text,
            first_day=first.day,
            last=last.text,
            last_day=last.day,
        )
    )
