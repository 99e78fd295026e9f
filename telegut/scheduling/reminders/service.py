"""Planning reminders, sending what is due, and the answer "I will be there". One method, one transaction a row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from telegut import logs
from telegut.accounts import care, people
from telegut.accounts.people import Person
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.errors import NotFound
from telegut.notices import contacts
from telegut.notices.rules import AppointmentNotice, Channel, Kind, Link, revision
from telegut.notices.service import Notices
from telegut.scheduling import appointments
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.reminders import rules, store
from telegut.scheduling.reminders.rules import Standing, State
from telegut.scheduling.reminders.store import Numbers, Planned, Waiting
from telegut.scheduling.rules import Status

AT_ONCE: Final = 200
"""Reminders that are read as due in one go."""

_SYSTEM = Caller.system("reminders")
log = logs.get("reminders")


@dataclass(frozen=True, slots=True)
class Doorway:
    """Somebody's way in: their link, and whether camera and sound were checked; None: not asked."""

    link: Link
    ready: bool | None = None


FindDoorway = Callable[[Transaction, Appointment, UUID], Awaitable[Doorway]]


@dataclass(frozen=True, slots=True)
class Reminders:
    """Reminders of visits, as rows that are checked against the appointment when they are due."""

    db: Database
    notices: Notices

    async def plan(self, tx: Transaction, one: Appointment, *, late: bool = True) -> None:
        """
        Keep a row for every reminder of *one* as it is now; what waited for its former times is dropped.

        Again does no harm. late: whether one that should have gone out meanwhile still does; not for a reminder that
        the clinic has only just begun to send.
        """
        now_is = revision(one.sequence)
        if one.status is not Status.BOOKED:
            await store.drop_older(tx, one.id, None)
            return
        await store.drop_older(tx, one.id, now_is)
        numbers = await store.numbers(tx)
        agreed_at = one.changed_at if late else max(one.changed_at, numbers.now)
        known = await people.named(tx, await self._recipients(tx, one))
        planned = [
            _planned(one, person, channel, minutes, numbers, agreed_at)
            for person in known.values()
            for channel in Channel
            for minutes in numbers.minutes
        ]
        await store.keep(tx, one.id, now_is, planned, numbers.now)

    async def _recipients(self, tx: Transaction, one: Appointment) -> list[UUID]:
        """The patient's side and the interpreter; practitioners only when they chose to be reminded."""
        reached = await contacts.of_all(tx, list(one.practitioners))
        choosing = [each for each in one.practitioners if reached[each].reminders is not None]
        return [*await patients_side(tx, one), *choosing]

    async def catch_up(self) -> int:
        """Plan for appointments that lack a reminder: none is lost, whatever was killed in between."""
        async with self.db.begin(_SYSTEM) as tx:
            numbers = await store.numbers(tx)
            lacking = await store.unplanned(tx, numbers.minutes, AT_ONCE)
        for each in lacking:
            async with self.db.begin(_SYSTEM) as tx:
                await self.plan(tx, await appointments.one(tx, each), late=False)
        return len(lacking)

    async def send_due(self, doorway: FindDoorway) -> int:
        """Look at everything that is due, each in a transaction of its own; returns how many were handed to notices."""
        handed = 0
        while True:
            async with self.db.begin(_SYSTEM) as tx:
                found = await store.due(tx, AT_ONCE)
            for each in found:
                handed += await self.db.run(_SYSTEM, _looking(self, each, doorway))
            if len(found) < AT_ONCE:
                return handed

    async def look(self, tx: Transaction, reminder: UUID, doorway: FindDoorway) -> bool:
        """Decide about one reminder that is due; returns whether it was handed to notices."""
        waiting = await store.lock(tx, reminder)
        if waiting is None:
            return False
        one = await appointments.one(tx, waiting.appointment)
        person = (await people.named(tx, [waiting.recipient])).get(waiting.recipient)
        numbers = await store.numbers(tx)
        due = _due(one.start, waiting.minutes_before, waiting.channel, person.zone if person else one.zone, numbers)
        state = rules.verdict(
            waiting.revision,
            due,
            numbers.now,
            _standing(one),
            later_is_due=await store.nearer_is_due(tx, waiting),
            wanted=waiting.minutes_before in numbers.minutes and await self._is_wanted(tx, one, waiting),
        )
        if state is State.WAITING:
            await store.postpone(tx, waiting.id, due)
            return False
        await store.settle(tx, waiting.id, state)
        if state is not State.SENT or person is None:
            return False
        return await self._hand_over(tx, one, waiting, person, doorway)

    async def _is_wanted(self, tx: Transaction, one: Appointment, waiting: Waiting) -> bool:
        side = await patients_side(tx, one)
        if waiting.recipient not in {*side, *one.practitioners}:
            return False
        contact = await contacts.of(tx, waiting.recipient)
        gateway = self.notices.gateway is not None
        return waiting.channel in contact.channels(practitioner=waiting.recipient not in side, gateway=gateway)

    async def _hand_over(
        self, tx: Transaction, one: Appointment, waiting: Waiting, person: Person, doorway: FindDoorway
    ) -> bool:
        way = await doorway(tx, one, person.id)
        return await self.notices.send(
            tx,
            AppointmentNotice(
                to=person.id,
                patient=one.patient,
                kind=Kind.APPOINTMENT_REMINDER,
                appointment=one.id,
                version=waiting.revision,
                start=one.start,
                zone=person.zone,
                link=way.link,
                channel=waiting.channel,
                minutes_before=waiting.minutes_before,
                ready=way.ready,
            ),
        )


async def patients_side(tx: Transaction, one: Appointment) -> list[UUID]:
    """Who hears of an appointment without having asked: the patient, guardians, an interpreter."""
    interpreter = [one.interpreter] if one.interpreter else []
    return [one.patient, *await care.guardians(tx, one.patient), *interpreter]


def _planned(
    one: Appointment, person: Person, channel: Channel, minutes: int, numbers: Numbers, agreed_at: datetime
) -> Planned:
    due = _due(one.start, minutes, channel, person.zone, numbers)
    return Planned(person.id, channel, minutes, due, State.PASSED if due <= agreed_at else State.WAITING)


def _due(start: datetime, minutes: int, channel: Channel, zone: str, numbers: Numbers) -> datetime:
    if channel is Channel.MAIL:
        return rules.by_mail(start, minutes)
    return rules.by_text(start, minutes, zone, numbers.quiet)


def _standing(one: Appointment) -> Standing:
    return Standing(revision(one.sequence), one.status is Status.BOOKED, one.start, one.changed_at)


def _looking(reminders: Reminders, reminder: UUID, doorway: FindDoorway) -> Callable[[Transaction], Awaitable[bool]]:
    async def work(tx: Transaction) -> bool:
        try:
            return await reminders.look(tx, reminder, doorway)
        except NotFound:
            await store.settle(tx, reminder, State.STALE)  # erased meanwhile
            return False

    return work
