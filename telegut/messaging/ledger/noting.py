"""
Keeping standings and promises up to date with the log, some seconds behind it; for a job and before a report.

Every number is written once: a conversation's kept standing only goes forward, a promise is entered once by its number
and ends once. So two workers who note the same, or one who was killed and begins again, change nothing. Where an answer
was taken back, its promises are corrected, under the lock of the standing that is corrected with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Update, func, select, update
from sqlalchemy.dialects.postgresql import insert

from telegut.db.engine import Transaction
from telegut.messaging.ledger import rosters, standings
from telegut.messaging.ledger.hours import answering
from telegut.messaging.ledger.rosters import Hours
from telegut.messaging.ledger.rules import Debt, Ending
from telegut.messaging.ledger.standings import Read, hands_document
from telegut.messaging.ledger.tables import promise, standing
from telegut.messaging.replies import Replies
from telegut.messaging.rules import Kind
from telegut.messaging.tables import conversation

AT_ONCE = 500
"""Conversations of one transaction."""


async def note(tx: Transaction, replies: Replies, now: datetime) -> int:
    """Read on in up to `AT_ONCE` conversations that have news; returns in how many. Needs telegut's own rights."""
    behind = await _behind(tx)
    read = list((await standings.of(tx, behind)).values()) if behind else []
    found = await _not_overtaken(tx, read)
    if not found:
        return len(read)
    debts = [(read, debt) for read in found for debt in read.debts]
    if debts:
        await _promises(tx, debts, await _hours(tx, replies, [debt for _, debt in debts], now))
    await tx.execute(_forward(), [_kept(read) for read in found])
    return len(found)


async def _not_overtaken(tx: Transaction, read: Sequence[Read]) -> list[Read]:
    """*read* without the corrections that another worker has made since; the others can be made by nobody else."""
    anew = sorted(one.conversation for one in read if one.anew)
    if not anew:
        return list(read)
    rows = await tx.execute(
        select(standing.c.conversation, standing.c.up_to)
        .where(standing.c.conversation.in_(anew))
        .order_by(standing.c.conversation)
        .with_for_update()
    )
    reached = {row.conversation: row.up_to for row in rows}
    return [one for one in read if not one.anew or reached.get(one.conversation, 0) < one.standing.up_to]


async def _behind(tx: Transaction) -> list[UUID]:
    rows = await tx.execute(
        select(conversation.c.id)
        .outerjoin(standing, standing.c.conversation == conversation.c.id)
        .where(conversation.c.kind != Kind.TEAM.value, conversation.c.last_seq > func.coalesce(standing.c.up_to, 0))
        .order_by(conversation.c.id)
        .limit(AT_ONCE)
    )
    return list(rows.scalars())


async def _hours(tx: Transaction, replies: Replies, debts: Sequence[Debt], now: datetime) -> Hours:
    owners = {owner for debt in debts for _, owner in debt.hands if owner is not None}
    return await rosters.load(tx, replies, owners, since=min(debt.since for debt in debts), now=now)


async def _promises(tx: Transaction, debts: Sequence[tuple[Read, Debt]], hours: Hours) -> None:
    rows = [
        {
            "conversation": read.conversation,
            "seq": debt.seq,
            "patient": read.patient,
            "since": debt.since,
            "due": hours.due(debt.hands[:1]),
            "worker": _worker(debt, hours),
        }
        for read, debt in debts
    ]
    await tx.execute(insert(promise).on_conflict_do_nothing(), rows)
    for read in {one.conversation: one for one, _ in debts if one.anew}.values():
        await tx.execute(_joined(read))
    for read, debt in debts:
        this = (promise.c.conversation == read.conversation) & (promise.c.seq == debt.seq)
        if read.anew:
            await tx.execute(update(promise).where(this).values({**_NOT_ENDED, **_changed(debt, hours)}))
        else:
            await tx.execute(update(promise).where(this, promise.c.ended_at.is_(None)).values(_changed(debt, hours)))


_NOT_ENDED: Mapping[str, Any] = {"ended_at": None, "ended_by": None, "ending": None, "worked_s": None}


def _joined(read: Read) -> Update:
    """
    Promises of *read* that are none any more: the answer before them was taken back, so that they belong to the older
    one, which waits again. They count as put aside.
    """
    ended = {"ended_at": promise.c.since, "ended_by": None, "ending": Ending.SETTLED.value, "worked_s": 0}
    return (
        update(promise)
        .where(promise.c.conversation == read.conversation, promise.c.seq.not_in([debt.seq for debt in read.debts]))
        .values(ended)
    )


def _worker(debt: Debt, hours: Hours) -> UUID | None:
    at, owner = debt.hands[-1]
    return answering(owner, debt.ended_at or at, hours.aways)


def _changed(debt: Debt, hours: Hours) -> dict[str, Any]:
    changed: dict[str, Any] = {"worker": _worker(debt, hours)}
    if debt.ended_at is not None and debt.ending is not None:
        changed |= {"ended_at": debt.ended_at, "ended_by": debt.ended_by, "ending": debt.ending.value}
        changed["worked_s"] = hours.worked_s(debt.hands, debt.ended_at)
    return changed


def _forward() -> Any:
    new = insert(standing)
    following = {one.name: new.excluded[one.name] for one in standing.c if one.name != "conversation"}
    return new.on_conflict_do_update(
        index_elements=["conversation"], set_=following, where=standing.c.up_to < new.excluded.up_to
    )


def _kept(read: Read) -> dict[str, Any]:
    one = read.standing
    return {
        "conversation": read.conversation,
        "patient": read.patient,
        "up_to": one.up_to,
        "version": one.version,
        "state": one.state.value,
        "owner": one.owner,
        "since": one.since,
        "since_seq": one.since_seq,
        "hands": hands_document(one.hands),
        "urgent": one.urgent,
    }
