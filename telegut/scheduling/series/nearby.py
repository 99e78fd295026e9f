"""Free times near a visit of a series that cannot be had: the same day first, else the same week. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from telegut.scheduling import zones
from telegut.scheduling.series import recurrence
from telegut.scheduling.series.recurrence import Occurrence

AT_MOST: Final = 3
"""How many are shown: enough to choose from, few enough to read."""


def week(day: date, zone: str) -> tuple[datetime, datetime]:
    """The instants from Monday to the next on the wall of *zone*, around *day*."""
    monday = day - timedelta(days=day.weekday())
    return _midnight(monday, zone), _midnight(monday + timedelta(days=7), zone)


def choose(one: Occurrence, free: Sequence[datetime], zone: str) -> tuple[datetime, ...]:
    """Of the *free* starts of that week, those of the same day that are nearest; with none that day, of the week."""
    others = sorted({start for start in free if start != one.start})
    same_day = [start for start in others if zones.on_the_wall(start, zone).date() == one.wall.date()]
    nearest = sorted(same_day or others, key=lambda start: (abs(start - one.start), start))[:AT_MOST]
    return tuple(sorted(nearest))


def _midnight(day: date, zone: str) -> datetime:
    """The beginning of a day, or its first moment where the clock skips midnight."""
    return recurrence.at(0, day, time(0), zone).start
