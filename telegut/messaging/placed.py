"""Whether a message that something points at is there."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from telegut.db.engine import Transaction
from telegut.messaging.tables import conversation, entry, member


async def has_message(tx: Transaction, patient: UUID, conversation_id: UUID, seq: int) -> bool:
    """
    Whether *seq* is a message of the conversation with *patient* in which the caller of *tx* takes part.

    Only the place of the patient and their whole team counts: whoever is shown the place can open it.
    """
    there = (
        select(entry.c.seq)
        .join(conversation, conversation.c.id == entry.c.conversation)
        .join(member, member.c.conversation == entry.c.conversation)
        .where(
            entry.c.conversation == conversation_id,
            entry.c.seq == seq,
            entry.c.type == "message.sent",
            conversation.c.patient == patient,
            conversation.c.kind == "care",
            member.c.account == tx.caller.account,
            member.c.until.is_(None),
        )
    )
    return await tx.scalar(there) is not None
