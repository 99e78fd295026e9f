"""Days and weeks as people look at them: which instants belong to a day, which hours are open in it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from telegut.scheduling import zones
from telegut.scheduling.rules import Availability
from telegut.scheduling.windows import Hours, Window, expand
from telegut.scheduling.zones import DAY


@dataclass(frozen=True, slots=True)
class Stretch:
    """Open hours within one day, in minutes on the wall since its midnight, and as instants."""

    start: datetime
    end: datetime
    start_minute: int
    end_minute: int


@dataclass(frozen=True, slots=True)
class ClockChange:
    """
    Minutes on the wall of one day that a clock change leaves out (*skipped*), or that are there twice.

    A change at midnight may reach into the next day; only this day's part is told.
    """

    skipped: bool
    start_minute: int
    end_minute: int


def bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """
    The instants at which a day begins and ends on the wall of *zone*.

    On some change days midnight itself does not exist; the day then begins with its first minute that does.
    """
    midnight = zones.wall_seconds(datetime.combine(day, time.min))
    stretches = zones.regimes(zone, midnight - DAY, midnight + 2 * DAY)
    pieces = zones.spans(midnight, midnight + DAY, stretches)
    if not pieces:  # a whole day left out: Samoa had none on 30 December 2011
        at = zones.anchor(midnight, stretches)
        return zones.instant(at), zones.instant(at)
    return zones.instant(pieces[0][0]), zones.instant(pieces[-1][1])


def clock_changes(day: date, zone: str) -> list[ClockChange]:
    """What clock changes do to the wall of one day in *zone*; none on most days."""
    midnight = zones.wall_seconds(datetime.combine(day, time.min))
    found = []
    for before, after in pairwise(zones.regimes(zone, midnight - DAY, midnight + 2 * DAY)):
        low, high = sorted((after.start + before.offset, after.start + after.offset))
        start, end = max(low, midnight), min(high, midnight + DAY)
        if start < end:
            found.append(ClockChange(after.offset > before.offset, (start - midnight) // 60, (end - midnight) // 60))
    return found


def today(now: datetime, zone: str) -> date:
    """Which day it is in *zone*."""
    return zones.on_the_wall(now, zone).date()


def monday_of(day: date) -> date:
    """The Monday of that week."""
    return day - timedelta(days=day.weekday())


def minute_of(at: datetime, day: date, zone: str) -> int:
    """Minutes on the wall between the midnight that begins *day* and an instant; may lie outside of the day."""
    wall = zones.on_the_wall(at, zone).replace(tzinfo=None)
    return int((wall - datetime.combine(day, time.min)).total_seconds()) // 60


def open_hours(availability: Availability, day: date, zone: str) -> list[Stretch]:
    """When somebody's hours are open on one day on the wall of *zone* (of whoever looks), time off taken out."""
    begins, ends = bounds(day, zone)
    first, last = zones.seconds(begins), zones.seconds(ends)
    found = []
    for opens, closes in _joined(expand(availability, first, last)):
        start, end = zones.instant(max(opens, first)), zones.instant(min(closes, last))
        if start < end:
            last_minute = minute_of(end, day, zone) or 24 * 60
            found.append(Stretch(start, end, minute_of(start, day, zone), last_minute))
    return found


def _joined(hours: Hours) -> list[tuple[int, int]]:
    """Overlapping windows as one, holidays and time off taken out."""
    merged: list[tuple[int, int]] = []
    for opens, closes in sorted(piece for window in hours.windows for piece in _without_holidays(window, hours)):
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], closes))
        else:
            merged.append((opens, closes))
    for off in hours.off:
        merged = [piece for span in merged for piece in _without(span, off)]
    return merged


def _without_holidays(window: Window, hours: Hours) -> list[tuple[int, int]]:
    pieces = [(window.start, window.end)]
    for closed in hours.closed.get(window.zone, ()):
        pieces = [piece for span in pieces for piece in _without(span, closed)]
    return pieces


def _without(span: tuple[int, int], off: tuple[int, int]) -> Iterable[tuple[int, int]]:
    pieces = ((span[0], min(span[1], off[0])), (max(span[0], off[1]), span[1]))
    return [piece for piece in pieces if piece[0] < piece[1]]
