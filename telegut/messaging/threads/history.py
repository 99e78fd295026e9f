"""
What a message said before. The log shows every edit to everybody who takes part, so its history does too; words that
were taken back are shown to nobody, only that they were, when and by whom.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from telegut.accounts import people
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.db.sealed import Vault
from telegut.errors import NotFound
from telegut.messaging import log, membership
from telegut.messaging.rules import EntryType
from telegut.messaging.tables import entry


@dataclass(frozen=True, slots=True)
class Version:
    """What somebody did to a message. *body* is None where nobody is shown the words (any more)."""

    seq: int
    type: str
    at: datetime
    by: UUID
    by_name: str
    body: str | None


async def history(db: Database, vault: Vault, caller: Caller, conversation: UUID, message: UUID) -> list[Version]:
    """
    Everything that happened to *message*, the first words first.

    Raises:
        NotFound: the caller does not take part, or there is no such message here.
    """
    async with db.begin(caller) as tx:
        patient = await membership.require(tx, conversation)
        rows = (
            await tx.execute(
                select(entry)
                .where(
                    entry.c.conversation == conversation,
                    or_(
                        (entry.c.id == message) & (entry.c.type == EntryType.SENT.value),
                        (entry.c.about == message)
                        & entry.c.type.in_([EntryType.EDITED.value, EntryType.RETRACTED.value]),
                    ),
                )
                .order_by(entry.c.seq)
            )
        ).all()
        if not rows or rows[0].id != message:
            raise NotFound
        await audit.record(tx, "read", "message", message, patient=patient)
        key = await vault.key(tx, patient)
        named = await people.named(tx, {row.sender for row in rows})
    hidden = any(row.type == EntryType.RETRACTED.value for row in rows)
    return [
        Version(
            seq=row.seq,
            type=row.type,
            at=row.at,
            by=row.sender,
            by_name=named[row.sender].name,
            body=None if hidden or row.body is None else log.unseal(vault, key, row.id, row.body),
        )
        for row in rows
    ]
