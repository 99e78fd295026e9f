"""Reads one day of everybody. Changes nothing; booking, moving and cancelling go the way of everybody else's."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from telegut.accounts import people
from telegut.accounts.people import Person
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.scheduling import agenda, calendars, zones
from telegut.scheduling.agenda import ClockChange, Stretch
from telegut.scheduling.appointments import Filter
from telegut.scheduling.board.rules import Column, Free, Placed, Wanted, edges, minutes
from telegut.scheduling.calendars import Calendar
from telegut.scheduling.choice import languages
from telegut.scheduling.clinic import holidays
from telegut.scheduling.offers import Asked
from telegut.scheduling.rules import Policy, Status, VisitType
from telegut.scheduling.service import Read, Scheduling

VISITS_AT_MOST = 2_000
"""Visits of one day that a board shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """
    One day. holiday: its name, where the clinic is closed. service: the kind of visit whose free times are shown.

    first_hour, last_hour: of the wall that is drawn. spoken: every language that somebody here speaks.
    """

    day: date
    now: datetime
    is_today: bool
    columns: tuple[Column, ...]
    services: tuple[VisitType, ...]
    service: VisitType | None
    spoken: tuple[str, ...]
    holiday: str | None
    clocks: tuple[ClockChange, ...]
    first_hour: int
    last_hour: int
    step: int


@dataclass(frozen=True, slots=True)
class Boards:
    """Days across all practitioners."""

    db: Database
    scheduling: Scheduling

    async def board(self, caller: Caller, wanted: Wanted) -> Board:
        """The board of a day in the caller's zone, or of today."""
        async with self.db.begin(caller) as tx:
            caller = replace(caller, transaction=tx)  # one moment for everything that is read
            policy, now = await self.scheduling.policy(caller)
            day = wanted.day or agenda.today(now, caller.zone)
            kinds = await self.scheduling.visit_types(caller)
            kind = next((one for one in kinds if one.id == wanted.service), kinds[0] if kinds else None)
            everybody = await calendars.everybody(tx)
            spoken = await languages.read(tx, [one.practitioner for one in everybody])
            shown = [one for one in everybody if wanted.fits(one.role, spoken.get(one.practitioner, ()))]
            columns = await self._columns(tx, caller, shown, day, kind, wanted.language)
            columns = [replace(one, languages=spoken.get(one.id, ())) for one in columns]
            first, last = edges(columns)
            return Board(
                day=day,
                now=now,
                is_today=day == agenda.today(now, caller.zone),
                columns=tuple(columns),
                services=tuple(kinds),
                service=kind,
                spoken=tuple(sorted({tag.split("-")[0] for tags in spoken.values() for tag in tags})),
                holiday=next((one.name for one in await holidays.read(tx) if one.day == day), None),
                clocks=tuple(agenda.clock_changes(day, caller.zone)),
                first_hour=first,
                last_hour=last,
                step=_grid(policy, kind),
            )

    async def _columns(
        self,
        tx: Transaction,
        caller: Caller,
        shown: list[Calendar],
        day: date,
        kind: VisitType | None,
        language: str,
    ) -> list[Column]:
        visits, names = await self._visits(tx, caller, day, shown)
        free = await self._free(caller, day, kind, language)
        columns = [
            Column(
                id=one.practitioner,
                name=names[one.practitioner].name,
                role=one.role,
                zone=one.availability.zone,
                languages=(),
                hours=tuple(_hours(one, day, caller.zone)),
                visits=tuple(visits[one.practitioner]),
                free=tuple(free[one.practitioner]),
            )
            for one in shown
            if one.practitioner in names
        ]
        return sorted(columns, key=lambda one: (one.role, one.name, one.id))

    async def _visits(
        self, tx: Transaction, caller: Caller, day: date, shown: list[Calendar]
    ) -> tuple[defaultdict[UUID, list[Placed]], dict[UUID, Person]]:
        begins, ends = agenda.bounds(day, caller.zone)
        wanted = Filter(since=begins, until=ends)
        reads, names, _now = await self.scheduling.with_people(caller, wanted, limit=VISITS_AT_MOST)
        signers = {read.appointment.override.by for read in reads if read.appointment.override is not None}
        names |= await people.named(tx, ({one.practitioner for one in shown} | signers) - names.keys())
        found: defaultdict[UUID, list[Placed]] = defaultdict(list)
        for read in reads:
            if read.appointment.status is not Status.CANCELLED:
                for person in read.appointment.practitioners:
                    found[person].append(_placed(read, names, day, caller.zone))
        return found, names

    async def _free(
        self, caller: Caller, day: date, kind: VisitType | None, language: str
    ) -> defaultdict[UUID, list[Free]]:
        """Free starts, with everybody whom such a visit takes."""
        found: defaultdict[UUID, list[Free]] = defaultdict(list)
        if kind is None:
            return found
        begins, ends = agenda.bounds(day, caller.zone)
        for slot in await self.scheduling.times.find(caller, Asked(kind.id, language=language), begins, ends):
            start, end = zones.instant(slot.start), zones.instant(slot.end)
            if start < begins:
                continue
            for person in slot.practitioners:
                place = minutes(start, end, agenda.minute_of(start, day, caller.zone))
                found[person].append(Free(start, end, slot.practitioners, *place))
        return found


def _hours(one: Calendar, day: date, zone: str) -> list[Stretch]:
    return agenda.open_hours(one.availability, day, zone)


def _placed(read: Read, names: dict[UUID, Person], day: date, zone: str) -> Placed:
    one = read.appointment
    patient = names[one.patient].name if one.patient in names else ""
    others = tuple(names[person].name for person in one.practitioners if person in names)
    decided_by = names[one.override.by].name if one.override is not None and one.override.by in names else ""
    return Placed(
        one, patient, others, decided_by, *minutes(one.start, one.end, agenda.minute_of(one.start, day, zone))
    )


def _grid(policy: Policy, kind: VisitType | None) -> int:
    numbers = policy.for_visit(kind) if kind else policy
    return int(numbers.grid.total_seconds()) // 60
