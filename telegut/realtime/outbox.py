"""
Appending to mailboxes, inside the transaction that causes the event.

The counter's row lock makes numbers commit in order, so that a reader who saw n has seen everything before it.
Mailboxes are taken in sorted order: two transactions that tell the same people cannot deadlock.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from telegut.db.engine import Transaction
from telegut.db.many import Together
from telegut.realtime.events import Event

_APPEND = text(
    "with moved as (insert into realtime_mailbox (account, seq)"
    " select account, 1 from unnest(cast(:accounts as uuid[])) as account order by account"
    " on conflict (account) do update set seq = realtime_mailbox.seq + 1 returning account, seq)"
    " insert into realtime_item (account, seq, type, patient, facts)"
    " select account, seq, :type, :patient, cast(:facts as jsonb) from moved"
)

_MOVE_MANY = (
    "insert into realtime_mailbox (account, seq) select account, step from"
    " unnest($1::uuid[], $2::bigint[]) as moved(account, step) order by account"
    " on conflict (account) do update set seq = realtime_mailbox.seq + excluded.seq returning account, seq"
)
_MOVE_EACH = (
    "insert into realtime_mailbox (account, seq) select account, step from"
    " unnest(cast(:accounts as uuid[]), cast(:steps as bigint[])) as moved(account, step) order by account"
    " on conflict (account) do update set seq = realtime_mailbox.seq + excluded.seq returning account, seq"
)
# ``place``: of an item among those that its account gets now, from 1.
_APPEND_EACH = (
    "insert into realtime_item (account, seq, type, patient, facts)"
    " select account, moved.seq - told.steps + told.place, told.type, told.patient, cast(told.facts as jsonb)"
    " from moved join unnest(cast(:to as uuid[]), cast(:of as bigint[]), cast(:places as bigint[]),"
    " cast(:types as text[]), cast(:patients as uuid[]), cast(:facts as text[]))"
    " as told(account, steps, place, type, patient, facts) using (account)"
)
_INSERT_MANY = (
    "insert into realtime_item (account, seq, type, patient, facts)"
    " select * from unnest($1::uuid[], $2::bigint[], $3::text[], $4::uuid[], $5::jsonb[])"
)


async def append(tx: Transaction, event: Event, to: Collection[UUID]) -> None:
    """Tell every account in *to*; their sockets are woken once *tx* holds."""
    accounts = sorted(set(to))
    if not accounts:
        return
    values = {"accounts": accounts, "type": event.type, "patient": event.patient, "facts": json.dumps(event.facts)}
    await tx.execute(_APPEND, values)
    tx.woken.update(accounts)


async def append_each(tx: Transaction, told: Sequence[tuple[Event, Collection[UUID]]]) -> None:
    """As `append`, for many events at once; each account gets them in the order given."""
    together = Together()
    append_together(tx, together, told)
    await together.write(tx)


def append_together(tx: Transaction, together: Together, told: Sequence[tuple[Event, Collection[UUID]]]) -> None:
    """As `append_each`, with what else *tx* writes *together*; nothing of it may lock what comes before mailboxes."""
    steps = Counter(account for _, accounts in told for account in set(accounts))
    if not steps:
        return
    accounts = sorted(steps)
    places: Counter[UUID] = Counter()
    columns: dict[str, list[Any]] = {name: [] for name in ("to", "of", "places", "types", "patients", "facts")}
    for event, audience in told:
        facts = json.dumps(event.facts)
        for account in set(audience):
            places[account] += 1
            values = (account, steps[account], places[account], event.type, event.patient, facts)
            for name, value in zip(columns, values, strict=True):
                columns[name].append(value)
    together.also("moved", _MOVE_EACH, {"accounts": accounts, "steps": [steps[one] for one in accounts]})
    together.also("told", _APPEND_EACH, columns)
    tx.woken.update(accounts)


async def append_many(connection: Any, told: Sequence[tuple[UUID, Event]]) -> set[UUID]:
    """
    Append many events over a raw asyncpg *connection*, in the order given for each account.

    For the message writer, which commits many senders' messages at once. Returns the accounts to wake
    after the commit.
    """
    steps = Counter(account for account, _ in told)
    if not steps:
        return set()
    accounts = sorted(steps)
    moved = await connection.fetch(_MOVE_MANY, accounts, [steps[one] for one in accounts])
    following = {row["account"]: row["seq"] - steps[row["account"]] for row in moved}
    columns: tuple[list[Any], ...] = ([], [], [], [], [])
    for account, event in told:
        following[account] += 1
        values = (account, following[account], event.type, event.patient, json.dumps(event.facts))
        for column, value in zip(columns, values, strict=True):
            column.append(value)
    await connection.execute(_INSERT_MANY, *columns)
    return set(accounts)
