"""
Taking, moving and giving back time. Each function is one step of a transaction that the caller opened.

Everybody goes the same way: lock the practitioners' calendars in sorted order, then the patient; read the diaries; ask
the one question (`slots.Question`); write under the exclusion constraint. The lock is the queue, the constraint the
truth.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update

from telegut.db import audit
from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.errors import Conflict, FieldError, Gone, Invalid, NotFound
from telegut.scheduling import appointments, bookers, calendars, catalogue, diaries, zones
from telegut.scheduling.appointments import Appointment, as_json
from telegut.scheduling.calendars import Calendar
from telegut.scheduling.catalogue import Terms
from telegut.scheduling.diaries import PATIENT, Asker, Diaries, Place
from telegut.scheduling.rules import Status, VisitType
from telegut.scheduling.slots import NotOffered, Offer, Question, Reason, refusal
from telegut.scheduling.tables import appointment, hold, participant
from telegut.scheduling.windows import expand
from telegut.scheduling.zones import DAY

PRACTITIONERS_AT_MOST = 5


class RoleMissing(Invalid):
    """Somebody is missing for this kind of visit."""


class TooManyVisits(Invalid):
    """There are already as many visits ahead as can be booked at once."""


class TooLateToMove(Invalid):
    """It is too late to move this visit without the clinic. Please write to us."""


class HoldUsed(Conflict):
    """This time was already booked with this request."""


class HoldExpired(Gone):
    """The time that was kept for you has run out. Nothing is booked."""


class Stale(Conflict):
    """This visit was changed a moment ago. Please look at it again."""


class NotBooked(Conflict):
    """This visit is no longer booked."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    A visit that somebody asks for.

    limited: a patient's side asks, so the limits of visits ahead and of whom to choose count. unasked: the hours and
    the clinic's numbers are not asked (the demonstration clinic's past and present); the constraint always is.
    """

    service: UUID
    practitioners: tuple[UUID, ...]
    start: datetime
    patient: UUID | None
    limited: bool = False
    unasked: bool = False


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


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a transaction that has locked everybody found to be possible."""

    terms: Terms
    places: tuple[Place, ...]
    zone: str
    own_holds: frozenset[UUID]

    @property
    def practitioners(self) -> tuple[UUID, ...]:
        """Consultants first."""
        theirs = (place for place in self.places if place.part != PATIENT)
        return tuple(place.person for place in sorted(theirs, key=lambda place: (place.part, place.person)))


async def agree(
    tx: Transaction,
    wanted: Wanted,
    *,
    apart_from: UUID | None = None,
    forgiven: Collection[Reason] = (),
) -> Agreed:
    """
    Lock everybody who is wanted, and go on only if the time may be taken.

    apart_from: an appointment that is about to be moved. forgiven: reasons that do not count this time.

    Raises:
        Invalid: not offered, unknown service or practitioner, a role is missing. Conflict: somebody was faster.
    """
    _check_people(wanted.practitioners)
    terms = await catalogue.terms(tx, wanted.service)
    if wanted.limited:
        anybody = terms.policy.any_practitioner
        await bookers.check_may_choose(tx, wanted.practitioners, wanted.patient, anybody=anybody)
    locked = await calendars.lock(tx, wanted.practitioners, wanted.service)
    if not wanted.unasked:
        check_roles(terms.visit, locked)
    if wanted.patient is not None:
        await calendars.lock_patient(tx, wanted.patient)
    start = zones.seconds(wanted.start)
    people = {*wanted.practitioners} | ({wanted.patient} if wanted.patient else set())
    asker = Asker(tx.caller.account, wanted.patient, apart_from)
    found = await diaries.settle(tx, people, start - DAY, start + DAY, asker)
    if not wanted.unasked:
        _check_start(wanted, terms, locked, found, forgiven)
    return _agreed(wanted, terms, locked, found)


def _check_people(practitioners: Sequence[UUID]) -> None:
    if not practitioners:
        raise Invalid(errors=[FieldError("practitioners", "Choose who the visit is with.")])
    if len(set(practitioners)) != len(practitioners):
        raise Invalid(errors=[FieldError("practitioners", "Name each person once.")])
    if len(practitioners) > PRACTITIONERS_AT_MOST:
        raise Invalid(errors=[FieldError("practitioners", f"There can be {PRACTITIONERS_AT_MOST} people in a visit.")])


def check_roles(visit: VisitType, with_them: Sequence[Calendar]) -> None:
    """
    Refuse a visit without one of the roles it needs.

    Raises:
        RoleMissing: nobody of *with_them* takes part as what the visit needs.
    """
    present = {one.provides_as or one.role for one in with_them}
    missing = [role for role in visit.needs if role not in present]
    if missing:
        message = f"This kind of visit needs a {' and a '.join(missing)} too."
        raise RoleMissing(errors=[FieldError("practitioners", message)])


def _check_start(
    wanted: Wanted, terms: Terms, locked: Sequence[Calendar], found: Diaries, forgiven: Collection[Reason]
) -> None:
    if wanted.start.microsecond:
        raise NotOffered("Visits start on a whole minute.")
    start = zones.seconds(wanted.start)
    patient = found.diary(wanted.patient) if wanted.patient else None
    question = Question.of(terms.visit, terms.policy, terms.now, patient)
    # Two days are enough: a window that is open at the start touches them.
    offers = [offer_of(one, found, start - DAY, start + DAY) for one in locked]
    against = [reason for reason in question.joint_reasons(start, offers) if reason not in forgiven]
    problem = refusal(against)
    if problem is not None:
        raise problem


def offer_of(one: Calendar, found: Diaries, first: int, last: int) -> Offer:
    """One practitioner's side of a question about the time between two instants in seconds."""
    hours = expand(one.availability, first, last)
    return Offer(one.practitioner, hours, found.diary(one.practitioner), provides=one.provides_as is not None)


def _agreed(wanted: Wanted, terms: Terms, locked: Sequence[Calendar], found: Diaries) -> Agreed:
    places = [Place(one.practitioner, one.provides_as or one.role) for one in locked]
    if wanted.patient is not None:
        places.append(Place(wanted.patient, PATIENT))
    before, after = terms.visit.buffer_before, terms.visit.buffer_after + terms.visit.duration
    own = found.own_holds_touching(zones.seconds(wanted.start - before), zones.seconds(wanted.start + after))
    zone = {one.practitioner: one.availability.zone for one in locked}
    agreed = Agreed(terms, tuple(places), "UTC", frozenset(own))
    return replace(agreed, zone=zone[agreed.practitioners[0]])


async def take(tx: Transaction, wanted: Wanted) -> Appointment:
    """
    Book a visit, or say why not. The asker's own holds of that time give way.

    Raises:
        Invalid, Conflict: see `agree`. TooManyVisits: the patient has enough ahead.
    """
    agreed = await agree(tx, wanted)
    await _check_limit(tx, wanted, agreed.terms)
    await diaries.release_holds(tx, agreed.own_holds)
    booked = await _insert(tx, wanted, agreed)
    await diaries.keep(tx, booked.id, agreed.places, agreed.terms.visit, booked.start)
    return booked


async def hold_time(tx: Transaction, wanted: Wanted) -> Hold:
    """
    Keep a time for the caller for some minutes.

    The newest holds of one patient stay, within the clinic's number; older ones end. A hold of the caller's own that
    touches the same time is replaced.

    Raises:
        Invalid, Conflict: see `agree`. TooManyVisits: the patient has enough ahead.
    """
    agreed = await agree(tx, wanted)
    await _check_limit(tx, wanted, agreed.terms)
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


async def _check_limit(tx: Transaction, wanted: Wanted, terms: Terms) -> None:
    """Told after everything else: who was too late should hear that. The patient is locked, so the count holds."""
    if not wanted.limited or wanted.patient is None:
        return
    if await appointments.count_future(tx, wanted.patient, terms.now) >= terms.policy.max_future_visits:
        raise TooManyVisits


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
    await _check_limit(tx, wanted, agreed.terms)
    appointment_id = await _consume(tx, hold_id)
    booked = await _insert(tx, wanted, agreed, appointment_id)
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


async def _insert(tx: Transaction, wanted: Wanted, agreed: Agreed, appointment_id: UUID | None = None) -> Appointment:
    if wanted.patient is None:
        raise Invalid(errors=[FieldError("patient", "Say who the visit is for.")])
    visit = agreed.terms.visit
    start = wanted.start.astimezone(UTC)
    booked = Appointment(
        id=appointment_id or new_id(),
        visit=new_id(),
        version=1,
        sequence=0,
        status=Status.BOOKED,
        outcome=None,
        service=visit.id,
        service_name=visit.name,
        patient=wanted.patient,
        practitioners=agreed.practitioners,
        start=start,
        end=start + visit.duration,
        zone=agreed.zone,
        booked_by=tx.caller.account,
        changed_at=agreed.terms.now,
    )
    await tx.execute(insert(appointment).values(_row(booked)))
    await audit.record(tx, "book", "appointment", booked.id, patient=booked.patient)
    return booked


def _row(booked: Appointment) -> dict[str, Any]:
    return {
        "id": booked.id,
        "visit": booked.visit,
        "patient": booked.patient,
        "service": booked.service,
        "start_at": booked.start,
        "end_at": booked.end,
        "zone": booked.zone,
        "agreed_start": agreed_start(booked.start, booked.zone),
        "booked_by": booked.booked_by,
        "booked_at": booked.changed_at,
        "changed_at": booked.changed_at,
    }


def agreed_start(start: datetime, zone: str) -> datetime:
    """The wall time, without a zone, that a start means in *zone*."""
    return zones.on_the_wall(start, zone).replace(tzinfo=None)


async def move(
    tx: Transaction, current: Appointment, start: datetime, version: int, *, by_patient: bool
) -> Appointment:
    """
    Give an appointment another time; it stays the same appointment and the same visit.

    Raises:
        Stale, NotBooked: it was changed or cancelled; ``current`` holds it. TooLateToMove: a patient, within the
        clinic's notice. Invalid, Conflict: see `agree`.
    """
    wanted = Wanted(current.service, current.practitioners, start, current.patient)
    await calendars.lock(tx, wanted.practitioners, wanted.service)
    await _check_current(tx, current.id, version)
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
    await diaries.move(tx, current.id, terms.visit, start)
    await audit.record(tx, "move", "appointment", current.id, patient=current.patient)
    return await appointments.one(tx, current.id)


async def cancel(tx: Transaction, current: Appointment, version: int, *, by_patient: bool) -> Appointment:
    """
    Give the time of an appointment back; the appointment stays, cancelled.

    A patient who is later than the clinic's notice is not refused; it is noted.

    Raises:
        Stale, NotBooked: it was changed or cancelled; ``current`` holds it.
    """
    await calendars.lock(tx, current.practitioners, current.service)
    await _check_current(tx, current.id, version)
    policy, now = await catalogue.clinic_policy(tx)
    values = {
        "status": Status.CANCELLED.value,
        "cancelled_at": now,
        "cancelled_by": tx.caller.account,
        "cancelled_late": by_patient and now + policy.cancel_notice > current.start,
    }
    await _change(tx, current.id, version, values, raise_sequence=True)
    await diaries.release(tx, current.id)
    await audit.record(tx, "cancel", "appointment", current.id, patient=current.patient)
    return await appointments.one(tx, current.id)


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
