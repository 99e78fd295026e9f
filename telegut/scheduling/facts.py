"""What a room is made from: one appointment, or a group session with everybody's seat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam

from telegut.db.asked import Asked, Asker
from telegut.db.engine import Transaction
from telegut.errors import NotFound
from telegut.scheduling import appointments
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.groups import sessions
from telegut.scheduling.rules import Status
from telegut.scheduling.tables import appointment


@dataclass(frozen=True, slots=True)
class Guest:
    """One patient of a visit, by the appointment that brings them. *outcome*: how it went for them, once known."""

    patient: UUID
    appointment: UUID
    version: int
    outcome: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFacts:
    """
    One visit, as its room sees it.

    patient, appointment: None in a group, which has several; *guests* has everybody whose visit it is, in the order in
    which they booked. interpreter: who translates, when somebody does.
    """

    visit: UUID
    appointment: UUID | None
    patient: UUID | None
    guests: tuple[Guest, ...]
    practitioners: tuple[UUID, ...]
    interpreter: UUID | None
    start: datetime
    end: datetime
    status: str
    service_name: str
    zone: str


_ALONE = Asked(appointments.alone().where(appointment.c.visit == bindparam("visit")))


async def alone(tx: Asker, visit: UUID) -> VisitFacts:
    """
    As `of_visit`, for a visit of one patient: one question, in a transaction or outside of any.

    Raises:
        NotFound: it is a group session, or there is none, or it is not the caller's to see.
    """
    found = await tx.ask(_ALONE, visit=visit)
    if not found:
        raise NotFound
    return of_row(found[0])


async def of_visit(tx: Transaction, visit: UUID) -> VisitFacts:
    """
    The facts of *visit*.

    Raises:
        NotFound: no appointment and no group session has this visit, or it is not the caller's to see.
    """
    try:
        return await alone(tx, visit)
    except NotFound:
        session = await sessions.of_visit(tx, visit)
    seats = await appointments.of_session(tx, session.id)
    return VisitFacts(
        visit=visit,
        appointment=None,
        patient=None,
        guests=tuple(_guest(one) for one in seats if one.status is not Status.CANCELLED),
        practitioners=session.practitioners,
        interpreter=session.interpreter,
        start=session.start,
        end=session.end,
        status="cancelled" if session.is_cancelled else "booked",
        service_name=session.service_name,
        zone=session.zone,
    )


def of_row(row: Any) -> VisitFacts:
    """The facts of a visit of one patient, from a *row* of `appointments.alone`."""
    practitioners, interpreter = appointments.practitioners_of(row.staff)
    return VisitFacts(
        visit=row.visit,
        appointment=row.id,
        patient=row.patient,
        guests=(Guest(row.patient, row.id, row.version, row.outcome),),
        practitioners=practitioners,
        interpreter=interpreter,
        start=row.start_at,
        end=row.end_at,
        status=row.status,
        service_name=row.service_name,
        zone=row.zone,
    )


def _guest(one: Appointment) -> Guest:
    return Guest(one.patient, one.id, one.version, one.outcome.value if one.outcome else None)
