"""
How a group of messages is written: their entries, the new ends of the logs and the audit trail, in one statement.

What many messages share (where, whose, by which session) goes to the database once. Seldom things (urgent, files, what
stands beside the words) are told of those messages alone that have them. An audit entry has the id of its message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from telegut.db.caller import Caller
from telegut.db.sealed import Ciphertext

WRITE = """
    with new as materialized (
        select lines.conversation, lines.patient, lines.sender, lines.session, lines.visit, lines.request_id,
            said.seq, said.id, said.client_id, said.body, said.n
        from unnest($1::int[], $2::bigint[], $3::uuid[], $4::text[], $5::bytea[]) with ordinality
            as said (line, seq, id, client_id, body, n)
        join unnest($6::uuid[], $7::uuid[], $8::uuid[], $9::uuid[], $10::uuid[], $11::text[]) with ordinality
            as lines (conversation, patient, sender, session, visit, request_id, line) using (line)
    ), written as (
        insert into messaging_entry (conversation, seq, id, patient, type, sender, client_id, urgent, body, extras,
            attachments, at)
        select new.conversation, new.seq, new.id, new.patient, 'message.sent', new.sender, new.client_id,
            coalesce(seldom.urgent, false), new.body, seldom.extras, coalesce(seldom.attachments, 0), $12
        from new left join unnest($13::bigint[], $14::bool[], $15::bytea[], $16::smallint[])
            as seldom (n, urgent, extras, attachments) using (n)
    ), counted as (
        update messaging_conversation as c
        set last_seq = heads.seq, last_message_seq = heads.seq, last_message_at = $12
        from (select conversation, max(seq) as seq from new group by conversation) as heads
        where c.id = heads.conversation
    )
    insert into db_audit (id, account, actor, patient, action, what, object, session, visit, request_id)
    select id, sender, 'person', patient, 'write', 'message', id, session, visit, request_id from new
"""


@dataclass(frozen=True, slots=True)
class New:
    """A message as it is stored. *body*, *extras*: sealed."""

    id: UUID
    seq: int
    conversation: UUID
    patient: UUID
    caller: Caller
    client_id: str
    body: Ciphertext
    urgent: bool
    extras: Ciphertext | None
    attachments: int


async def store(connection: Any, new: Sequence[New], at: datetime) -> None:
    """Write *new*, sent *at*."""
    lines: dict[tuple[UUID, int], tuple[int, New]] = {}
    numbers = [lines.setdefault((one.conversation, id(one.caller)), (len(lines) + 1, one))[0] for one in new]
    firsts = [one for _, one in lines.values()]
    seldom = [(n, one) for n, one in enumerate(new, start=1) if one.urgent or one.extras or one.attachments]
    await connection.execute(
        WRITE,
        numbers,
        [one.seq for one in new],
        [one.id for one in new],
        [one.client_id for one in new],
        [one.body for one in new],
        [one.conversation for one in firsts],
        [one.patient for one in firsts],
        [one.caller.account for one in firsts],
        [one.caller.session for one in firsts],
        [one.caller.scope.visit if one.caller.scope else None for one in firsts],
        [one.caller.request_id for one in firsts],
        at,
        [n for n, _ in seldom],
        [one.urgent for _, one in seldom],
        [one.extras for _, one in seldom],
        [one.attachments for _, one in seldom],
    )
