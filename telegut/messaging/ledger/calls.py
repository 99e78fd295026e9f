"""Urgent messages that were passed on because nobody read them: what the banner on every page of the team says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, insert

from telegut.accounts import people
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.messaging.ledger import standings
from telegut.messaging.ledger.escalation import unread
from telegut.messaging.rules import EntryType
from telegut.messaging.tables import entry, member


@dataclass(frozen=True, slots=True)
class Call:
    """
    An urgent message of a patient's side that waits for somebody of the team.

    step: how many times somebody was told. version: of the ledger, for who takes it.
    """

    conversation: UUID
    patient: UUID
    patient_name: str
    message: UUID
    sent_at: datetime
    step: int
    version: int


@dataclass(frozen=True, slots=True)
class UrgentCalls:
    """What waits for somebody of the team; nothing once one of them has read, answered or taken it."""

    db: Database

    async def waiting(self, caller: Caller) -> Sequence[Call]:
        """The oldest first, in conversations in which the caller takes part. Names and times, no words."""
        taken = entry.alias("taken")
        took = exists().where(
            taken.c.conversation == entry.c.conversation,
            taken.c.seq > entry.c.seq,
            taken.c.type == EntryType.ASSIGNED.value,
        )
        mine = exists().where(
            member.c.conversation == entry.c.conversation, member.c.account == caller.account, member.c.until.is_(None)
        )
        async with self.db.begin(caller) as tx:
            rows = [row for row in await tx.execute(unread().where(mine, ~took)) if row.done]
            if not rows:
                return ()
            known = await standings.of(tx, {row.conversation for row in rows})
            named = await people.named(tx, {row.patient for row in rows})
            seen = [audit.row(tx, "list", "urgent_message", row.id, patient=row.patient) for row in rows]
            await tx.execute(insert(audit.entries), seen)
            return tuple(
                Call(
                    conversation=row.conversation,
                    patient=row.patient,
                    patient_name=named[row.patient].name,
                    message=row.id,
                    sent_at=row.at,
                    step=row.done,
                    version=known[row.conversation].standing.version,
                )
                for row in rows
            )
