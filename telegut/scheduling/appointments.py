"""Appointments as they are read: by those who take part, who care for the patient, or who arrange visits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, Text, bindparam, case, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by

from telegut.db.asked import Asked, Asker
from telegut.db.engine import Transaction
from telegut.errors import NotFound
from telegut.scheduling.overrides.rules import Signed
from telegut.scheduling.overrides.tables import override
from telegut.scheduling.rules import Outcome, Status
from telegut.scheduling.tables import appointment, participant, service
from telegut.web.api import instant_text

INTERPRETER = "interpreter"
"""The part of somebody who translates: they give their time like a practitioner, and are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """
    One agreed visit.

    zone: where it was agreed, the first practitioner's. sequence: rises with each move and the cancellation, as
    calendars want it. visit: the id of its room. practitioners: consultants first. series: that it is one visit of.
    group_session: that it is a seat in; its practitioners are the session's. confirmed_at: when the patient's side said
    that they will be there, at the time it has now.
    """

    id: UUID
    visit: UUID
    version: int
    sequence: int
    status: Status
    outcome: Outcome | None
    service: UUID
    service_name: str
    patient: UUID
    practitioners: tuple[UUID, ...]
    start: datetime
    end: datetime
    zone: str
    booked_by: UUID | None
    changed_at: datetime
    cancelled_by: UUID | None = None
    cancelled_at: datetime | None = None
    cancelled_late: bool = False
    confirmed_at: datetime | None = None
    cancel_code: str | None = None
    override: Signed | None = None
    series: UUID | None = None
    group_session: UUID | None = None
    interpreter: UUID | None = None

    @property
    def people(self) -> tuple[UUID, ...]:
        """Everybody who takes part; of a group session, nobody else's seat."""
        return (self.patient, *self.practitioners, *((self.interpreter,) if self.interpreter else ()))

    @property
    def staff(self) -> tuple[UUID, ...]:
        """Everybody but the patient whose time it takes."""
        return self.people[1:]


@dataclass(frozen=True, slots=True)
class Filter:
    """
    Which appointments: touching ``[since, until)``, of a patient, with a practitioner, after a place in the list.
    """

    since: datetime | None = None
    until: datetime | None = None
    patient: UUID | None = None
    practitioner: UUID | None = None
    status: Status | None = None
    after: tuple[datetime, UUID] | None = None


_SERVICE_NAME = service.c.name.label("service_name")


def _statement() -> Select[Any]:
    # Everybody who may see an appointment may know its practitioners; row-level security decides about the rows.
    # Two indexes are asked one after the other: an "or" would ask none of them.
    own = _staff(participant.c.appointment == appointment.c.id)
    session = _staff(participant.c.group_session == appointment.c.group_session)
    theirs = case((appointment.c.group_session.is_(None), own), else_=session)
    return select(appointment, _SERVICE_NAME, theirs.label("staff"), _decided().label("decided")).join(
        service, service.c.id == appointment.c.service
    )


def alone() -> Select[Any]:
    """``…, service_name, staff`` of the visits of one patient, as a room needs them; see `practitioners_of`."""
    one = appointment.c
    facts = (one.id, one.visit, one.patient, one.version, one.status, one.outcome, one.start_at, one.end_at, one.zone)
    staff = _staff(participant.c.appointment == one.id).label("staff")
    named = select(*facts, _SERVICE_NAME, staff).join(service, service.c.id == one.service)
    return named.where(one.group_session.is_(None))


def practitioners_of(staff: Sequence[str] | None) -> tuple[tuple[UUID, ...], UUID | None]:
    """The practitioners, consultants first, and who translates, of a row's *staff*."""
    parts = [one.split(" ") for one in staff or ()]
    translating = next((UUID(person) for part, person in parts if part == INTERPRETER), None)
    return tuple(UUID(person) for part, person in parts if part != INTERPRETER), translating


def _decided() -> ScalarSelect[Any]:
    """What staff decided against the rules about the present start, last."""
    facts = func.jsonb_build_object(
        "by", override.c.signed_by, "at", override.c.signed_at, "reasons", func.to_jsonb(override.c.reasons)
    )
    about = (override.c.appointment == appointment.c.id, override.c.start_at == appointment.c.start_at)
    return select(facts).where(*about).order_by(override.c.signed_at.desc()).limit(1).scalar_subquery()


def _signed(facts: dict[str, Any] | None) -> Signed | None:
    if facts is None:
        return None
    return Signed(UUID(facts["by"]), datetime.fromisoformat(facts["at"]), tuple(facts["reasons"]))


def _staff(of: ColumnElement[bool]) -> ScalarSelect[Any]:
    """Whose time a visit takes besides the patient's: as text, ``part person``, consultants first."""
    one = participant.c.part + " " + participant.c.person.cast(Text)
    order = aggregate_order_by(one, participant.c.part, participant.c.person)
    return select(func.array_agg(order)).where(of, participant.c.part != "patient").scalar_subquery()


# Made once: making a statement costs as much as running it.
_ALL = _statement()
_BY_ID = Asked(_ALL.where(appointment.c.id == bindparam("one")))
_BY_VISIT = Asked(_ALL.where(appointment.c.visit == bindparam("one"), appointment.c.group_session.is_(None)))


async def find(tx: Transaction, wanted: Filter, limit: int) -> list[Appointment]:
    """The appointments that the caller may see, by their start."""
    rows = await tx.execute(
        _ALL.where(*_conditions(wanted)).order_by(appointment.c.start_at, appointment.c.id).limit(limit)
    )
    return [_appointment(row) for row in rows]


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        conditions.append(appointment.c.end_at > wanted.since)
    if wanted.until is not None:
        conditions.append(appointment.c.start_at < wanted.until)
    if wanted.patient is not None:
        conditions.append(appointment.c.patient == wanted.patient)
    if wanted.practitioner is not None:
        part = (participant.c.person == wanted.practitioner, participant.c.part != "patient")
        theirs = select(participant.c.appointment).where(*part, participant.c.appointment.is_not(None))
        sessions = select(participant.c.group_session).where(*part, participant.c.group_session.is_not(None))
        conditions.append(or_(appointment.c.id.in_(theirs), appointment.c.group_session.in_(sessions)))
    if wanted.status is not None:
        conditions.append(appointment.c.status == wanted.status.value)
    if wanted.after is not None:
        conditions.append(tuple_(appointment.c.start_at, appointment.c.id) > tuple_(*wanted.after))
    return conditions


async def one(tx: Transaction, appointment_id: UUID) -> Appointment:
    """
    One appointment.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    return await _only(tx, _BY_ID, appointment_id)


async def of_visit(tx: Asker, visit: UUID) -> Appointment:
    """
    The appointment that a room belongs to; see `groups` for rooms that several patients share.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    return await _only(tx, _BY_VISIT, visit)


async def of_series(tx: Transaction, series: UUID) -> list[Appointment]:
    """Every visit of a series that the caller may see, by its start."""
    return await _several(tx, appointment.c.series == series)


async def of_session(tx: Transaction, session: UUID) -> list[Appointment]:
    """Every seat of a group session that the caller may see, as it was taken; those given back as well."""
    return await _several(tx, appointment.c.group_session == session)


async def _several(tx: Transaction, condition: ColumnElement[bool]) -> list[Appointment]:
    rows = await tx.execute(_ALL.where(condition).order_by(appointment.c.start_at, appointment.c.id))
    return [_appointment(row) for row in rows]


async def _only(tx: Asker, asked: Asked, one: UUID) -> Appointment:
    found = await tx.ask(asked, one=one)
    if not found:
        raise NotFound
    return _appointment(found[0])


async def count_future(tx: Transaction, patient: UUID, now: datetime) -> int:
    """How many visits of a patient are still to come."""
    statement = select(func.count()).where(
        appointment.c.patient == patient, appointment.c.status == Status.BOOKED.value, appointment.c.start_at > now
    )
    return int(await tx.scalar(statement) or 0)


def _appointment(row: Any) -> Appointment:
    practitioners, interpreter = practitioners_of(row.staff)
    return Appointment(
        id=row.id,
        visit=row.visit,
        version=row.version,
        sequence=row.sequence,
        status=Status(row.status),
        outcome=Outcome(row.outcome) if row.outcome else None,
        service=row.service,
        service_name=row.service_name,
        patient=row.patient,
        practitioners=practitioners,
        start=row.start_at,
        end=row.end_at,
        zone=row.zone,
        booked_by=row.booked_by,
        changed_at=row.changed_at,
        cancelled_by=row.cancelled_by,
        cancelled_at=row.cancelled_at,
        cancelled_late=row.cancelled_late,
        confirmed_at=row.confirmed_at if row.confirmed_sequence == row.sequence else None,
        cancel_code=row.cancel_code,
        override=_signed(row.decided),
        series=row.series,
        group_session=row.group_session,
        interpreter=interpreter,
    )


def as_json(one: Appointment) -> dict[str, Any]:
    """An appointment as it stands in the API's answers."""
    facts = {
        "id": str(one.id),
        "version": one.version,
        "status": one.status.value,
        "service": str(one.service),
        "service_name": one.service_name,
        "patient": str(one.patient),
        "practitioners": [str(person) for person in one.practitioners],
        "start": instant_text(one.start),
        "end": instant_text(one.end),
        "zone": one.zone,
        "sequence": one.sequence,
        "visit": str(one.visit),
        "interpreter": str(one.interpreter) if one.interpreter else None,
        "series": str(one.series) if one.series else None,
        "group_session": str(one.group_session) if one.group_session else None,
    }
    return {**facts, "outcome": one.outcome.value} if one.outcome else facts
