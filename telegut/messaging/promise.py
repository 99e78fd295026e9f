"""
When somebody answers: the clinic's staffed hours, and by when a message written now is answered. Pure.

All times here are wall times of the clinic's own zone, without a zone of their own; who calls converts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from telegut.errors import Invalid

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PART = re.compile(r"(?P<days>[A-Z,\- ]+?)\s+(?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d)")
_LOOK_AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Shift:
    """A stretch of one weekday in which somebody answers, ``[start, end)``."""

    weekday: int
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class StaffedHours:
    """The week of a clinic, as shifts."""

    shifts: tuple[Shift, ...]

    def open_at(self, wall: datetime) -> bool:
        """Is anybody there at *wall*?"""
        return any(start <= wall < end for start, end in self._windows(wall, wall))

    def next_open(self, wall: datetime) -> datetime | None:
        """The first moment at or after *wall* at which somebody is there; none when nobody ever is."""
        for start, end in self._windows(wall, wall + _LOOK_AHEAD):
            if end > wall:
                return max(start, wall)
        return None

    def answer_by(self, wall: datetime, promise: timedelta) -> datetime | None:
        """
        By when a message written at *wall* is answered, if it takes *promise* of staffed time.

        Closed hours do not count. None when the clinic has no hours that reach so far.
        """
        left = promise
        for start, end in self._windows(wall, wall + _LOOK_AHEAD):
            begin = max(start, wall)
            if begin >= end:
                continue
            if end - begin >= left:
                return begin + left
            left -= end - begin
        return None

    def _windows(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The shifts that touch ``[since, until]``, in order, as wall times."""
        day: date = since.date()
        while day <= until.date():
            for shift in sorted(self.shifts, key=lambda one: one.start):
                if shift.weekday == day.weekday():
                    yield datetime.combine(day, shift.start), datetime.combine(day, shift.end)
            day += timedelta(days=1)


def parse_staffed_hours(text: str) -> StaffedHours:
    """
    Read hours such as ``MO-FR 09:00-17:00; SA 10:00-12:00``. An empty text means: nobody is ever there.

    Raises:
        Invalid: it is not written like that, or a shift ends before it starts.
    """
    return StaffedHours(tuple(shift for part in text.split(";") if part.strip() for shift in _parse_part(part.strip())))


def _parse_part(part: str) -> list[Shift]:
    match = _PART.fullmatch(part.upper())
    if match is None:
        raise Invalid(f"Staffed hours are written like 'MO-FR 09:00-17:00', not like '{part}'.")
    try:
        start, end = time.fromisoformat(match["start"]), time.fromisoformat(match["end"])
        days = [day for item in match["days"].split(",") for day in _parse_days(item.strip())]
    except ValueError as exc:
        raise Invalid(f"Staffed hours contain a day or time that does not exist: '{part}'.") from exc
    if start >= end:
        raise Invalid(f"Staffed hours end before they start: '{part}'.")
    return [Shift(day, start, end) for day in days]


def _parse_days(item: str) -> list[int]:
    first, dash, last = item.partition("-")
    if not dash:
        return [_DAYS.index(first)]
    start, end = _DAYS.index(first.strip()), _DAYS.index(last.strip())
    if end < start:
        raise ValueError(item)
    return list(range(start, end + 1))
