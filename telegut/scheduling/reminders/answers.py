"""The answer to a reminder: somebody says that they will be there. It counts for one time of the visit."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, or_, update

from telegut.accounts import care
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.errors import Refused
from telegut.realtime import outbox
from telegut.scheduling import appointments, bookers, events, links
from telegut.scheduling.appointments import Appointment, as_json
from telegut.scheduling.changing import NotBooked
from telegut.scheduling.rules import Status
from telegut.scheduling.tables import appointment

CONFIRMED = "appointment.confirmed"


class NotYoursToSay(Refused):
    """Only the patient's side, or the clinic for them, can say that they will be there."""


async def confirm(db: Database, caller: Caller, appointment_id: UUID) -> Appointment:
    """
    Note that the patient's side will be there, with when and by whom. Again changes nothing.

    Opening a mail or a page is no answer; this is asked for by a tap.

    Raises:
        NotFound: there is no such appointment for the caller. NotYoursToSay: they are not of the patient's side.
        NotBooked: it was cancelled, or has begun.
    """

    async def work(tx: Transaction) -> Appointment:
        await links.enter(tx)
        one = await appointments.one(tx, appointment_id)
        await links.check_own(tx, one)
        await _check_may_say(tx, one)
        if one.confirmed_at is not None and one.status is Status.BOOKED:
            return one
        return await _note(tx, one)

    return await db.run(caller, work)


async def _check_may_say(tx: Transaction, one: Appointment) -> None:
    caller = tx.caller
    theirs = caller.account == one.patient or bookers.COORDINATOR in caller.roles
    if not theirs and not (caller.account and await care.acts_for(tx, caller.account, one.patient)):
        raise NotYoursToSay


async def _note(tx: Transaction, one: Appointment) -> Appointment:
    now = func.statement_timestamp()
    still = (
        (appointment.c.id == one.id)
        & (appointment.c.status == Status.BOOKED.value)
        & (appointment.c.sequence == one.sequence)
        & (appointment.c.start_at > now)
    )
    said = (
        update(appointment)
        .where(still, or_(appointment.c.confirmed_sequence.is_(None), appointment.c.confirmed_sequence != one.sequence))
        .values(confirmed_at=now, confirmed_by=tx.caller.account, confirmed_sequence=one.sequence)
        .returning(appointment.c.id)
    )
    noted = await tx.scalar(said)
    current = await appointments.one(tx, one.id)
    if current.confirmed_at is None:
        raise NotBooked(current=as_json(current))
    if noted is not None:
        await audit.record(tx, "confirm", "appointment", one.id, patient=one.patient)
        event = events.happened(CONFIRMED, one.id, one.visit, one.patient, one.version, one.start)
        audience = {*one.people, *await care.guardians(tx, one.patient)}
        await outbox.append(tx, event, to=audience | ({one.booked_by} if one.booked_by else set()))
    return current
