"""The lines of the inbox: every conversation that somebody takes part in, with whose turn it is, by promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select

from telegut.accounts import people
from telegut.db.engine import Transaction
from telegut.db.metadata import Id
from telegut.db.sealed import Vault
from telegut.messaging.ledger import order, whose_turn
from telegut.messaging.ledger.order import Group, Place
from telegut.messaging.ledger.whose_turn import Turn
from telegut.messaging.news import is_news
from telegut.messaging.replies import Replies
from telegut.messaging.rules import Kind
from telegut.messaging.tables import conversation, entry, member

_NEWS = (
    select(1)
    .where(
        entry.c.conversation == conversation.c.id,
        entry.c.seq > member.c.read_up_to,
        is_news(entry, member.c.account),
    )
    .correlate_except(entry)
)
_MINE = (
    select(conversation, _NEWS.exists().label("unread"))
    .join(member, member.c.conversation == conversation.c.id)
    .where(
        member.c.account == bindparam("me", type_=Id),
        member.c.until.is_(None),
        conversation.c.kind != Kind.TEAM.value,
    )
)


@dataclass(frozen=True, slots=True)
class Line:
    """One conversation in the inbox."""

    turn: Turn
    group: Group
    place: Place
    patient_name: str
    kind: str
    subject: str | None
    last_message_at: datetime | None
    unread: bool


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of the inbox, how many conversations stand in each group, and where the next page begins."""

    lines: Sequence[Line]
    counts: Mapping[Group, int]
    next: str | None


async def lines(tx: Transaction, vault: Vault, replies: Replies, now: datetime) -> list[Line]:
    """Every conversation that the caller of *tx* takes part in, by promise."""
    rows = (await tx.execute(_MINE, {"me": tx.caller.account})).all()
    turns, _ = await whose_turn.of(tx, replies, [row.id for row in rows], now)
    named = await people.named(tx, {row.patient for row in rows})
    found = [
        await _line(tx, vault, row, turns[row.id], named[row.patient].name, now) for row in rows if row.id in turns
    ]
    return sorted(found, key=lambda one: one.place)


async def _line(tx: Transaction, vault: Vault, row: Row[Any], turn: Turn, patient_name: str, now: datetime) -> Line:
    standing = turn.standing
    group = order.group_of(standing.state, turn.due, now, tx.caller.zone)
    spoken = row.last_message_at or row.created_at
    subject = None
    if row.subject is not None:
        key = await vault.key(tx, row.patient)
        subject = vault.open(conversation.c.subject, key, row.id, row.subject)
    here = order.place(group, standing.urgent, turn.due, spoken, row.id)
    return Line(turn, group, here, patient_name, row.kind, subject, row.last_message_at, row.unread)
