"""
Taking time. Steps of a transaction that the caller opened; see also `holding` and `changing`.

Everybody goes the same way, one wish or many: lock the practitioners' calendars in sorted order, then the patients;
read the diaries; ask the one question (`slots.Question`); write under the exclusion constraint. The lock is the queue,
the constraint the truth.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Transaction, on_violation
from telegut.db.ids import new_id
from telegut.db.many import Together, insert_many
from telegut.errors import FieldError, Invalid, TelegutError
from telegut.scheduling import bookers, diaries, ground, zones
from telegut.scheduling.appointments import INTERPRETER, Appointment
from telegut.scheduling.calendars import Calendar, UnknownPractitioner
from telegut.scheduling.catalogue import Terms
from telegut.scheduling.diaries import PATIENT, Asker, Diaries, Place
from telegut.scheduling.diary import Engagement
from telegut.scheduling.ground import Ground, Locked, Wanted
from telegut.scheduling.interpreters import choosing
from telegut.scheduling.overrides import rules as overriding
from telegut.scheduling.refusals import NotOffered, Reason, SlotTaken, refusal
from telegut.scheduling.rules import Status, VisitType
from telegut.scheduling.slots import AROUND, Offer, Question
from telegut.scheduling.tables import appointment, participant
from telegut.scheduling.windows import Hours, expand

__all__ = ["Agreed", "Wanted", "agree", "offer_of", "take", "take_all"]

PRACTITIONERS_AT_MOST = 5


class RoleMissing(Invalid):
    """Somebody is missing for this kind of visit."""


class TooManyVisits(Invalid):
    """There are already as many visits ahead as can be booked at once."""


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
        theirs = (place for place in self.places if place.part not in (PATIENT, INTERPRETER))
        return tuple(place.person for place in sorted(theirs, key=lambda place: (place.part, place.person)))

    @property
    def interpreter(self) -> UUID | None:
        """Who translates, when somebody does."""
        return next((place.person for place in self.places if place.part == INTERPRETER), None)


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
    prepared = await ground.prepare(tx, [wanted], apart_from=apart_from)
    asker = Asker(wanted.by or tx.caller.account, wanted.patient, apart_from)
    return decide(prepared, wanted, asker, forgiven)


def decide(on: Ground, wanted: Wanted, asker: Asker, forgiven: Collection[Reason] = ()) -> Agreed:
    """
    What a wish comes to on this ground; writes nothing.

    Raises:
        Invalid, Conflict: see `agree`.
    """
    _check_people(wanted.practitioners)
    terms = on.terms_of(wanted.service)
    locked = on.calendars_of(wanted)
    if wanted.limited and not terms.policy.any_practitioner:
        _check_choice(on, wanted)
    if not wanted.unasked:
        check_roles(terms.visit, locked)
    found = on.book.seen_by(asker)
    if not wanted.unasked:
        _check_start(on, wanted, locked, found, forgiven)
    agreed = _agreed(wanted, terms, locked, found)
    return _with_interpreter(on, wanted, agreed, found, forgiven) if wanted.interpreters else agreed


def _with_interpreter(
    on: Ground, wanted: Wanted, agreed: Agreed, found: Diaries, forgiven: Collection[Reason]
) -> Agreed:
    """Raises NoInterpreter: none of those in question is free; then nobody's time is taken."""
    start, terms = zones.seconds(wanted.start), agreed.terms
    those = on.interpreters_of(wanted)
    offers = [replace(offer_of(one, found, start - AROUND, start + AROUND), provides=True) for one in those]
    question = Question.of(terms.visit, terms.policy, terms.now)
    chosen = choosing.first_free(question, start, offers, [*Reason] if wanted.unasked else forgiven)
    if chosen is None:
        raise choosing.NoInterpreter
    return replace(agreed, places=(*agreed.places, Place(chosen, INTERPRETER)))


def _check_people(practitioners: Sequence[UUID]) -> None:
    if not practitioners:
        raise Invalid(errors=[FieldError("practitioners", "Choose who the visit is with.")])
    if len(set(practitioners)) != len(practitioners):
        raise Invalid(errors=[FieldError("practitioners", "Name each person once.")])
    if len(practitioners) > PRACTITIONERS_AT_MOST:
        raise Invalid(errors=[FieldError("practitioners", f"There can be {PRACTITIONERS_AT_MOST} people in a visit.")])


def _check_choice(on: Ground, wanted: Wanted) -> None:
    """Keep patients to their own care team where the clinic wants that."""
    circle = on.circles.get(wanted.patient) if wanted.patient else None
    if wanted.patient is not None and not set(wanted.practitioners) <= (circle.members.keys() if circle else set()):
        raise UnknownPractitioner(errors=[FieldError("practitioners", bookers.OF_YOUR_TEAM)])


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
    on: Ground, wanted: Wanted, locked: Sequence[Calendar], found: Diaries, forgiven: Collection[Reason]
) -> None:
    terms = on.terms_of(wanted.service)
    if wanted.start.microsecond:
        raise NotOffered("Visits start on a whole minute.")
    start = zones.seconds(wanted.start)
    patient = found.diary(wanted.patient) if wanted.patient else None
    question = Question.of(terms.visit, terms.policy, terms.now, patient)
    offers = [offer_within(one, found, on.hours_of(one, wanted.service, start)) for one in locked]
    against = [reason for reason in question.joint_reasons(start, offers) if reason not in forgiven]
    if wanted.overriding is not None:
        against = overriding.left(against, wanted.overriding)
    problem = refusal(against)
    if problem is not None:
        raise problem


def offer_of(one: Calendar, found: Diaries, first: int, last: int) -> Offer:
    """One practitioner's side of a question about the time between two instants in seconds."""
    return offer_within(one, found, expand(one.availability, first, last))


def offer_within(one: Calendar, found: Diaries, hours: Hours) -> Offer:
    """As `offer_of`, with hours that are known."""
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
    outcome = (await take_all(tx, [wanted]))[0]
    if isinstance(outcome, TelegutError):
        raise outcome
    return outcome


async def take_all(
    tx: Transaction, wishes: Sequence[Wanted], callers: Sequence[Caller] | None = None
) -> list[Appointment | TelegutError]:
    """
    Book many visits in this transaction, as if one after the other in the order given; a refused one takes nothing.

    callers: who asks for each, where that is not the caller of *tx*; for the audit trail.

    Raises:
        SlotTaken: the constraint objects, which the locks should have made impossible. The transaction is lost.
    """
    together = Together()
    outcomes = await decide_all(tx, wishes, together, callers)
    await write_down(tx, together)
    return outcomes


async def write_down(tx: Transaction, together: Together) -> None:
    """
    Write what was decided.

    Raises:
        SlotTaken: see `take_all`.
    """
    with on_violation(scheduling_no_overlap=SlotTaken):
        await together.write(tx)


async def decide_all(
    tx: Transaction,
    wishes: Sequence[Wanted],
    together: Together,
    callers: Sequence[Caller] | None = None,
    *,
    locked: Locked | None = None,
) -> list[Appointment | TelegutError]:
    """
    As `take_all`, but for the writing: what is to be written is added to *together*, see `write_down`.

    locked: everybody whom *wishes* concern is locked already.
    """
    prepared = await ground.prepare(tx, wishes, locked=locked)
    outcomes: list[Appointment | TelegutError] = []
    taken: list[_Taken] = []
    for number, wanted in enumerate(wishes):
        caller = callers[number] if callers else tx.caller
        try:
            one = _taken(prepared, wanted, caller)
        except TelegutError as refusal_:
            outcomes.append(refusal_)
        else:
            taken.append(one)
            outcomes.append(one.booked)
    await _release_holds(tx, taken)
    _add_all(tx, together, taken)
    return outcomes


@dataclass(frozen=True, slots=True)
class _Taken:
    booked: Appointment
    agreed: Agreed
    caller: Caller


def _taken(on: Ground, wanted: Wanted, caller: Caller) -> _Taken:
    """Decide about one wish, and enter it in the diaries in memory."""
    agreed = decide(on, wanted, Asker(wanted.by or caller.account, wanted.patient))
    _check_ahead(on, wanted, agreed.terms)
    booked = compose(wanted, agreed, by=wanted.by or caller.account)
    if booked.start > agreed.terms.now:
        on.ahead[booked.patient] = on.ahead.get(booked.patient, 0) + 1
    on.book.strike(agreed.own_holds)
    for place in agreed.places:
        on.book.enter(place.person, _engagement(agreed.terms.visit, place, booked.start))
    return _Taken(booked, agreed, caller)


def _check_ahead(on: Ground, wanted: Wanted, terms: Terms) -> None:
    """Told after everything else: who was too late should hear that. The patient is locked, so the count holds."""
    if wanted.limited and wanted.patient and on.ahead.get(wanted.patient, 0) >= terms.policy.max_future_visits:
        raise TooManyVisits


def _engagement(visit: VisitType, place: Place, start: datetime) -> Engagement:
    at = zones.seconds(start)
    end = at + int(visit.duration.total_seconds())
    if place.part == PATIENT:
        return Engagement(at, end, at, end)
    before, after = int(visit.buffer_before.total_seconds()), int(visit.buffer_after.total_seconds())
    return Engagement(at - before, end + after, at, end)


async def check_limit(tx: Transaction, wanted: Wanted, terms: Terms) -> None:
    """
    Keep a patient to the number of visits ahead, where `take` does not do it. The patient is locked.

    Raises:
        TooManyVisits: the patient has enough ahead.
    """
    if wanted.limited and wanted.patient is not None:
        ahead = await ground.count_ahead(tx, [wanted.patient], terms.now)
        if ahead.get(wanted.patient, 0) >= terms.policy.max_future_visits:
            raise TooManyVisits


async def write(tx: Transaction, wanted: Wanted, agreed: Agreed, appointment_id: UUID | None = None) -> Appointment:
    """
    Write down the appointment that was agreed on; its time is kept by `diaries`.

    Raises:
        Invalid: nobody said whom it is for.
    """
    booked = compose(wanted, agreed, by=wanted.by or tx.caller.account, appointment_id=appointment_id)
    await insert_many(tx, appointment, [_row(booked)])
    await audit.record(tx, "book", "appointment", booked.id, patient=booked.patient)
    return booked


async def _release_holds(tx: Transaction, taken: Sequence[_Taken]) -> None:
    await diaries.release_holds(tx, {one for each in taken for one in each.agreed.own_holds})


def _add_all(tx: Transaction, together: Together, taken: Sequence[_Taken]) -> None:
    kept = [
        (one.booked.id, place, one.agreed.terms.visit, one.booked.start) for one in taken for place in one.agreed.places
    ]
    seen = [
        audit.row(tx, "book", "appointment", one.booked.id, patient=one.booked.patient, caller=one.caller)
        for one in taken
    ]
    together.insert(appointment, [_row(one.booked) for one in taken])
    together.insert(participant, diaries.rows_of(kept))
    together.insert(audit.entries, seen)


def compose(wanted: Wanted, agreed: Agreed, *, by: UUID | None, appointment_id: UUID | None = None) -> Appointment:
    """
    The appointment that was agreed on; written nowhere yet.

    Raises:
        Invalid: nobody said whom it is for.
    """
    if wanted.patient is None:
        raise Invalid(errors=[FieldError("patient", "Say who the visit is for.")])
    visit = agreed.terms.visit
    start = wanted.start.astimezone(UTC)
    return Appointment(
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
        interpreter=agreed.interpreter,
        start=start,
        end=start + visit.duration,
        zone=agreed.zone,
        booked_by=by,
        changed_at=agreed.terms.now,
    )


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
