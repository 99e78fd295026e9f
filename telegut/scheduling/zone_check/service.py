"""
After an update of zone data: find the visits it would move, tell both sides, and do what a person decides.

Nothing moves by itself. Whoever keeps the *wall* time moves the visit to what its wall time means now; whoever keeps
the *instant* agrees on what the clocks show then. Either way calendars and people hear of it as of a move.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import func, update

from telegut.accounts import people
from telegut.accounts.people import Person
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.errors import Conflict, NotFound
from telegut.notices.rules import AppointmentNotice, Kind, Link, revision
from telegut.notices.service import Notices
from telegut.scheduling import appointments, bookers, booking, calendars, catalogue, diaries, events, zones
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.changing import Stale
from telegut.scheduling.ground import Wanted
from telegut.scheduling.reminders.service import patients_side
from telegut.scheduling.service import Scheduling
from telegut.scheduling.tables import appointment
from telegut.scheduling.zone_check import store
from telegut.scheduling.zone_check.store import Finding, Moved

Keep = Literal["wall", "instant"]
MOST: Final = 500
"""Findings in one answer at most."""

_SYSTEM = Caller.system("zone data")
_VISITS, _DAY = Link("/visits"), Link("/day")


class Settled(Conflict):
    """Somebody has decided about this visit already, or it was changed. Please look at it again."""


class TimeOfAGroup(Conflict):
    """This is a seat in a group. Move the whole session, or keep the time as it is."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A finding with its appointment and the names of its people."""

    finding: Finding
    appointment: Appointment
    people: dict[UUID, Person]


@dataclass(frozen=True, slots=True)
class ZoneCheck:
    """Visits whose hour on the wall a change of zone data would move."""

    db: Database
    notices: Notices
    scheduling: Scheduling

    async def look(self) -> list[Moved]:
        """Every visit ahead that would move by the zone data in use. Changes nothing."""
        async with self.db.begin(_SYSTEM) as tx:
            return await store.moved(tx)

    async def check(self, *, again: bool = False) -> list[Moved]:
        """
        Check every visit ahead unless that was done with this zone data; tell everybody whose visit would move.

        What was found, the mails and the release are kept in one transaction: a crash means that it is done again.
        again: also with the same release.
        """
        version = zones.data_version()
        async with self.db.begin(_SYSTEM) as tx:
            if not again and await store.checked_with(tx) == version:
                return []
            if await store.checked_with(tx, lock=True) == version and not again:
                return []
            found = await store.moved(tx)
            await store.close_others(tx, [one.appointment for one in found])
            for one in found:
                await store.note(tx, one, version)
                await self._tell(tx, await appointments.one(tx, one.appointment))
            await store.note_checked(tx, version)
            return found

    async def _tell(self, tx: Transaction, one: Appointment) -> None:
        """Both sides, each once for this time of the visit."""
        reached = await people.named(tx, [*await patients_side(tx, one), *one.practitioners])
        for person in reached.values():
            link = _DAY if person.id in one.practitioners else _VISITS
            await self.notices.send(
                tx,
                AppointmentNotice(
                    to=person.id,
                    patient=one.patient,
                    kind=Kind.APPOINTMENT_LOOK,
                    appointment=one.id,
                    version=revision(one.sequence),
                    start=one.start,
                    zone=person.zone,
                    link=link,
                ),
            )

    async def listed(self, caller: Caller) -> list[Listed]:
        """What waits for a person, of the visits that the caller may see, by their start."""
        async with self.db.begin(caller) as tx:
            found = await store.open_ones(tx, MOST)
            ones = [await appointments.one(tx, each.moved.appointment) for each in found]
            named = await people.named(tx, {person for one in ones for person in one.people})
            return [Listed(each, one, named) for each, one in zip(found, ones, strict=True)]

    async def decide(self, caller: Caller, finding: UUID, keep: Keep) -> Appointment:
        """
        Keep the wall time, which moves the visit, or keep the instant, which changes the hour that was agreed.

        Raises:
            NotFound: there is no such finding for the caller. Settled: somebody decided already, or the visit changed.
            TimeOfAGroup: a seat in a group. Conflict: somebody has the time that the wall time means now.
        """

        async def work(tx: Transaction) -> Appointment:
            found = await store.one(tx, finding)
            if found is None:
                raise NotFound
            one = await appointments.one(tx, found.moved.appointment)
            await bookers.check_may_change(tx, one)
            if not found.open:
                raise Settled(current=appointments.as_json(one))
            decided = await _keep_wall(tx, one, found) if keep == "wall" else await _keep_instant(tx, one)
            await store.decide(tx, finding, keep)
            await audit.record(tx, "move", "appointment", one.id, patient=one.patient)
            await self.scheduling.tell(tx, events.MOVED, decided)
            return decided

        return await self.db.run(caller, work)


async def _keep_wall(tx: Transaction, one: Appointment, found: Finding) -> Appointment:
    """Move the visit to what its wall time means now; hours are not asked, for the hour on the wall is the same."""
    if one.group_session is not None:
        raise TimeOfAGroup
    start = found.moved.would_be
    wanted = Wanted(one.service, one.practitioners, start, one.patient, unasked=True)
    await booking.agree(tx, wanted, apart_from=one.id)
    visit = await catalogue.visit_type(tx, one.service)
    await _change(tx, one, start_at=start, end_at=start + (one.end - one.start))
    await diaries.move(tx, one.id, visit, start)
    return await appointments.one(tx, one.id)


async def _keep_instant(tx: Transaction, one: Appointment) -> Appointment:
    await calendars.lock(tx, one.practitioners, one.service)
    await _change(tx, one, agreed_start=zones.on_the_wall(one.start, one.zone).replace(tzinfo=None))
    return await appointments.one(tx, one.id)


async def _change(tx: Transaction, one: Appointment, **values: object) -> None:
    changed = (
        update(appointment)
        .where(appointment.c.id == one.id, appointment.c.version == one.version)
        .values(
            version=appointment.c.version + 1,
            sequence=appointment.c.sequence + 1,
            changed_at=func.statement_timestamp(),
            **values,
        )
        .returning(appointment.c.id)
    )
    if await tx.scalar(changed) is None:
        raise Stale(current=appointments.as_json(await appointments.one(tx, one.id)))
