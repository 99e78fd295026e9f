"""Which conversations, messages and files are in a conversation that is not the care team's alone."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select, union_all

from telegut.db.engine import Transaction
from telegut.messaging.rules import Kind
from telegut.messaging.tables import conversation, entry
from telegut.messaging.uploads.tables import upload


async def open_ones(tx: Transaction, objects: Collection[UUID]) -> set[UUID]:
    """Those of *objects*; what is in a side thread, or not there any more, is not among them."""
    if not objects:
        return set()
    themselves = select(conversation.c.id).where(conversation.c.id.in_(objects))
    messages = select(entry.c.id).join(conversation, conversation.c.id == entry.c.conversation)
    files = select(upload.c.id).join(conversation, conversation.c.id == upload.c.conversation)
    found = union_all(
        *(
            one.where(conversation.c.kind != Kind.TEAM.value)
            for one in (themselves, messages.where(entry.c.id.in_(objects)), files.where(upload.c.id.in_(objects)))
        )
    )
    return set((await tx.execute(found)).scalars())
