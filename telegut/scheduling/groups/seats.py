"""Taking a seat: one step of a transaction that has locked the session."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import Range

from telegut.db import audit
from telegut.db.engine import Transaction, on_violation
from telegut.db.ids import new_id
from telegut.scheduling import appointments, bookers, calendars, catalogue, diaries
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.booking import TooManyVisits, agreed_start
from telegut.scheduling.diaries import PATIENT
from telegut.scheduling.groups.rules import NoSeats, SeatedAlready, SessionClosed
from telegut.scheduling.groups.sessions import Session, as_json
from telegut.scheduling.refusals import PatientBusy
from telegut.scheduling.rules import Policy, Status
from telegut.scheduling.tables import appointment, hold, participant
from telegut.scheduling.waitlist import settling


async def take(tx: Transaction, session: Session, patient: UUID) -> Appointment:
    """
    Give *patient* a seat in a locked *session*; where the waitlist keeps one for them, it is that one.

    A session may be joined until it begins; its practitioners decided about notice and hours when they opened it.

    Raises:
        SessionClosed: it is cancelled or has begun. NoSeats: it is full. SeatedAlready: they have one. PatientBusy:
        they have another visit then. TooManyVisits: they have enough ahead.
    """
    policy, now = await catalogue.clinic_policy(tx)
    if session.is_cancelled or session.start <= now:
        raise SessionClosed(current=as_json(session))
    limited = not bookers.is_staff(tx.caller)
    if limited:
        await bookers.check_may_choose(tx, session.practitioners, patient, anybody=policy.any_practitioner)
    if await _seat_of(tx, session.id, patient) is not None:
        raise SeatedAlready(current=as_json(session))
    kept = await _kept_for(tx, session.id, patient)
    if session.left < 1 and kept is None:
        raise NoSeats(current=as_json(session))
    await calendars.lock_patient(tx, patient)
    if limited:
        await _check_limit(tx, patient, policy, now)
    seat = new_id()
    if kept is not None:
        await _use(tx, kept, seat)
    await _make_room(tx, session, patient)
    return await _write(tx, session, patient, now, seat)


async def _kept_for(tx: Transaction, session: UUID, patient: UUID) -> UUID | None:
    """The hold on a seat that the waitlist keeps for this patient at this moment."""
    found: UUID | None = await tx.scalar(
        select(hold.c.id).where(
            hold.c.group_session == session,
            hold.c.patient == patient,
            hold.c.appointment.is_(None),
            hold.c.released_at.is_(None),
            hold.c.expires_at > func.statement_timestamp(),
        )
    )
    return found


async def _use(tx: Transaction, kept: UUID, seat: UUID) -> None:
    """The kept seat becomes *seat*: it counts once all the while, because the session is locked."""
    await tx.execute(delete(participant).where(participant.c.hold == kept))
    await tx.execute(update(hold).where(hold.c.id == kept).values(appointment=seat))
    await settling.accepted(tx, kept)


async def _seat_of(tx: Transaction, session: UUID, patient: UUID) -> Row[tuple[UUID]] | None:
    statement = select(appointment.c.id).where(
        appointment.c.group_session == session,
        appointment.c.patient == patient,
        appointment.c.status != Status.CANCELLED.value,
    )
    return (await tx.execute(statement)).one_or_none()


async def _check_limit(tx: Transaction, patient: UUID, policy: Policy, now: datetime) -> None:
    if await appointments.count_future(tx, patient, now) >= policy.max_future_visits:
        raise TooManyVisits


async def _make_room(tx: Transaction, session: Session, patient: UUID) -> None:
    """The patient's holds that ran out go, and so do the caller's own of that time: taking the seat decides."""
    await tx.execute(
        delete(participant).where(
            participant.c.person == patient, participant.c.expires_at <= func.statement_timestamp()
        )
    )
    own = (
        select(participant.c.hold)
        .join(hold, hold.c.id == participant.c.hold)
        .where(
            participant.c.person == patient,
            hold.c.owner == tx.caller.account,
            participant.c.during.op("&&")(func.tstzrange(session.start, session.end)),
        )
    )
    await diaries.release_holds(tx, set((await tx.execute(own)).scalars()))


async def _write(tx: Transaction, session: Session, patient: UUID, now: datetime, seat: UUID) -> Appointment:
    row = {
        "id": seat,
        "visit": session.visit,
        "patient": patient,
        "service": session.service,
        "start_at": session.start,
        "end_at": session.end,
        "zone": session.zone,
        "agreed_start": agreed_start(session.start, session.zone),
        "booked_by": tx.caller.account,
        "booked_at": now,
        "changed_at": now,
        "group_session": session.id,
    }
    time: Range[datetime] = Range(session.start, session.end)
    place = {"id": new_id(), "appointment": seat, "person": patient, "part": PATIENT, "during": time, "visit": time}
    with on_violation(
        scheduling_group_session_taken_check=NoSeats,
        scheduling_one_seat_each=SeatedAlready,
        scheduling_no_overlap=PatientBusy,
    ):
        await tx.execute(insert(appointment).values(row))
        await tx.execute(insert(participant).values(place))
    await audit.record(tx, "book", "appointment", seat, patient=patient)
    return await appointments.one(tx, seat)
