"""Appointments as they are read: by those who take part, who care for the patient, or who arrange visits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by

from telegut.db.engine import Transaction
from telegut.errors import NotFound
from telegut.scheduling.rules import Outcome, Status
from telegut.scheduling.tables import appointment, participant, service
from telegut.web.api import instant_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """
    One agreed visit.

    zone: where it was agreed, the first practitioner's. sequence: rises with each move and the cancellation, as
    calendars want it. visit: the id of its room. practitioners: consultants first.
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
    cancelled_late: bool = False

    @property
    def people(self) -> tuple[UUID, ...]:
        """Everybody who takes part."""
        return (self.patient, *self.practitioners)


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


def _statement() -> Select[Any]:
    # Everybody who may see an appointment may know its practitioners; row-level security decides about the rows.
    order = aggregate_order_by(participant.c.person, participant.c.part, participant.c.person)
    practitioners = (
        select(func.array_agg(order))
        .where(participant.c.appointment == appointment.c.id, participant.c.part != "patient")
        .scalar_subquery()
    )
    return select(
        appointment, service.c.name.label("service_name"), func.coalesce(practitioners, []).label("practitioners")
    ).join(service, service.c.id == appointment.c.service)


async def find(tx: Transaction, wanted: Filter, limit: int) -> list[Appointment]:
    """The appointments that the caller may see, by their start."""
    rows = await tx.execute(
        _statement().where(*_conditions(wanted)).order_by(appointment.c.start_at, appointment.c.id).limit(limit)
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
        theirs = select(participant.c.appointment).where(
            participant.c.person == wanted.practitioner,
            participant.c.appointment.is_not(None),
            participant.c.part != "patient",
        )
        conditions.append(appointment.c.id.in_(theirs))
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
    return await _only(tx, appointment.c.id == appointment_id)


async def of_visit(tx: Transaction, visit: UUID) -> Appointment:
    """
    The appointment that a room belongs to.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    return await _only(tx, appointment.c.visit == visit)


async def _only(tx: Transaction, condition: ColumnElement[bool]) -> Appointment:
    row = (await tx.execute(_statement().where(condition))).one_or_none()
    if row is None:
        raise NotFound
    return _appointment(row)


async def count_future(tx: Transaction, patient: UUID, now: datetime) -> int:
    """How many visits of a patient are still to come."""
    statement = select(func.count()).where(
        appointment.c.patient == patient, appointment.c.status == Status.BOOKED.value, appointment.c.start_at > now
    )
    return int(await tx.scalar(statement) or 0)


async def next_of(tx: Transaction, patient: UUID, now: datetime) -> Sequence[Appointment]:
    """The visits of a patient that are still to come or under way."""
    return await find(tx, Filter(since=now, patient=patient, status=Status.BOOKED), limit=50)


def _appointment(row: Row[Any]) -> Appointment:
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
        practitioners=tuple(row.practitioners),
        start=row.start_at,
        end=row.end_at,
        zone=row.zone,
        booked_by=row.booked_by,
        changed_at=row.changed_at,
        cancelled_by=row.cancelled_by,
        cancelled_late=row.cancelled_late,
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
    }
    return {**facts, "outcome": one.outcome.value} if one.outcome else facts
