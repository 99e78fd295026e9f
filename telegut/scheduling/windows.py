"""
From hours on a wall to windows of instants. Pure.

Each window is converted once, by the offsets of its zone; single slots are then whole-number arithmetic. (Converting
every slot took forty times as long.)

Days: a holiday lasts from midnight to midnight on the wall of the zone in which the hours are written, as if it were
time off: hours that begin the evening before are open until that midnight, hours that run out of a holiday open with
its end, and a visit that would touch the holiday is not offered. The clinic is closed to extra hours too. A visit
belongs to the day on which it starts, on the same wall.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from telegut.scheduling import zones
from telegut.scheduling.rules import WEEKDAYS, Availability, Kind, WeeklyRule
from telegut.scheduling.zones import DAY, Regime

Spans = tuple[tuple[int, int], ...]


class Window(NamedTuple):
    """
    Instants ``[start, end)`` in seconds, during which visits may take place.

    anchor: where the window's grid is counted from, its local start. services: only for these; empty: for all. zone:
    on whose wall it is written, and so whose days count.
    """

    start: int
    end: int
    anchor: int
    services: frozenset[UUID]
    zone: str

    def is_for(self, service: UUID) -> bool:
        """Whether this kind of visit may take place in it."""
        return not self.services or service in self.services


@dataclass(frozen=True, slots=True)
class Hours:
    """
    Windows and time off as instants in seconds, both sorted by their start. Windows may overlap.

    zone: of the practitioner. closed: the clinic's holidays, on the wall of each zone that has windows and of the
    practitioner's own. max_a_day, notice (in seconds): what the practitioner set for themselves.
    """

    windows: tuple[Window, ...]
    off: Spans
    zone: str = "UTC"
    closed: Mapping[str, Spans] = field(default_factory=dict)
    max_a_day: int | None = None
    notice: int = 0


def expand(availability: Availability, first: int, last: int) -> Hours:
    """The windows and the time off of an availability that touch the instants ``[first, last)``, in seconds."""
    windows: list[Window] = []
    off: list[tuple[int, int]] = []
    for rule in availability.rules:
        windows += _weekly(rule, first, last, availability.zone_of(rule))
    for one in availability.exceptions:
        start, end = zones.wall_seconds(one.start), zones.wall_seconds(one.end)
        if end + DAY < first or start - DAY >= last:
            continue
        near = zones.regimes(availability.zone, start - DAY, end + DAY)
        if one.kind is Kind.EXTRA:
            windows += _windows(start, end, frozenset(), availability.zone, near)
        else:
            off += zones.spans(start, end, near)
    touching = (window for window in windows if window.end > first and window.start < last)
    notice = availability.minimum_notice or timedelta(0)
    return Hours(
        tuple(sorted(touching, key=lambda window: window[:3])),
        tuple(sorted(off)),
        availability.zone,
        _closed(availability, first, last),
        availability.max_a_day,
        int(notice.total_seconds()),
    )


def _weekly(rule: WeeklyRule, first: int, last: int, zone: str) -> list[Window]:
    """Days are counted on the wall; two to spare on both sides cover every offset and windows past midnight."""
    stretches = zones.regimes(zone, first - 2 * DAY, last + 2 * DAY)
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
            windows += _windows(start, start + length, rule.services, zone, stretches)
    return windows


def _windows(start: int, end: int, services: frozenset[UUID], zone: str, stretches: tuple[Regime, ...]) -> list[Window]:
    found = zones.spans(start, end, stretches)
    if not found:
        return []
    anchor = zones.anchor(start, stretches)
    return [Window(opens, closes, anchor, services, zone) for opens, closes in found]


def _closed(availability: Availability, first: int, last: int) -> dict[str, Spans]:
    near = [day for day in availability.holidays if first - 2 * DAY <= _midnight(day) < last + 2 * DAY]
    if not near:
        return {}
    names = {availability.zone, *(availability.zone_of(rule) for rule in availability.rules)}
    return {zone: tuple(span for day in sorted(near) for span in whole_day(day, zone)) for zone in sorted(names)}


def whole_day(day: date, zone: str) -> list[tuple[int, int]]:
    """The instants of one day on the wall of *zone*, in seconds; none where the day was left out."""
    midnight = _midnight(day)
    return zones.spans(midnight, midnight + DAY, zones.regimes(zone, midnight - DAY, midnight + 2 * DAY))


def _midnight(day: date) -> int:
    """In wall seconds."""
    return zones.wall_seconds(datetime.combine(day, time.min))
