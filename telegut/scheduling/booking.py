"""
Taking time. Each function is one step of a transaction that the caller opened; see also `holding` and `changing`.

Everybody goes the same way: lock the practitioners' calendars in sorted order, then the patient; read the diaries; ask
the one question (`slots.Question`); write under the exclusion constraint. The lock is the queue, the constraint the
truth.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from telegut.db import audit
from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.errors import FieldError, Invalid
from telegut.scheduling import appointments, bookers, calendars, catalogue, diaries, zones
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.calendars import Calendar
from telegut.scheduling.catalogue import Terms
from telegut.scheduling.diaries import PATIENT, Asker, Diaries, Place
from telegut.scheduling.rules import Status, VisitType
from telegut.scheduling.slots import NotOffered, Offer, Question, Reason, refusal
from telegut.scheduling.tables import appointment
from telegut.scheduling.windows import expand
from telegut.scheduling.zones import DAY

PRACTITIONERS_AT_MOST = 5


class RoleMissing(Invalid):
    """Somebody is missing for this kind of visit."""


class TooManyVisits(Invalid):
    """There are already as many visits ahead as can be booked at once."""


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
    await check_limit(tx, wanted, agreed.terms)
    await diaries.release_holds(tx, agreed.own_holds)
    booked = await write(tx, wanted, agreed)
    await diaries.keep(tx, booked.id, agreed.places, agreed.terms.visit, booked.start)
    return booked


async def check_limit(tx: Transaction, wanted: Wanted, terms: Terms) -> None:
    """
    Keep a patient to the number of visits ahead. Told after everything else: who was too late should hear that.

    The patient is locked, so the count holds.

    Raises:
        TooManyVisits: the patient has enough ahead.
    """
    if not wanted.limited or wanted.patient is None:
        return
    if await appointments.count_future(tx, wanted.patient, terms.now) >= terms.policy.max_future_visits:
        raise TooManyVisits


async def write(tx: Transaction, wanted: Wanted, agreed: Agreed, appointment_id: UUID | None = None) -> Appointment:
    """
    Write down the appointment that was agreed on; its time is kept by `diaries`.

    Raises:
        Invalid: nobody said whom it is for.
    """
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
