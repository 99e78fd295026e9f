"""
Which days a series falls on, and at which instants. Pure.

A series keeps its wall time: ten o'clock stays ten o'clock when the clocks change. The rules, in the words of RFC 5545
(3.3.10) where it has any:

* *count* counts the days that exist; *until* is the last day that may be meant, itself included.
* ``monthly`` is the same day of each month. Months without it are skipped: a series that begins on the 31st has seven
  visits a year, one of 29 February one in four years.
* ``monthly_weekday`` is, say, the second Tuesday of each month; a month without a fifth one is skipped.
* A wall time that a clock change skips moves forward by the length of the gap, as 3.3.5 reads it, and is marked:
  somebody has to say that this is fine. (Availability leaves such times out; an agreed visit may not vanish.)
* A wall time that a clock change repeats is the first of the two.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice, takewhile

from telegut.scheduling import zones
from telegut.scheduling.zones import DAY

MONTHS_LOOKED_AT = 12 * 45
"""How far ahead a day of a month is looked for: 29 February comes eight years later around 2100."""


class Every(StrEnum):
    """How often."""

    WEEKLY = "weekly"
    TWO_WEEKS = "two_weeks"
    FOUR_WEEKS = "four_weeks"
    MONTHLY = "monthly"
    MONTHLY_WEEKDAY = "monthly_weekday"


STEPS = {Every.WEEKLY: 1, Every.TWO_WEEKS: 2, Every.FOUR_WEEKS: 4}
"""Weeks from one visit to the next."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """
    One visit of a series.

    wall: naive, as the clock of the series' zone shows it; with *moved* the time after the gap, which is not the time
    that was asked for.
    """

    index: int
    start: datetime
    wall: datetime
    moved: bool = False


def days(first: date, every: Every, count: int, until: date | None = None) -> list[date]:
    """The days of a series that begins on *first*: *count* at most, none after *until*."""
    endless = (
        _in_weeks(first, STEPS[every]) if every in STEPS else _in_months(first, by_weekday=every is not Every.MONTHLY)
    )
    return list(islice(takewhile(lambda day: until is None or day <= until, endless), count))


def _in_weeks(first: date, weeks: int) -> Iterator[date]:
    day = first
    while True:
        yield day
        if day > date.max - timedelta(weeks=weeks):
            return
        day += timedelta(weeks=weeks)


def _in_months(first: date, *, by_weekday: bool) -> Iterator[date]:
    month = first.year * 12 + first.month - 1
    nth = (first.day - 1) // 7
    for ahead in range(MONTHS_LOOKED_AT):
        year, place = divmod(month + ahead, 12)
        if year > date.max.year:
            return
        day = _nth_weekday(year, place + 1, first.weekday(), nth) if by_weekday else first.day
        if day <= monthrange(year, place + 1)[1]:
            yield date(year, place + 1, day)


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> int:
    """The day of the month; beyond its end when there is no such weekday."""
    return 1 + (weekday - date(year, month, 1).weekday()) % 7 + 7 * nth


def occurrences(start: datetime, zone: str, every: Every, count: int, until: date | None = None) -> list[Occurrence]:
    """
    The visits of a series whose first begins at *start*, an instant, on the wall of *zone*.

    The first is *start* itself, also when its wall time comes twice that day.
    """
    wall = zones.on_the_wall(start, zone).replace(tzinfo=None)
    found = [at(index, day, wall.time(), zone) for index, day in enumerate(days(wall.date(), every, count, until))]
    return [Occurrence(0, start, wall), *found[1:]] if found else []


def at(index: int, day: date, clock: time, zone: str) -> Occurrence:
    """The visit of one day: at *clock* on the wall, or after the gap when the clock skips it."""
    wall = datetime.combine(day, clock)
    instants = zones.instants(wall, zone)
    if instants:
        return Occurrence(index, instants[0], wall)
    seconds = zones.wall_seconds(wall)
    # As the clock before the change would have it (RFC 5545, 3.3.5).
    start = zones.instant(zones.anchor(seconds, zones.regimes(zone, seconds - DAY, seconds + DAY)))
    return Occurrence(index, start, zones.on_the_wall(start, zone).replace(tzinfo=None), moved=True)


def is_moved(start: datetime, clock: time, zone: str) -> bool:
    """Whether *start* is where the visit at *clock* of its day lands because the clock skips that time."""
    wall = zones.on_the_wall(start, zone).replace(tzinfo=None)
    meant = at(0, wall.date(), clock, zone)
    return meant.moved and meant.start == start
