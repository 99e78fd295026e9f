"""
From hours on a wall to windows of instants. Pure.

Each window is converted once, by the offsets of its zone; single slots are then whole-number arithmetic. (Converting
every slot took forty times as long.)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from telegut.scheduling import zones
from telegut.scheduling.rules import WEEKDAYS, Availability, Kind, WeeklyRule
from telegut.scheduling.zones import DAY, Regime


class Window(NamedTuple):
    """
    Instants ``[start, end)`` in seconds, during which visits may take place.

    anchor: where the window's grid is counted from, its local start. services: only for these; empty: for all.
    """

    start: int
    end: int
    anchor: int
    services: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Hours:
    """Windows and time off as instants in seconds, both sorted by their start. Windows may overlap."""

    windows: tuple[Window, ...]
    off: tuple[tuple[int, int], ...]


def expand(availability: Availability, first: int, last: int) -> Hours:
    """The windows and the time off of an availability that touch the instants ``[first, last)``, in seconds."""
    stretches = zones.regimes(availability.zone, first - 2 * DAY, last + 2 * DAY)
    windows: list[Window] = []
    off: list[tuple[int, int]] = []
    for rule in availability.rules:
        windows += _weekly(rule, first, last, stretches)
    for one in availability.exceptions:
        start, end = zones.wall_seconds(one.start), zones.wall_seconds(one.end)
        if end + DAY < first or start - DAY >= last:
            continue
        near = zones.regimes(availability.zone, start - DAY, end + DAY)
        if one.kind is Kind.EXTRA:
            windows += _windows(start, end, frozenset(), near)
        else:
            off += zones.spans(start, end, near)
    touching = (window for window in windows if window.end > first and window.start < last)
    return Hours(tuple(sorted(touching, key=lambda window: window[:3])), tuple(sorted(off)))


def _weekly(rule: WeeklyRule, first: int, last: int, stretches: tuple[Regime, ...]) -> list[Window]:
    """Days are counted on the wall; two to spare on both sides cover every offset and windows past midnight."""
    day = zones.instant(first).date() - timedelta(days=2)
    stop = zones.instant(last).date() + timedelta(days=2)
    day = max(day, rule.from_day) if rule.from_day else day
    stop = min(stop, rule.until_day) if rule.until_day else stop
    wanted = {WEEKDAYS.index(name) for name in rule.weekdays}
    midnight = zones.wall_seconds(datetime.combine(day, time.min))
    opens = (rule.start.hour * 60 + rule.start.minute) * 60
    length = int(rule.length.total_seconds())
    windows: list[Window] = []
    for number in range((stop - day).days + 1):
        if (day.weekday() + number) % 7 in wanted:
            start = midnight + number * DAY + opens
            windows += _windows(start, start + length, rule.services, stretches)
    return windows


def _windows(start: int, end: int, services: frozenset[UUID], stretches: tuple[Regime, ...]) -> list[Window]:
    found = zones.spans(start, end, stretches)
    if not found:
        return []
    anchor = zones.anchor(start, stretches)
    return [Window(opens, closes, anchor, services) for opens, closes in found]
