"""
Appending to mailboxes, inside the transaction that causes the event.

The counter's row lock makes numbers commit in order, so that a reader who saw n has seen everything before it.
Mailboxes are taken in sorted order: two transactions that tell the same people cannot deadlock.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
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
_APPEND_MANY = """
    with told as materialized (
        select audience.account, audience.type, audience.patient, said.facts,
            row_number() over (partition by audience.account order by said.n) as place,
            count(*) over (partition by audience.account) as steps
        from unnest($1::int[], $2::jsonb[]) with ordinality as said (audience, facts, n)
        join unnest($3::int[], $4::uuid[], $5::text[], $6::uuid[]) as audience (audience, account, type, patient)
            using (audience)
    ), moved as (
        insert into realtime_mailbox (account, seq)
        select account, max(steps) from told group by account order by account
        on conflict (account) do update set seq = realtime_mailbox.seq + excluded.seq returning account, seq
    ), stored as (
        insert into realtime_item (account, seq, type, patient, facts)
        select account, moved.seq - told.steps + told.place, told.type, told.patient, told.facts
        from told join moved using (account)
    )
    select account, seq from moved
"""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is told of events of one *type* about one *patient*; each account once."""

    type: str
    patient: UUID | None
    accounts: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Appended:
    """
    What many mailboxes have got: *ends* are their last numbers now, *told* the audience and the facts (JSON) of each
    event.
    """

    audiences: Sequence[Audience]
    told: Sequence[tuple[int, str]]
    ends: Mapping[UUID, int]

    def of(self, accounts: Collection[UUID]) -> dict[UUID, list[tuple[int, int]]]:
        """For those of *accounts* that got something: each event's number in their mailbox, and its place in `told`."""
        having: dict[int, list[UUID]] = {
            number: [one for one in audience.accounts if one in accounts]
            for number, audience in enumerate(self.audiences)
        }
        got: dict[UUID, list[int]] = {}
        for place, (audience, _) in enumerate(self.told):
            for account in having[audience]:
                got.setdefault(account, []).append(place)
        return {
            account: list(enumerate(places, start=self.ends[account] - len(places) + 1))
            for account, places in got.items()
        }


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


async def append_many(connection: Any, audiences: Sequence[Audience], told: Sequence[tuple[int, str]]) -> Appended:
    """
    Append many events over a raw asyncpg *connection*, in the order given: each an index of *audiences* and its facts
    as JSON.

    For the message writer, which commits many senders' messages at once. The mailboxes are woken after the commit.
    """
    members = [(number, account, one) for number, one in enumerate(audiences) for account in one.accounts]
    if not told or not members:
        return Appended(audiences, told, {})
    rows = await connection.fetch(
        _APPEND_MANY,
        [audience for audience, _ in told],
        [facts for _, facts in told],
        [number for number, _, _ in members],
        [account for _, account, _ in members],
        [one.type for _, _, one in members],
        [one.patient for _, _, one in members],
    )
    return Appended(audiences, told, {row["account"]: row["seq"] for row in rows})
