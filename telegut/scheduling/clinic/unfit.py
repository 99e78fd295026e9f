"""
Booked visits that no longer lie in somebody's hours: after new hours, time off, a holiday, a move to another zone.

They stay as they are. Who works out what becomes of them sees them here; the times beside them vanished at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from telegut.db.engine import Transaction
from telegut.scheduling import zones
from telegut.scheduling.diary import Diary
from telegut.scheduling.groups.tables import group_session
from telegut.scheduling.refusals import Reason
from telegut.scheduling.rules import Availability
from telegut.scheduling.slots import AROUND, Offer
from telegut.scheduling.tables import appointment, participant
from telegut.scheduling.windows import expand


@dataclass(frozen=True, slots=True)
class Booked:
    """Time of a practitioner that is promised: to a patient, or to a group."""

    appointment: UUID | None
    group_session: UUID | None
    service: UUID
    start: datetime
    end: datetime
    patient: UUID | None = None


@dataclass(frozen=True, slots=True)
class Unfit:
    """A visit, and what of the hours speaks against it now. *patient_name*: empty for a group."""

    booked: Booked
    reasons: tuple[Reason, ...]
    patient_name: str = ""


def judge(practitioner: UUID, hours: Availability, visits: Sequence[Booked]) -> list[Unfit]:
    """Those of *visits* that no longer lie in *hours*. The grid does not matter any more, nor do limits. Pure."""
    if not visits:
        return []
    first = zones.seconds(min(one.start for one in visits)) - AROUND
    last = zones.seconds(max(one.end for one in visits)) + AROUND
    offer = Offer(practitioner, expand(hours, first, last), Diary())
    found = []
    for one in visits:
        reasons = tuple(offer.unfit(zones.seconds(one.start), zones.seconds(one.end), one.service))
        if reasons:
            found.append(Unfit(one, reasons))
    return found


async def ahead(tx: Transaction, practitioner: UUID) -> list[Booked]:
    """What a practitioner has promised from now on, by its start; as far as the caller may see it."""
    service = func.coalesce(appointment.c.service, group_session.c.service)
    statement = (
        select(
            participant.c.appointment,
            participant.c.group_session,
            appointment.c.patient,
            service.label("service"),
            func.lower(participant.c.visit).label("start"),
            func.upper(participant.c.visit).label("end"),
        )
        .outerjoin(appointment, appointment.c.id == participant.c.appointment)
        .outerjoin(group_session, group_session.c.id == participant.c.group_session)
        .where(
            participant.c.person == practitioner,
            participant.c.active,
            participant.c.hold.is_(None),
            func.upper(participant.c.visit) > func.statement_timestamp(),
            service.is_not(None),
        )
        .order_by(func.lower(participant.c.visit))
    )
    return [
        Booked(row.appointment, row.group_session, row.service, row.start, row.end, row.patient)
        for row in await tx.execute(statement)
    ]
