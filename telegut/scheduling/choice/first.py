"""
Who is free first: of all, and with each practitioner or team.

Fairness between those who are free at the same time: whoever had the fewest visits booked in the last 14 days comes
first, ties by id (`calendars.FAIR_OVER`, `offers.by_fairness`). Cancelled visits do not count, holds neither. The
counts stand in the answer, so that anybody can check the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from telegut.db.engine import Transaction
from telegut.errors import FieldError, Invalid
from telegut.scheduling import offers, zones
from telegut.scheduling.calendars import Calendar
from telegut.scheduling.catalogue import Terms
from telegut.scheduling.offers import Asked
from telegut.scheduling.zones import DAY

NEARBY: Final = 14 * DAY
"""What is looked at first, in seconds: most people are free within it, and the rest of the horizon is not read."""


@dataclass(frozen=True, slots=True)
class First:
    """
    The first free time with a practitioner or a team.

    booked: how many visits each of them had booked lately, in the order of *practitioners*.
    """

    service: UUID
    start: datetime
    end: datetime
    practitioners: tuple[UUID, ...]
    booked: tuple[int, ...]

    @property
    def order(self) -> tuple[datetime, int, tuple[UUID, ...]]:
        """Earlier first, then who had fewer visits booked lately, then by id."""
        return self.start, sum(self.booked), self.practitioners


async def first_free(
    tx: Transaction,
    asked: Asked,
    services: Sequence[UUID],
    since: datetime | None,
    until: datetime | None,
    *,
    practitioner_days: int,
) -> list[First]:
    """
    The first free time of each group that can hold one of the kinds of visit, in order; see `First.order`.

    Cut to what the clinic's horizon allows, and to *practitioner_days*.

    Raises:
        Invalid: an unknown service or practitioner, or a stretch that ends before it starts.
    """
    if since and until and until <= since:
        raise Invalid(errors=[FieldError("to", "This needs to be after the beginning.")])
    found: list[First] = []
    for service in services:
        found += await _of_service(tx, replace(asked, service=service), since, until, practitioner_days)
    return sorted(found, key=lambda one: one.order)


async def _of_service(
    tx: Transaction, asked: Asked, since: datetime | None, until: datetime | None, practitioner_days: int
) -> list[First]:
    terms, may_book = await offers.terms_for(tx, asked)
    people = await offers.candidates(tx, asked, terms)
    if not people or not may_book:
        return []
    begin = zones.seconds(since or terms.now)
    end = zones.seconds(until or terms.now + terms.policy.horizon) + (0 if until else 1)
    first, last = offers.within(terms, begin, end)
    last = min(last, first + practitioner_days * DAY // len(people))
    found: dict[tuple[UUID, ...], First] = {}
    middle = min(last, first + NEARBY)
    for low, high in ((first, middle), (middle, last)):
        if low < high:
            people = await _look(tx, asked, terms, people, low, high, found)
    return list(found.values())


async def _look(
    tx: Transaction,
    asked: Asked,
    terms: Terms,
    people: Sequence[Calendar],
    low: int,
    high: int,
    found: dict[tuple[UUID, ...], First],
) -> list[Calendar]:
    """Adds to *found* whom a free time is found for; gives back who is still without one."""
    if not people:
        return []
    market = await offers.visit_market(tx, asked, terms, people, low, high)
    without: set[UUID] = set()
    for group, starts in market.starts(low, high).items():
        if group in found:
            continue
        if not starts:
            without |= set(group)
            continue
        start = zones.instant(min(starts))
        booked = tuple(market.booked[one] for one in group)
        found[group] = First(terms.visit.id, start, start + terms.visit.duration, group, booked)
    return [one for one in people if one.practitioner in without]
