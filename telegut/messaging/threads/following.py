"""
Threads follow the care team too: a side thread is always the whole care team, and nobody stays in a thread about a
patient whose record is closed to them. After a change of the team, by a job; every access asks by itself as well.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from telegut.accounts import care
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.sealed import Vault
from telegut.messaging import log, membership
from telegut.messaging.rules import Kind
from telegut.messaging.tables import conversation

WHY = Caller.system("care team changed")


async def follow(db: Database, vault: Vault, patient: UUID, now: datetime) -> None:
    """Bring every thread about *patient* up to date; each in a transaction of its own, so that none waits for two."""
    async with db.begin(WHY) as tx:
        rows = await tx.execute(
            select(conversation.c.id, conversation.c.kind)
            .where(conversation.c.patient == patient, conversation.c.kind != Kind.CARE.value)
            .order_by(conversation.c.id)
        )
        threads = rows.all()
    for thread in threads:
        async with db.begin(WHY) as tx:
            await _follow_one(tx, vault, thread.id, Kind(thread.kind), now)


async def _follow_one(tx: Transaction, vault: Vault, thread: UUID, kind: Kind, now: datetime) -> None:
    head = await log.lock(tx, thread)
    team = {one.account for one in await care.team(tx, head.patient)} - {head.patient}
    allowed = team if kind is Kind.TEAM else set(await care.circle(tx, head.patient))
    present = set(await log.taking_part(tx, thread))
    joining = team - present if kind is Kind.TEAM else set()
    leaving = present - allowed
    if joining or leaving:
        await membership.change_members(tx, vault, head, joining=joining, leaving=leaving, now=now)
