"""
Following a conversation's log into the index: new words in, words that were changed or taken back out.

How far it has come is a number beside the index, changed in the same transaction; two that follow at once wait for
each other on its row. So nothing is missed, and nothing is indexed twice.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, case, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from telegut.db.engine import Transaction
from telegut.db.many import insert_many
from telegut.db.sealed import PatientKey, Vault
from telegut.messaging import log
from telegut.messaging.rules import EntryType
from telegut.messaging.search import rules
from telegut.messaging.search.tables import indexed, token
from telegut.messaging.tables import entry

WORDS = [EntryType.SENT.value, EntryType.EDITED.value, EntryType.RETRACTED.value]
"""Types of entries that change what can be found."""


async def follow(tx: Transaction, vault: Vault, conversation: UUID, patient: UUID, *, at_most: int) -> bool:
    """Read up to *at_most* entries more of the log into the index; whether it is at the end now."""
    start = {"conversation": conversation, "patient": patient, "up_to": 0}
    await tx.execute(insert(indexed).values(start).on_conflict_do_nothing())
    mine = indexed.c.conversation == conversation
    up_to = int(await tx.scalar(select(indexed.c.up_to).where(mine).with_for_update()) or 0)
    rows = (
        await tx.execute(
            select(entry)
            .where(entry.c.conversation == conversation, entry.c.seq > up_to)
            .order_by(entry.c.seq)
            .limit(at_most)
        )
    ).all()
    if not rows:
        return True
    await _enter(tx, vault, conversation, patient, [row for row in rows if row.type in WORDS])
    await tx.execute(update(indexed).where(mine).values(up_to=rows[-1].seq))
    return len(rows) < at_most


async def _enter(tx: Transaction, vault: Vault, conversation: UUID, patient: UUID, rows: list[Row[Any]]) -> None:
    """Make the index say what the messages that *rows* are about say after them."""
    if not rows:
        return
    key = await vault.key(tx, patient)
    secret = key.derive(rules.PURPOSE)
    messages = {row.id if row.type == EntryType.SENT.value else row.about for row in rows}
    now = await _present_words(tx, vault, key, conversation, messages)
    await tx.execute(delete(token).where(token.c.conversation == conversation, token.c.seq.in_(sorted(now))))
    made = [
        {"conversation": conversation, "token": one, "seq": seq, "patient": patient}
        for seq, text in sorted(now.items())
        if text is not None
        for one in sorted(rules.tokens(secret, conversation, text))
    ]
    await insert_many(tx, token, made)


async def _present_words(
    tx: Transaction, vault: Vault, key: PatientKey, conversation: UUID, messages: set[UUID]
) -> dict[int, str | None]:
    """What each of *messages* says as of now, by its number; None for what was taken back or removed."""
    said = case((entry.c.type == EntryType.SENT.value, entry.c.id), else_=entry.c.about)
    rows = await tx.execute(
        select(entry, said.label("message"))
        .where(entry.c.conversation == conversation, entry.c.type.in_(WORDS), said.in_(sorted(messages)))
        .order_by(entry.c.seq)
    )
    numbers: dict[UUID, int] = {}
    found: dict[int, str | None] = {}
    for row in rows:
        if row.type == EntryType.SENT.value:
            numbers[row.id] = row.seq
        body = None if row.body is None else log.unseal(vault, key, row.id, row.body)
        found[numbers[row.message]] = body
    return found
