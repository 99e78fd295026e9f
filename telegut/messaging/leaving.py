"""
Telling whoever has left a conversation that they have, so that a page of theirs that is still open closes it.

The event names neither the patient nor anything of the log: of that they hear nothing any more. It is told in a
transaction of its own, behind the change: who tells many mailboxes takes them all at once, in their order.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from telegut.db.engine import Transaction
from telegut.messaging.tables import member
from telegut.realtime import outbox
from telegut.realtime.events import Event

LEFT = "place.left"
LATELY = timedelta(minutes=5)
"""Whoever left before this was told, or has no page from then: a job that was late by more is told by its refusals."""


async def tell(tx: Transaction, patient: UUID, now: datetime) -> int:
    """Tell everybody who has left a conversation about *patient* lately; twice does no harm. Returns how often."""
    rows = await tx.execute(
        select(member.c.conversation, member.c.account)
        .where(member.c.patient == patient, member.c.until > now - LATELY)
        .order_by(member.c.account, member.c.conversation)
    )
    left = rows.all()
    for row in left:
        await outbox.append(tx, Event(LEFT, None, {"place": str(row.conversation)}), to=[row.account])
    return len(left)
