"""
"See again in six weeks": what a clinician suggested after a visit, and whether it is booked. Nothing clinical.

A suggestion is open until the patient has a visit of that kind after the one it was noted on, whoever booked it; so no
booking has to know about suggestions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.scheduling import agenda
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.choice.tables import follow_up
from telegut.scheduling.rules import Status
from telegut.scheduling.tables import appointment, participant, service

WEEKS_AT_MOST = 52


@dataclass(frozen=True, slots=True)
class FollowUp:
    """
    A suggestion. *practitioners*: of the visit it was noted on. ``[since, until)`` is when it would suit.

    booked: the visit that came of it; None: it is still open.
    """

    id: UUID
    patient: UUID
    appointment: UUID
    service: UUID
    service_name: str
    practitioners: tuple[UUID, ...]
    weeks: int
    since: datetime
    until: datetime
    booked: UUID | None


def window(start: datetime, zone: str, weeks: int) -> tuple[datetime, datetime]:
    """
    When a visit some weeks after *start* would suit: whole days on the wall of *zone*, a week before and after the day.

    Three days before and after where it is only a week or two. Pure.
    """
    day = agenda.today(start, zone) + timedelta(weeks=weeks)
    slack = timedelta(days=3 if weeks <= 2 else 7)
    return agenda.bounds(day - slack, zone)[0], agenda.bounds(day + slack, zone)[1]


async def note(tx: Transaction, visit: Appointment, kind: UUID, weeks: int) -> None:
    """Suggest a visit some weeks after another; a visit has one suggestion, the latest."""
    values = {
        "service": kind,
        "after_weeks": weeks,
        "made_by": tx.caller.account,
        "made_at": func.statement_timestamp(),
    }
    fresh = {"id": new_id(), "patient": visit.patient, "appointment": visit.id, **values}
    statement = upsert(follow_up).values(fresh)
    await tx.execute(statement.on_conflict_do_update(constraint="scheduling_one_follow_up_a_visit", set_=values))


async def forget(tx: Transaction, visit: UUID) -> None:
    """Take the suggestion of a visit back, when there is one."""
    await tx.execute(delete(follow_up).where(follow_up.c.appointment == visit))


async def of_patient(tx: Transaction, patient: UUID) -> list[FollowUp]:
    """What was suggested to a patient after visits that were not cancelled, the latest first."""
    later = appointment.alias("later")
    booked = (
        select(later.c.id)
        .where(
            later.c.patient == follow_up.c.patient,
            later.c.service == follow_up.c.service,
            later.c.status != Status.CANCELLED.value,
            later.c.start_at > appointment.c.start_at,
        )
        .order_by(later.c.start_at)
        .limit(1)
        .scalar_subquery()
    )
    them = (
        select(func.array_agg(participant.c.person))
        .where(participant.c.appointment == appointment.c.id, participant.c.part.in_(("consultant", "nutritionist")))
        .scalar_subquery()
    )
    statement = (
        select(
            follow_up,
            appointment.c.start_at,
            appointment.c.zone,
            service.c.name,
            booked.label("booked"),
            func.coalesce(them, []).label("practitioners"),
        )
        .join(appointment, appointment.c.id == follow_up.c.appointment)
        .join(service, service.c.id == follow_up.c.service)
        .where(
            follow_up.c.patient == patient,
            appointment.c.status != Status.CANCELLED.value,
            service.c.retired_at.is_(None),
        )
        .order_by(appointment.c.start_at.desc())
        .limit(50)
    )
    found = []
    for row in await tx.execute(statement):
        since, until = window(row.start_at, row.zone, row.after_weeks)
        found.append(
            FollowUp(
                id=row.id,
                patient=row.patient,
                appointment=row.appointment,
                service=row.service,
                service_name=row.name,
                practitioners=tuple(sorted(row.practitioners)),
                weeks=row.after_weeks,
                since=since,
                until=until,
                booked=row.booked,
            )
        )
    return found
