"""Moving a visit, cancelling it, and writing down how it went. Steps of a transaction that the caller opened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, update

from telegut.db import audit
from telegut.db.engine import Transaction
from telegut.errors import Conflict, Invalid
from telegut.scheduling import appointments, calendars, catalogue, diaries
from telegut.scheduling.appointments import Appointment, as_json
from telegut.scheduling.booking import Wanted, agree, agreed_start
from telegut.scheduling.cancelling import CancelCode
from telegut.scheduling.groups import sessions
from telegut.scheduling.groups.rules import SeatOfASession
from telegut.scheduling.overrides import buffers
from telegut.scheduling.refusals import Reason
from telegut.scheduling.rules import Status, VisitType
from telegut.scheduling.tables import appointment
from telegut.scheduling.waitlist import handing, seats
from telegut.scheduling.waitlist.freed import Freed


class TooLateToMove(Invalid):
    """It is too late to move this visit without the clinic. Please write to us."""


class Stale(Conflict):
    """This visit was changed a moment ago. Please look at it again."""


class NotBooked(Conflict):
    """This visit is no longer booked."""


async def move(
    tx: Transaction,
    current: Appointment,
    start: datetime,
    version: int,
    *,
    by_patient: bool,
    overriding: frozenset[Reason] | None = None,
) -> Appointment:
    """
    Give an appointment another time; it stays the same appointment and the same visit. The time it has changes nothing.

    overriding: the rules that staff decides against, see `overrides`.

    Raises:
        Stale, NotBooked: it was changed or cancelled; ``current`` holds it. TooLateToMove: a patient, within the
        clinic's notice. SeatOfASession: the session has the time. Invalid, Conflict: see `agree`.
    """
    if current.group_session is not None:
        raise SeatOfASession
    wanted = _elsewhen(current, start, overriding)
    near = await handing.look_around(tx, wanted.staff)
    await calendars.lock(tx, near.practitioners, wanted.service)
    await _check_current(tx, current.id, version)
    if start == current.start and overriding is None:
        return current  # no move: nobody needs another invitation for the time that they have
    terms = await catalogue.terms(tx, wanted.service)
    notice = terms.policy.cancel_notice if by_patient else timedelta(0)
    if terms.now + notice > current.start:
        raise TooLateToMove
    agreed = await agree(tx, wanted, apart_from=current.id)
    await diaries.release_holds(tx, agreed.own_holds)
    start = start.astimezone(UTC)
    values = {
        "start_at": start,
        "end_at": start + terms.visit.duration,
        "zone": agreed.zone,
        "agreed_start": agreed_start(start, agreed.zone),
    }
    await _change(tx, current.id, version, values, raise_sequence=True)
    visit = terms.visit
    if overriding is not None:
        visit = await buffers.make_room(tx, current.practitioners, visit, start, apart_from=current.id)
    await diaries.move(tx, current.id, visit, start)
    await buffers.give_back(tx, current.id, current.practitioners, current.start, current.end)
    await audit.record(tx, "move", "appointment", current.id, patient=current.patient)
    await handing.hand_on(tx, near, _freed(current, terms.visit))
    return await appointments.one(tx, current.id)


def _elsewhen(one: Appointment, start: datetime, overriding: frozenset[Reason] | None) -> Wanted:
    """The same visit with the same people at another time."""
    interpreters = (one.interpreter,) if one.interpreter else ()
    return Wanted(one.service, one.practitioners, start, one.patient, overriding=overriding, interpreters=interpreters)


async def cancel(
    tx: Transaction, current: Appointment, version: int, *, by_patient: bool, code: CancelCode | None = None
) -> Appointment:
    """
    Give the time of an appointment back; the appointment stays, cancelled. Whoever waits for the time is offered it.

    A patient who is later than the clinic's notice is not refused; it is noted. code: why, without own words.

    Raises:
        Stale, NotBooked: it was changed or cancelled; ``current`` holds it.
    """
    near = await handing.look_around(tx, current.staff)
    await calendars.lock(tx, near.practitioners, current.service)
    if current.group_session is not None:
        await sessions.lock(tx, current.group_session)  # its seats are counted again
    await _check_current(tx, current.id, version)
    policy, now = await catalogue.clinic_policy(tx)
    values = {
        "status": Status.CANCELLED.value,
        "cancelled_at": now,
        "cancelled_by": tx.caller.account,
        "cancelled_late": by_patient and now + policy.cancel_notice > current.start,
        "cancel_code": code.value if code else None,
    }
    await _change(tx, current.id, version, values, raise_sequence=True)
    await diaries.release(tx, current.id)
    await buffers.give_back(tx, current.id, current.practitioners, current.start, current.end)
    await audit.record(tx, "cancel", "appointment", current.id, patient=current.patient)
    if current.group_session is not None:  # a seat in a group is nobody else's hour, but may be somebody's seat
        await seats.hand_on(tx, near, current.group_session, not_for=current.patient)
    else:
        await handing.hand_on(tx, near, _freed(current, await catalogue.visit_type(tx, current.service)))
    return await appointments.one(tx, current.id)


def _freed(one: Appointment, visit: VisitType) -> Freed:
    """The time of a visit that is given up, with its buffers; not for the patient who gave it up."""
    since, until = one.start - visit.buffer_before, one.end + visit.buffer_after
    return Freed(frozenset(one.practitioners), since, until, not_for=one.patient)


async def complete(tx: Transaction, current: Appointment, outcome: str) -> Appointment:
    """
    Write down how a visit went. The same outcome again changes nothing; a better one replaces it.

    Raises:
        NotBooked: it was cancelled.
    """
    if current.outcome == outcome:
        return current
    if current.status is Status.CANCELLED:
        raise NotBooked(current=as_json(current))
    values = {"status": Status.COMPLETED.value, "outcome": outcome}
    await _change(tx, current.id, current.version, values, raise_sequence=False)
    await audit.record(tx, "complete", "appointment", current.id, patient=current.patient)
    return await appointments.one(tx, current.id)


async def _check_current(tx: Transaction, appointment_id: UUID, version: int) -> None:
    """The queue was waited in; only now is the appointment's state the last word."""
    current = await appointments.one(tx, appointment_id)
    if current.status is not Status.BOOKED:
        raise NotBooked(current=as_json(current))
    if current.version != version:
        raise Stale(current=as_json(current))


async def _change(
    tx: Transaction, appointment_id: UUID, version: int, values: dict[str, Any], *, raise_sequence: bool
) -> None:
    changed = (
        update(appointment)
        .where(appointment.c.id == appointment_id, appointment.c.version == version)
        .values(
            version=appointment.c.version + 1,
            sequence=appointment.c.sequence + (1 if raise_sequence else 0),
            changed_at=func.statement_timestamp(),
            **values,
        )
        .returning(appointment.c.id)
    )
    if await tx.scalar(changed) is None:
        raise Stale(current=as_json(await appointments.one(tx, appointment_id)))
