"""
Series: looked at before anything is booked, booked as a whole or not at all, ended from any day on.

Each visit of a series is an ordinary appointment that names it: moving or cancelling one leaves the others. What the
preview says of a start is what ``/slots/explain`` says of it, and what a booking will be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.errors import Conflict, FieldError, Invalid, NotFound, TelegutError
from telegut.scheduling import (
    appointments,
    bookers,
    calendars,
    catalogue,
    changing,
    events,
    offers,
    reasons,
    zones,
)
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.arranging import Outcome, Request, arrange
from telegut.scheduling.offers import Asked
from telegut.scheduling.refusals import Reason
from telegut.scheduling.rules import Policy, Status
from telegut.scheduling.series import nearby, recurrence
from telegut.scheduling.series.recurrence import Every, Occurrence
from telegut.scheduling.series.tables import series
from telegut.scheduling.service import Scheduling
from telegut.scheduling.tables import appointment
from telegut.web.api import instant_text


class SeriesTaken(Conflict):
    """Some of these times cannot be had. Nothing is booked."""


class SeriesRefused(Invalid):
    """Some of these times cannot be booked. Nothing is booked."""


class ClockChangeUnconfirmed(Invalid):
    """The clock skips the usual time on one of these days. Please say that the later time is fine."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A series that somebody thinks of. *start*: an instant, of the first visit."""

    service: UUID
    practitioners: tuple[UUID, ...]
    start: datetime
    every: Every
    count: int
    until: date | None = None
    patient: UUID | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """One visit of a plan: what speaks against it, and free times near it when something does."""

    occurrence: Occurrence
    end: datetime
    against: tuple[Reason, ...]
    near: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """A whole plan, looked at. *allowed*: how many visits the patient's side may still book; None: no limit."""

    zone: str
    visits: tuple[Looked, ...]
    allowed: int | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The starts that somebody chose. *confirmed*: times that a clock change moved are fine."""

    service: UUID
    practitioners: tuple[UUID, ...]
    starts: tuple[datetime, ...]
    patient: UUID | None = None
    reason: str = ""
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Booked:
    """A series with its visits, by their start."""

    id: UUID
    patient: UUID
    service: UUID
    zone: str
    first_wall: datetime
    visits: tuple[Appointment, ...]


class SeriesOfVisits:
    """What people do with series."""

    def __init__(self, scheduling: Scheduling) -> None:
        self.scheduling = scheduling
        self.db = scheduling.db

    # --- before anything is booked

    async def preview(self, caller: Caller, plan: Plan) -> Preview:
        """
        Every visit of a plan with what speaks against it; nothing is booked.

        Raises:
            Invalid: an unknown service or practitioner, or more visits than the clinic plans ahead.
        """
        bookers.check_books(caller)
        async with self.db.begin(caller) as tx:
            plan = replace(plan, patient=await bookers.patient_of(tx, plan.patient))
            terms = await catalogue.terms(tx, plan.service)
            _check_count(plan.count, terms.policy)
            zone = await self._zone(tx, plan.practitioners, plan.service)
            found = recurrence.occurrences(plan.start, zone, plan.every, plan.count, plan.until)
            visits = [await self._look(tx, plan, one, terms.visit.duration, zone) for one in found]
            return Preview(zone, tuple(visits), await self._allowed(tx, plan.patient, terms.policy, terms.now))

    async def _look(self, tx: Transaction, plan: Plan, one: Occurrence, duration: timedelta, zone: str) -> Looked:
        asked = Asked(plan.service, plan.practitioners, plan.patient)
        against = await offers.explain(tx, asked, one.start)
        near: tuple[datetime, ...] = ()
        if against:
            since, until = nearby.week(one.wall.date(), zone)
            found = await offers.free(tx, asked, since, until, practitioner_days=self.scheduling.practitioner_days)
            near = nearby.choose(one, [zones.instant(slot.start) for slot in found], zone)
        return Looked(one, one.start + duration, tuple(against), near)

    async def _zone(self, tx: Transaction, practitioners: Sequence[UUID], service: UUID) -> str:
        """The zone that the visits are agreed in: the first practitioner's, as `booking` has it."""
        found = await calendars.load(tx, practitioners, service)
        first = min(found, key=lambda one: (one.provides_as or one.role, one.practitioner))
        return first.availability.zone

    async def _allowed(self, tx: Transaction, patient: UUID | None, policy: Policy, now: datetime) -> int | None:
        if patient is None or bookers.is_staff(tx.caller):
            return None
        return max(0, policy.max_future_visits - await appointments.count_future(tx, patient, now))

    # --- booking

    async def book(self, caller: Caller, chosen: Chosen) -> Booked:
        """
        Book every chosen start, or none.

        Raises:
            SeriesTaken: somebody was faster with some; ``current`` says with which. SeriesRefused: some are not
            offered, or are more than the patient may book; ``errors`` has each by its place.
            ClockChangeUnconfirmed: a start is where a clock change moved it, and nobody said that this is fine.
        """
        bookers.check_books(caller)
        return await self.db.run(caller, lambda tx: self._book(tx, chosen))

    async def _book(self, tx: Transaction, chosen: Chosen) -> Booked:
        patient = bookers.certain(await bookers.patient_of(tx, chosen.patient))
        policy, now = await catalogue.clinic_policy(tx)
        _check_count(len(chosen.starts), policy)
        starts = chosen.starts
        zone = await self._zone(tx, chosen.practitioners, chosen.service)
        first_wall = zones.on_the_wall(min(starts), zone).replace(tzinfo=None)
        if not chosen.confirmed:
            _check_clock_changes(starts, first_wall, zone)
        wishes = [
            Request(tx.caller, chosen.service, chosen.practitioners, start, patient, chosen.reason) for start in starts
        ]
        visits = _all_or_none(starts, await arrange(tx, self.scheduling.vault, wishes))
        made = await self._add(tx, chosen, patient, zone, first_wall, now)
        ids = [one.id for one in visits]
        await tx.execute(update(appointment).where(appointment.c.id.in_(ids)).values(series=made))
        named = sorted((replace(one, series=made) for one in visits), key=lambda one: one.start)
        return Booked(made, patient, chosen.service, zone, first_wall, tuple(named))

    async def _add(
        self, tx: Transaction, chosen: Chosen, patient: UUID, zone: str, first_wall: datetime, now: datetime
    ) -> UUID:
        made = new_id()
        row = {"id": made, "patient": patient, "service": chosen.service, "zone": zone, "first_wall": first_wall}
        await tx.execute(insert(series).values(**row, made_by=tx.caller.account, made_at=now))
        await audit.record(tx, "book", "series", made, patient=patient)
        return made

    # --- afterwards

    async def look(self, caller: Caller, series_id: UUID) -> Booked:
        """
        A series with its visits.

        Raises:
            NotFound: there is none, or it is not the caller's to see.
        """
        async with self.db.begin(caller) as tx:
            return await self._load(tx, series_id)

    async def cancel_rest(self, caller: Caller, series_id: UUID, reason: str, since: datetime | None) -> Booked:
        """
        Cancel every visit of a series that has not begun, or those from *since* on; the others stay.

        Raises:
            NotFound, Refused: not the caller's to cancel.
        """

        async def work(tx: Transaction) -> Booked:
            found = await self._load(tx, series_id)
            if not found.visits:
                return found
            await bookers.check_may_change(tx, found.visits[0])
            _, now = await catalogue.clinic_policy(tx)
            after = max(now, since) if since else now
            await calendars.lock(tx, {one for visit in found.visits for one in visit.staff}, found.service)
            # Read again: whoever was before us in the queue may have moved one of them.
            for one in await appointments.of_series(tx, series_id):
                if one.status is Status.BOOKED and one.start >= after:
                    await self._cancel(tx, one, reason)
            return await self._load(tx, series_id)

        return await self.db.run(caller, work)

    async def _cancel(self, tx: Transaction, one: Appointment, reason: str) -> None:
        ended = await changing.cancel(tx, one, one.version, by_patient=not bookers.is_staff(tx.caller))
        await reasons.write(tx, self.scheduling.vault, ended, "cancellation", reason, ended.changed_at)
        await self.scheduling.tell(tx, events.CANCELLED, ended)

    async def _load(self, tx: Transaction, series_id: UUID) -> Booked:
        row: Row[Any] | None = (await tx.execute(select(series).where(series.c.id == series_id))).one_or_none()
        if row is None:
            raise NotFound
        visits = await appointments.of_series(tx, series_id)
        return Booked(row.id, row.patient, row.service, row.zone, row.first_wall, tuple(visits))


def _all_or_none(starts: Sequence[datetime], outcomes: Sequence[Outcome]) -> list[Appointment]:
    """Raises SeriesTaken when somebody was faster with one of them, SeriesRefused when none of the rest can be had."""
    visits = [one for one in outcomes if isinstance(one, Appointment)]
    refused = [(index, one) for index, one in enumerate(outcomes) if isinstance(one, TelegutError)]
    if any(isinstance(problem, Conflict) for _, problem in refused):
        told = [
            {"index": index, "start": instant_text(starts[index]), "code": problem.code, "message": problem.message}
            for index, problem in refused
        ]
        raise SeriesTaken(current={"failed": told})
    if refused:
        raise SeriesRefused(errors=[FieldError(f"starts.{index}", problem.message) for index, problem in refused])
    return visits


def _check_count(count: int, policy: Policy) -> None:
    if not 2 <= count <= policy.series_at_most:
        raise Invalid(errors=[FieldError("count", f"A series has 2 to {policy.series_at_most} visits.")])


def _check_clock_changes(starts: Sequence[datetime], first_wall: datetime, zone: str) -> None:
    moved = [index for index, start in enumerate(starts) if recurrence.is_moved(start, first_wall.time(), zone)]
    if moved:
        message = "The clock skips the usual time on this day; this is when the visit would be."
        raise ClockChangeUnconfirmed(errors=[FieldError(f"starts.{index}", message) for index in moved])


def build_series(scheduling: Scheduling) -> SeriesOfVisits:
    """Series on top of *scheduling*."""
    return SeriesOfVisits(scheduling)
