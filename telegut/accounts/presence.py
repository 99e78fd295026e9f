"""When somebody last did something in telegut, for whoever would otherwise ring them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from telegut.accounts.tables import session
from telegut.db.engine import Transaction


async def last_active(tx: Transaction, person: UUID) -> datetime | None:
    """The last request of *person*, to the minute; None: not signed in anywhere."""
    found: datetime | None = await tx.scalar(
        select(func.max(session.c.seen_at)).where(session.c.person == person, session.c.ended_at.is_(None))
    )
    return found
