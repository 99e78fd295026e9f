"""
Who is free first: of all, and with each practitioner or team.

The patient's own care team comes before everybody else, who may be free sooner and stand behind. Nobody is proposed in
the night of the patient's own wall while there is a time by day. Then the earlier time counts, and between those who
are free at the same time fairness: whoever had the fewest visits booked in the last 14 days comes first, ties by id
(`calendars.FAIR_OVER`, `offers.by_fairness`). Cancelled visits do not count, holds neither. All of this stands in the
answer, so that anybody can check the order.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Final
from uuid import UUID

from telegut.accounts import care, people
from telegut.db.engine import Transaction
from telegut.errors import FieldError, Invalid
from telegut.scheduling import offers, zones
from telegut.scheduling.calendars import Calendar
from telegut.scheduling.catalogue import Terms
from telegut.scheduling.offers import Asked
from telegut.scheduling.zones import DAY

NEARBY: Final = 14 * DAY
"""What is looked at first, in seconds: most people are free within it, and the rest of the horizon is not read."""

DAY_BEGINS: Final = time(7)
DAY_ENDS: Final = time(21)
"""Between these, on the patient's wall, a visit may begin without anybody being asked to get up for it."""


@dataclass(frozen=True, slots=True)
class Patient:
    """For whom somebody looks: on whose wall it is day, and who sees them already. *zone* empty: for nobody yet."""

    zone: str = ""
    team: frozenset[UUID] = frozenset()

    def is_night(self, at: datetime) -> bool:
        """Whether a visit that begins then begins in their night."""
        return bool(self.zone) and not DAY_BEGINS <= zones.on_the_wall(at, self.zone).time() < DAY_ENDS

    def first_by_day(self, starts: Collection[int]) -> datetime:
        """The earliest of *starts* (in seconds) that is no night for them; else the earliest."""
        ordered = [zones.instant(one) for one in sorted(starts)]
        return next((one for one in ordered if not self.is_night(one)), ordered[0])


@dataclass(frozen=True, slots=True)
class First:
    """
    The first free time with a practitioner or a team.

    booked: how many visits each of them had booked lately, in the order of *practitioners*. own_team: all of them see
    the patient already. night: it is night for the patient then, and there is no time by day.
    """

    service: UUID
    start: datetime
    end: datetime
    practitioners: tuple[UUID, ...]
    booked: tuple[int, ...]
    own_team: bool = False
    night: bool = False

    @property
    def order(self) -> tuple[bool, bool, datetime, int, tuple[UUID, ...]]:
        """By day first, the own care team, earlier, who had fewer visits booked lately, then by id."""
        return self.night, not self.own_team, self.start, sum(self.booked), self.practitioners


async def patient_of(tx: Transaction, patient: UUID | None) -> Patient:
    """What the order needs to know of a patient; nobody: of nobody."""
    if patient is None:
        return Patient()
    known = (await people.named(tx, [patient])).get(patient)
    team = frozenset(one.account for one in await care.team(tx, patient))
    return Patient(known.zone if known else "", team)


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
    patient = await patient_of(tx, asked.patient)
    found: list[First] = []
    for service in services:
        found += await _of_service(tx, replace(asked, service=service), patient, since, until, practitioner_days)
    return sorted(found, key=lambda one: one.order)


async def _of_service(
    tx: Transaction,
    asked: Asked,
    patient: Patient,
    since: datetime | None,
    until: datetime | None,
    practitioner_days: int,
) -> list[First]:
    terms, may_book = await offers.terms_for(tx, asked)
    those = await offers.candidates(tx, asked, terms)
    if not those or not may_book:
        return []
    begin = zones.seconds(since or terms.now)
    end = zones.seconds(until or terms.now + terms.policy.horizon) + (0 if until else 1)
    first, last = offers.within(terms, begin, end)
    last = min(last, first + practitioner_days * DAY // len(those))
    found: dict[tuple[UUID, ...], First] = {}
    middle = min(last, first + NEARBY)
    for low, high in ((first, middle), (middle, last)):
        if low < high:
            those = await _look(tx, asked, terms, patient, those, low, high, found)
    return list(found.values())


async def _look(
    tx: Transaction,
    asked: Asked,
    terms: Terms,
    patient: Patient,
    those: Sequence[Calendar],
    low: int,
    high: int,
    found: dict[tuple[UUID, ...], First],
) -> list[Calendar]:
    """Adds to *found* whom a free time is found for; gives back who is still without one by day."""
    if not those:
        return []
    market = await offers.visit_market(tx, asked, terms, those, low, high)
    without: set[UUID] = set()
    for group, starts in market.starts(low, high).items():
        if group in found and not found[group].night:
            continue
        if starts:
            first = _first(terms, patient, group, starts, tuple(market.booked[one] for one in group))
            if group not in found or not first.night:
                found[group] = first
        if group not in found or found[group].night:
            without |= set(group)
    return [one for one in those if one.practitioner in without]


def _first(
    terms: Terms, patient: Patient, group: tuple[UUID, ...], starts: Collection[int], booked: tuple[int, ...]
) -> First:
    start = patient.first_by_day(starts)
    own, night = patient.team.issuperset(group), patient.is_night(start)
    return First(terms.visit.id, start, start + terms.visit.duration, group, booked, own, night)
