"""What the worker does for rooms: mails and reminders with personal links, and closing visits whose time is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from telegut.accounts import people
from telegut.accounts.people import Person
from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.errors import NotFound
from telegut.jobs.queue import Job
from telegut.jobs.runner import Handler
from telegut.notices import contacts
from telegut.notices.rules import AppointmentNotice, Kind, Link, revision
from telegut.notices.service import Notices
from telegut.rooms import readiness
from telegut.rooms.entry import Entry
from telegut.rooms.store import Room
from telegut.scheduling import appointments
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.reminders.service import Doorway, Reminders, patients_side
from telegut.scheduling.rules import Status

_MAILER = Caller.system("personal links")
_VISITS, _DAY = Link("/visits"), Link("/day")
ROUND_JOB, CATCH_UP_JOB = "reminder.round", "reminder.catch_up"
PERIODIC: Mapping[str, float] = {ROUND_JOB: 15.0, CATCH_UP_JOB: 300.0}
"""A reminder is looked at within one round of being due: 15 s of the 60 s that a late one may take."""


def jobs(entry: Entry, notices: Notices, reminders: Reminders) -> Mapping[str, Handler]:
    """The kinds of job that rooms takes on."""
    post = _Post(entry, notices, reminders)

    async def close(job: Job) -> None:
        try:
            await entry.rooms.close_if_over(UUID(job.payload["visit"]))
        except NotFound:
            return  # erased meanwhile

    def tell(kind: Kind) -> Handler:
        async def handle(job: Job) -> None:
            if kind is not Kind.APPOINTMENT_BOOKED:
                await entry.rooms.look(UUID(job.payload["visit"]))  # a cancelled visit ends now, for whoever is in it
            await post.tell(kind, UUID(job.payload["appointment"]))

        return handle

    async def send_due(_: Job) -> None:
        await reminders.send_due(post.doorway)

    async def catch_up(_: Job) -> None:
        await reminders.catch_up()

    return {
        "visit.close": close,
        "appointment.booked": tell(Kind.APPOINTMENT_BOOKED),
        "appointment.moved": tell(Kind.APPOINTMENT_MOVED),
        "appointment.cancelled": tell(Kind.APPOINTMENT_CANCELLED),
        ROUND_JOB: send_due,
        CATCH_UP_JOB: catch_up,
    }


@dataclass(frozen=True, slots=True)
class _Post:
    """Letters about appointments, each with its reader's own way in."""

    entry: Entry
    notices: Notices
    reminders: Reminders

    async def tell(self, kind: Kind, appointment: UUID) -> None:
        """Plan the reminders, and tell everybody who is told. What is no longer so is not told."""

        async def work(tx: Transaction) -> None:
            one = await appointments.one(tx, appointment)
            room = await self.entry.rooms.load(tx, one.visit)  # a new visit's is made here
            await self.reminders.plan(tx, one)
            if not _is_so(kind, one):
                return
            readers = await people.named(tx, [*await patients_side(tx, one), *await _asking(tx, one)])
            for person in readers.values():
                await self.notices.send(tx, await self._notice(tx, one, kind, person, room))

        await self.entry.rooms.db.run(_MAILER, work)

    async def _notice(self, tx: Transaction, one: Appointment, kind: Kind, to: Person, room: Room) -> AppointmentNotice:
        return AppointmentNotice(
            to=to.id,
            patient=one.patient,
            kind=kind,
            appointment=one.id,
            version=revision(one.sequence),
            start=one.start,
            zone=to.zone,
            link=await self._link(tx, one, to.id, room),
        )

    async def doorway(self, tx: Transaction, one: Appointment, account: UUID) -> Doorway:
        """The way in that a reminder shows."""
        link = await self._link(tx, one, account, await self.entry.rooms.load(tx, one.visit))
        if account in one.practitioners:
            return Doorway(link)
        return Doorway(link, account in (await readiness.ready(tx, [one.visit]))[one.visit])

    async def _link(self, tx: Transaction, one: Appointment, account: UUID, room: Room) -> Link:
        """The personal link of who comes to the visit; staff sign in, and so does who has no seat in it."""
        if account in one.practitioners:
            return _DAY
        if account not in {seat.account for seat in room.visit.seats}:
            return _VISITS
        return Link(await self.entry.path(tx, one.visit, account))


def _is_so(kind: Kind, one: Appointment) -> bool:
    """A booking that was moved meanwhile is told as moved: its job comes after."""
    if kind is Kind.APPOINTMENT_CANCELLED:
        return one.status is Status.CANCELLED
    return one.status is not Status.CANCELLED and (kind is Kind.APPOINTMENT_MOVED or one.sequence == 0)


async def _asking(tx: Transaction, one: Appointment) -> list[UUID]:
    """Practitioners who want a mail for every change; the others have their feed."""
    reached = await contacts.of_all(tx, list(one.practitioners))
    return [each for each in one.practitioners if reached[each].changes_by_mail]
