"""
Time kept for somebody, and how it becomes a visit. Steps of a transaction that the caller opened.

A hold belongs to its owner and ends by the database's clock. Most are a ``choice`` (somebody is still deciding); an
``offer`` is what the waitlist keeps for somebody who waited, see `telegut.scheduling.waitlist`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, insert, select, update

from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.errors import Conflict, FieldError, Gone, Invalid, NotFound
from telegut.scheduling import calendars, catalogue, diaries
from telegut.scheduling.appointments import INTERPRETER, Appointment
from telegut.scheduling.booking import Agreed, Wanted, agree, check_limit, write
from telegut.scheduling.diaries import PATIENT, Place
from telegut.scheduling.groups import seats, sessions
from telegut.scheduling.refusals import Reason
from telegut.scheduling.tables import hold, participant
from telegut.scheduling.waitlist import settling

CHOICE, OFFER = "choice", "offer"

_LASTING = (
    hold.c.appointment.is_(None),
    hold.c.released_at.is_(None),
    hold.c.expires_at > func.statement_timestamp(),
)


class HoldUsed(Conflict):
    """This time was already booked with this request."""


class HoldExpired(Gone):
    """The time that was kept for you has run out. Nothing is booked."""


class HoldRenewed(Conflict):
    """This time was kept for longer once already. Please book it, or choose again."""


class OfferNotRenewed(Conflict):
    """An offer of the waitlist is kept until its time and not longer: somebody else is waiting too."""


class TooManyHolds(Conflict):
    """Others keep times for this patient at this moment. Book one of them, or wait a few minutes."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Time kept for somebody. *renewed*: it was kept for longer once. *kind*: ``choice`` or ``offer``."""

    id: UUID
    service: UUID
    practitioners: tuple[UUID, ...]
    patient: UUID | None
    start: datetime
    end: datetime
    expires_at: datetime
    renewed: bool = False
    kind: str = CHOICE


async def hold_time(tx: Transaction, wanted: Wanted) -> Hold:
    """
    Keep a time for the caller for some minutes.

    The newest holds of one patient stay, within the clinic's number; the caller's older ones end. A hold of the
    caller's own that touches the same time is replaced; an offer of just this time is given instead of a new hold.

    Raises:
        Invalid, Conflict: see `agree`. TooManyVisits: the patient has enough ahead. TooManyHolds: others keep times
        for this patient, and theirs are not the caller's to end.
    """
    agreed = await agree(tx, wanted)
    await check_limit(tx, wanted, agreed.terms)
    offered = await _same_offer(tx, wanted, agreed)
    if offered is not None:
        return offered
    too_many = await _giving_way(tx, wanted, agreed)
    await diaries.release_holds(tx, agreed.own_holds | too_many)
    ends = agreed.terms.now + agreed.terms.policy.hold_for
    return await keep(tx, wanted, agreed, kind=CHOICE, expires_at=ends, free_at=ends)


async def keep(
    tx: Transaction, wanted: Wanted, agreed: Agreed, *, kind: str, expires_at: datetime, free_at: datetime
) -> Hold:
    """
    Write down a hold on what was agreed.

    expires_at: until when its owner (``wanted.by``, or the caller) may use it. free_at: when the time is free for
    others, if nobody ends the hold before.

    Raises:
        SlotTaken: somebody is not free; the constraint said so.
    """
    made, end = new_id(), wanted.start + agreed.terms.visit.duration
    row = {
        "id": made,
        "owner": wanted.by or tx.caller.account,
        "patient": wanted.patient,
        "service": wanted.service,
        "start_at": wanted.start,
        "end_at": end,
        "made_at": agreed.terms.now,
        "expires_at": expires_at,
        "kind": kind,
    }
    await tx.execute(insert(hold).values(row))
    await diaries.keep_for_hold(tx, made, agreed.places, agreed.terms.visit, wanted.start, free_at)
    return Hold(made, wanted.service, agreed.practitioners, wanted.patient, wanted.start, end, expires_at, kind=kind)


async def _same_offer(tx: Transaction, wanted: Wanted, agreed: Agreed) -> Hold | None:
    if not agreed.own_holds:
        return None
    same = (
        hold.c.id.in_(agreed.own_holds),
        hold.c.kind == OFFER,
        hold.c.service == wanted.service,
        hold.c.start_at == wanted.start,
    )
    return next(iter(await _holds(tx, *same)), None)


async def _giving_way(tx: Transaction, wanted: Wanted, agreed: Agreed) -> set[UUID]:
    """The caller's holds for this patient that a new one ends; the patient is locked, so that the count holds."""
    about = hold.c.patient == wanted.patient if wanted.patient else hold.c.owner == tx.caller.account
    lasting = (
        select(hold.c.id, hold.c.owner)
        .where(*_LASTING, about, hold.c.patient.is_not_distinct_from(wanted.patient), hold.c.kind == CHOICE)
        .order_by(hold.c.made_at.desc())
    )
    rows = [row for row in await tx.execute(lasting) if row.id not in agreed.own_holds]
    mine = [row.id for row in rows if row.owner == tx.caller.account]
    room = agreed.terms.policy.holds_per_patient - 1 - (len(rows) - len(mine))
    if room < 0:
        raise TooManyHolds
    return set(mine[room:])


async def mine(tx: Transaction) -> list[Hold]:
    """The caller's holds that last at this moment, the one that ends first before the others."""
    return await _holds(tx, hold.c.owner == tx.caller.account)


async def _holds(tx: Transaction, *conditions: Any) -> list[Hold]:
    return [_hold(row) for row in await tx.execute(_statement().where(*_LASTING, *conditions))]


def _statement() -> Select[Any]:
    people = (
        select(func.array_agg(participant.c.person))
        .where(participant.c.hold == hold.c.id, participant.c.part.in_(("consultant", "nutritionist")))
        .scalar_subquery()
    )
    hosts = (
        select(func.array_agg(participant.c.person))
        .where(
            participant.c.group_session == hold.c.group_session, participant.c.part.in_(("consultant", "nutritionist"))
        )
        .scalar_subquery()
    )
    interpreter = (
        select(participant.c.person)
        .where(participant.c.hold == hold.c.id, participant.c.part == INTERPRETER)
        .scalar_subquery()
        .label("interpreter")
    )
    expired = (hold.c.expires_at <= func.statement_timestamp()).label("expired")
    return select(hold, func.coalesce(people, hosts, []).label("practitioners"), interpreter, expired).order_by(
        hold.c.expires_at
    )


def _hold(row: Row[Any]) -> Hold:
    return Hold(
        row.id,
        row.service,
        tuple(sorted(row.practitioners)),
        row.patient,
        row.start_at,
        row.end_at,
        row.expires_at,
        row.renewed_at is not None,
        row.kind,
    )


async def renew(tx: Transaction, hold_id: UUID) -> Hold:
    """
    Keep a time once more for as long as at first, from now.

    Raises:
        NotFound: no such hold of the caller. HoldUsed, HoldExpired: it has ended. HoldRenewed: the second time.
        OfferNotRenewed: others wait for the same time.
    """
    held = await _own_hold(tx, hold_id, tx.caller.account)
    await calendars.lock(tx, [*held.practitioners, *_interpreters(held)], held.service)
    policy, now = await catalogue.clinic_policy(tx)
    until = now + policy.hold_for
    renewed = (
        update(hold)
        .where(hold.c.id == hold_id, *_LASTING, hold.c.renewed_at.is_(None), hold.c.kind == CHOICE)
        .values(expires_at=until, renewed_at=now)
        .returning(hold.c.id)
    )
    if await tx.scalar(renewed) is None:
        held = await _own_hold(tx, hold_id, tx.caller.account)
        _check_open(held)
        raise OfferNotRenewed if held.kind == OFFER else HoldRenewed
    await tx.execute(update(participant).where(participant.c.hold == hold_id).values(expires_at=until))
    return replace(_hold(held), expires_at=until, renewed=True)


async def release(tx: Transaction, hold_id: UUID) -> Hold:
    """
    Give kept time back; it is free at once. What has ended already stays as it ended.

    Raises:
        NotFound: no such hold of the caller. HoldUsed: it is a visit by now.
    """
    held = await _own_hold(tx, hold_id, tx.caller.account)
    if held.appointment is not None:
        raise HoldUsed
    if held.released_at is None:
        await diaries.release_holds(tx, [hold_id])
    return _hold(held)


async def confirm(
    tx: Transaction, hold_id: UUID, patient: UUID | None, *, limited: bool, owner: UUID | None = None
) -> Appointment:
    """
    Turn a hold into an appointment.

    patient: for a hold that was made before it was known for whom. owner: whose hold it is, when the caller acts for
    them. What is offered is asked again, except for the notice, which was kept when the hold was made.

    Raises:
        NotFound: no such hold of the owner. HoldUsed, HoldExpired: it has ended. Invalid, Conflict: see `agree`.
    """
    owner = owner or tx.caller.account
    held = await _own_hold(tx, hold_id, owner)
    _check_open(held)
    them = held.patient or patient
    if them is None or (patient is not None and patient != them):
        raise Invalid(errors=[FieldError("patient", "Say who the visit is for, the same as before.")])
    if held.group_session is not None:
        return await _take_seat(tx, held, them)
    if not held.practitioners:
        raise HoldExpired
    people = tuple(sorted(held.practitioners))
    wanted = Wanted(held.service, people, held.start_at, them, limited, by=owner, interpreters=_interpreters(held))
    agreed = await _agree_to_own(tx, wanted, held)
    await check_limit(tx, wanted, agreed.terms)
    appointment_id = await _consume(tx, hold_id, owner)
    booked = await write(tx, replace(wanted, by=None), agreed, appointment_id)
    await diaries.turn_into_appointment(tx, hold_id, booked.id)
    if held.patient is None:
        await diaries.keep(tx, booked.id, [Place(them, PATIENT)], agreed.terms.visit, booked.start)
    if held.kind == OFFER:
        await settling.accepted(tx, hold_id)
    return booked


async def _take_seat(tx: Transaction, held: Row[Any], patient: UUID) -> Appointment:
    """
    Take the seat of a group session that is kept.

    Raises:
        HoldUsed, HoldExpired: it ended while the session was waited for. Others: see `seats.take`.
    """
    session = await sessions.lock(tx, held.group_session)
    _check_open(await _own_hold(tx, held.id, held.owner))
    return await seats.take(tx, session, patient)


def _interpreters(held: Row[Any]) -> tuple[UUID, ...]:
    return (held.interpreter,) if held.interpreter else ()


async def _agree_to_own(tx: Transaction, wanted: Wanted, held: Row[Any]) -> Agreed:
    # The hold itself is in the diaries when it was made without a patient; then it is the asker's own all the same.
    forgiven = {Reason.TOO_SOON} if held.patient else {Reason.TOO_SOON, Reason.HELD}
    try:
        return await agree(tx, wanted, forgiven=forgiven)
    except Conflict:
        # While the lock was waited for, the hold itself may have ended: used by the same person who asked twice, or run
        # out and handed on to somebody else. That is the better answer.
        _check_open(await _own_hold(tx, held.id, held.owner))
        raise


async def _own_hold(tx: Transaction, hold_id: UUID, owner: UUID | None) -> Row[Any]:
    row = (await tx.execute(_statement().where(hold.c.id == hold_id, hold.c.owner == owner))).one_or_none()
    if row is None:
        raise NotFound("There is no such time kept for you.")
    return row


def _check_open(held: Row[Any]) -> None:
    if held.appointment is not None:
        raise HoldUsed
    if held.released_at is not None or held.expired:
        raise HoldExpired


async def _consume(tx: Transaction, hold_id: UUID, owner: UUID | None) -> UUID:
    """Use up a hold that still lasts at this very moment; everybody it concerns is locked by now."""
    booked = new_id()
    used = update(hold).where(hold.c.id == hold_id, *_LASTING).values(appointment=booked).returning(hold.c.id)
    if await tx.scalar(used) is None:
        _check_open(await _own_hold(tx, hold_id, owner))
        raise HoldExpired
    return booked
