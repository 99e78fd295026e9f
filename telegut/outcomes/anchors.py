"""Whether a day of the diary that something points at is there."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select

from telegut.db.engine import Transaction
from telegut.outcomes.tables import entry


async def has_diary_day(tx: Transaction, patient: UUID, day: date) -> bool:
    """Whether *patient* wrote something on *day*, as the caller of *tx* sees it."""
    there = select(entry.c.id).where(entry.c.patient == patient, entry.c.day == day).limit(1)
    return await tx.scalar(there) is not None
