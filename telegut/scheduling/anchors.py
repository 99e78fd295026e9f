"""Visits as messages speak of them: whether one is there, and when the next one begins."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from telegut.db.engine import Transaction
from telegut.scheduling.rules import Status
from telegut.scheduling.tables import appointment


async def has_visit(tx: Transaction, patient: UUID, appointment_id: UUID) -> bool:
    """Whether *patient* has this appointment, as the caller of *tx* sees it."""
    there = select(appointment.c.id).where(appointment.c.patient == patient, appointment.c.id == appointment_id)
    return await tx.scalar(there) is not None


async def next_start(tx: Transaction, patient: UUID, now: datetime) -> datetime | None:
    """When the next booked visit of *patient* after *now* begins."""
    found: datetime | None = await tx.scalar(
        select(func.min(appointment.c.start_at)).where(
            appointment.c.patient == patient,
            appointment.c.status == Status.BOOKED.value,
            appointment.c.start_at > now,
        )
    )
    return found
