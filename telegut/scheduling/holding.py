"""
Time kept for somebody who is still deciding, and how it becomes a visit. Steps of a transaction that the caller opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update

from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.errors import Conflict, FieldError, Gone, Invalid, NotFound
from telegut.scheduling import diaries
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.booking import Agreed, Wanted, agree, check_limit, write
from telegut.scheduling.diaries import PATIENT, Place
from telegut.scheduling.slots import Reason
from telegut.scheduling.tables import hold, participant


class HoldUsed(Conflict):
    """This time was already booked with this request."""


class HoldExpired(Gone):
    """The time that was kept for you has run out. Nothing is booked."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Time kept for somebody who is still deciding."""

    id: UUID
    service: UUID
    practitioners: tuple[UUID, ...]
    patient: UUID | None
    start: datetime
    end: datetime
    expires_at: datetime


async def hold_time(tx: Transaction, wanted: Wanted) -> Hold:
    """
    Keep a time for the caller for some minutes.

    The newest holds of one patient stay, within the clinic's number; older ones end. A hold of the caller's own that
    touches the same time is replaced.

    Raises:
        Invalid, Conflict: see `agree`. TooManyVisits: the patient has enough ahead.
    """
    agreed = await agree(tx, wanted)
    await check_limit(tx, wanted, agreed.terms)
    too_many = await _oldest_holds(tx, wanted.patient, agreed.terms.policy.holds_per_patient - 1)
    await diaries.release_holds(tx, agreed.own_holds | too_many)
    end = wanted.start + agreed.terms.visit.duration
    now = func.statement_timestamp()
    values = {
        "id": new_id(),
        "owner": tx.caller.account,
        "patient": wanted.patient,
        "service": wanted.service,
        "start_at": wanted.start,
        "end_at": end,
        "made_at": now,
        "expires_at": now + agreed.terms.policy.hold_for,
    }
    kept = (await tx.execute(insert(hold).values(values).returning(hold.c.id, hold.c.expires_at))).one()
    await diaries.keep_for_hold(tx, kept.id, agreed.places, agreed.terms.visit, wanted.start, kept.expires_at)
    return Hold(kept.id, wanted.service, agreed.practitioners, wanted.patient, wanted.start, end, kept.expires_at)


async def _oldest_holds(tx: Transaction, patient: UUID | None, keep: int) -> set[UUID]:
    statement = (
        select(hold.c.id)
        .where(
            hold.c.owner == tx.caller.account,
            hold.c.patient.is_not_distinct_from(patient),
            hold.c.appointment.is_(None),
            hold.c.released_at.is_(None),
            hold.c.expires_at > func.statement_timestamp(),
        )
        .order_by(hold.c.made_at.desc())
        .offset(keep)
    )
    return set((await tx.execute(statement)).scalars())


async def confirm(tx: Transaction, hold_id: UUID, patient: UUID | None, *, limited: bool) -> Appointment:
    """
    Turn the caller's hold into an appointment.

    patient: for a hold that was made before it was known for whom. What is offered is asked again, except for the
    notice, which was kept when the hold was made.

    Raises:
        NotFound: no such hold of the caller. HoldUsed, HoldExpired: it has ended. Invalid, Conflict: see `agree`.
    """
    held = await _own_hold(tx, hold_id)
    _check_open(held)
    them = held.patient or patient
    if them is None or (patient is not None and patient != them):
        raise Invalid(errors=[FieldError("patient", "Say who the visit is for, the same as before.")])
    parts = select(participant.c.person).where(participant.c.hold == hold_id, participant.c.part != PATIENT)
    practitioners = tuple(sorted((await tx.execute(parts)).scalars()))
    if not practitioners:
        raise HoldExpired
    wanted = Wanted(held.service, practitioners, held.start_at, them, limited)
    agreed = await _agree_to_own(tx, wanted, held)
    await check_limit(tx, wanted, agreed.terms)
    appointment_id = await _consume(tx, hold_id)
    booked = await write(tx, wanted, agreed, appointment_id)
    await diaries.turn_into_appointment(tx, hold_id, booked.id)
    if held.patient is None:
        await diaries.keep(tx, booked.id, [Place(them, PATIENT)], agreed.terms.visit, booked.start)
    return booked


async def _agree_to_own(tx: Transaction, wanted: Wanted, held: Row[Any]) -> Agreed:
    # The hold itself is in the diaries when it was made without a patient; then it is the asker's own all the same.
    forgiven = {Reason.TOO_SOON} if held.patient else {Reason.TOO_SOON, Reason.HELD}
    return await agree(tx, wanted, forgiven=forgiven)


async def _own_hold(tx: Transaction, hold_id: UUID) -> Row[Any]:
    statement = select(hold, (hold.c.expires_at <= func.statement_timestamp()).label("expired")).where(
        hold.c.id == hold_id, hold.c.owner == tx.caller.account
    )
    row = (await tx.execute(statement)).one_or_none()
    if row is None:
        raise NotFound("There is no such time kept for you.")
    return row


def _check_open(held: Row[Any]) -> None:
    if held.appointment is not None:
        raise HoldUsed
    if held.released_at is not None or held.expired:
        raise HoldExpired


async def _consume(tx: Transaction, hold_id: UUID) -> UUID:
    """Use up a hold that still lasts at this very moment; everybody it concerns is locked by now."""
    booked = new_id()
    used = (
        update(hold)
        .where(
            hold.c.id == hold_id,
            hold.c.appointment.is_(None),
            hold.c.released_at.is_(None),
            hold.c.expires_at > func.statement_timestamp(),
        )
        .values(appointment=booked)
        .returning(hold.c.id)
    )
    if await tx.scalar(used) is None:
        _check_open(await _own_hold(tx, hold_id))
        raise HoldExpired
    return booked
