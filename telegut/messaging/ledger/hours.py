"""
By when an answer is due, in the working hours of whoever has it. Pure.

Staffed time is added up along the hands that a debt went through: while Jonas had it his hours count, from the
hand-over on Amara's do. So handing over neither starts the promise anew nor makes it late in one moment. While somebody
is away their cover has what is theirs; nothing has to be handed over and back. Nobody's debts count the clinic's hours,
and so do those of somebody without hours of their own. Instants are whole seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from telegut.messaging.ledger.rules import Hands
from telegut.messaging.promise import StaffedHours
from telegut.scheduling import zones
from telegut.scheduling.rules import WEEKDAYS, Availability, WeeklyRule
from telegut.scheduling.windows import expand

HORIZON_DAYS = 60
"""How far ahead a promise is looked for; one that reaches further is none."""

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Away:
    """*cover* answers for *person* during the instants ``[start, end)``."""

    person: UUID
    cover: UUID
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Stretch:
    """From *start* on (in seconds), *worker* has it; None: the team."""

    start: int
    worker: UUID | None


def answering(owner: UUID | None, at: datetime, aways: Sequence[Away]) -> UUID | None:
    """Who answers what *owner* has: they themselves, or their cover, or the cover's. A circle of covers is nobody."""
    seen: set[UUID] = set()
    while owner is not None:
        if owner in seen:
            return None
        seen.add(owner)
        cover = next((one.cover for one in aways if one.person == owner and one.start <= at < one.end), None)
        if cover is None:
            return owner
        owner = cover
    return None


def stretches(hands: Hands, aways: Sequence[Away]) -> list[Stretch]:
    """Who has a debt from when on, covers included; neighbours differ."""
    if not hands:
        return []
    first = hands[0][0]
    edges = {at for one in aways for at in (one.start, one.end) if at > first} | {at for at, _ in hands}
    found: list[Stretch] = []
    for at in sorted(edges):
        owner = [one for since, one in hands if since <= at][-1]
        worker = answering(owner, at, aways)
        if not found or found[-1].worker != worker:
            found.append(Stretch(zones.seconds(at), worker))
    return found


def working(availability: Availability, first: int, last: int) -> Spans:
    """When somebody works between two instants: their windows and extra hours without time off and holidays."""
    hours = expand(availability, first, last)
    spans: list[tuple[int, int]] = []
    for window in hours.windows:
        left = [(window.start, window.end)]
        for off in (*hours.off, *hours.closed.get(window.zone, ())):
            left = [piece for one in left for piece in _without(one, off)]
        spans += left
    return _merged(spans)


def _without(one: tuple[int, int], off: tuple[int, int]) -> list[tuple[int, int]]:
    pieces = [(one[0], min(one[1], off[0])), (max(one[0], off[1]), one[1])]
    return [piece for piece in pieces if piece[0] < piece[1]]


def _merged(spans: list[tuple[int, int]]) -> Spans:
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def clinic_week(hours: StaffedHours, zone: str, holidays: Sequence[date]) -> Availability:
    """The clinic's staffed hours as hours of somebody who is always there then."""
    rules = tuple(WeeklyRule((WEEKDAYS[shift.weekday],), shift.start, shift.end) for shift in hours.shifts)
    return Availability(zone, rules, holidays=tuple(holidays))


@dataclass(frozen=True, slots=True)
class Roster:
    """Who works when, between the instants that it was made for. clinic: the staffed hours."""

    clinic: Spans
    people: Mapping[UUID, Spans]

    def of(self, worker: UUID | None) -> Spans:
        """The working time of *worker*; the clinic's for the team and for who has none of their own."""
        return (self.people.get(worker) if worker else None) or self.clinic

    def due(self, having: Sequence[Stretch], promise_s: int) -> int | None:
        """When *promise_s* seconds of working time are over; None when the roster does not reach so far."""
        left = promise_s
        for start, end in self._worked(having, None):
            if end - start >= left:
                return start + left
            left -= end - start
        return None

    def worked_s(self, having: Sequence[Stretch], until: int) -> int:
        """The seconds of working time from the first stretch's start to *until*."""
        return sum(end - start for start, end in self._worked(having, until))

    def at_work(self, worker: UUID | None, at: int) -> bool:
        """Whether *worker* works at an instant."""
        return any(start <= at < end for start, end in self.of(worker))

    def next_work(self, worker: UUID | None, at: int) -> int | None:
        """The first instant from *at* on at which *worker* works."""
        return next((max(start, at) for start, end in self.of(worker) if end > at), None)

    def _worked(self, having: Sequence[Stretch], until: int | None) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for number, one in enumerate(having):
            ends = [having[number + 1].start] if number + 1 < len(having) else []
            last = min([*ends, *([] if until is None else [until])], default=None)
            for start, end in self.of(one.worker):
                opens, closes = max(start, one.start), end if last is None else min(end, last)
                if opens < closes:
                    found.append((opens, closes))
        return found
