"""Reading mailboxes: where an account stands, and what is next, with content added fresh for the reader."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text, update

from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.errors import Unavailable
from telegut.realtime import feed
from telegut.realtime.gathering import Gathering
from telegut.realtime.tables import epoch, item, mailbox

READING_AT_ONCE = 4
"""Mailboxes one process reads at a time: in a storm the pool's other connections stay free for everybody else."""

Reader = Callable[[Transaction, list[dict[str, Any]]], Awaitable[list[dict[str, Any] | None]]]
"""Adds what the caller of the transaction may see; None hides an event from them."""


# New rows are in ``made`` alone: a statement does not see what it writes itself.
_FIND = """
    with made as (
        insert into realtime_mailbox (account) select account from unnest($1::uuid[]) as account
        where not exists (select from realtime_mailbox as m where m.account = account.account)
        on conflict do nothing returning account, seq, kept_from
    )
    select account, seq, kept_from, epoch from (
        select account, seq, kept_from from realtime_mailbox where account = any($1::uuid[])
        union all select account, seq, kept_from from made
    ) as found cross join realtime_epoch
"""
_AHEAD = """
    select account, m.seq from unnest($1::uuid[], $2::bigint[]) as sent (account, seq)
    join realtime_mailbox as m using (account) where m.seq > sent.seq
"""
# In sorted order, as whoever tells many accounts takes them.
_TAKEN = """
    with taken as (
        select m.account, word.seq from unnest($1::uuid[], $2::bigint[]) as word (account, seq)
        join realtime_mailbox as m using (account)
        where m.seq >= word.seq and m.acknowledged < word.seq order by m.account for no key update of m
    )
    update realtime_mailbox as m set acknowledged = taken.seq from taken
    where m.account = taken.account and m.acknowledged < taken.seq
"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event as its reader gets it; *event* is None when it is not theirs to see any more."""

    seq: int
    event: dict[str, Any] | None


class Feed:
    """The mailboxes of one database."""

    def __init__(self, db: Database, *, page: int = 256) -> None:
        self.db = db
        self.page = page
        self._readers: list[tuple[str, Reader]] = []
        self._reading = asyncio.Semaphore(READING_AT_ONCE)
        self._line = db.line("telegut mailboxes")
        self._mailboxes: Gathering[UUID, None, feed.Mailbox] = Gathering(self._find, lambda one, other: None)
        self._taken: Gathering[UUID, int, int] = Gathering(self._note, max)

    def reader(self, prefix: str, reader: Reader) -> None:
        """Let *reader* complete events whose type starts with *prefix*."""
        self._readers.append((prefix, reader))

    async def mailbox(self, account: UUID) -> feed.Mailbox:
        """
        Where *account* stands; makes the mailbox when there is none.

        Raises:
            Unavailable: the database does not answer.
        """
        found = await self._mailboxes.about(account, None)
        if found is None:  # the epoch's row is gone
            raise Unavailable
        return found

    async def _find(self, accounts: Mapping[UUID, None]) -> dict[UUID, feed.Mailbox]:
        rows = await self._line.ask(_FIND, list(accounts))
        return {row["account"]: feed.Mailbox(row["epoch"], row["seq"], row["kept_from"]) for row in rows}

    async def ahead(self, sent: Mapping[UUID, int]) -> dict[UUID, int]:
        """
        The ends of those accounts' mailboxes that go further than the number given for each.

        Raises:
            Unavailable: the database does not answer.
        """
        rows = await self._line.ask(_AHEAD, list(sent), list(sent.values()))
        return {row["account"]: row["seq"] for row in rows}

    async def after(self, caller: Caller, seq: int) -> list[Delivery]:
        """The next events behind *seq*, at most one page."""
        assert caller.account is not None
        async with self._reading, self.db.begin(caller.within(None)) as tx:
            rows = (
                await tx.execute(
                    select(item.c.seq, item.c.type, item.c.patient, item.c.facts)
                    .where(item.c.account == caller.account, item.c.seq > seq)
                    .order_by(item.c.seq)
                    .limit(self.page)
                )
            ).all()
            found = [Delivery(row.seq, _visible(caller, row)) for row in rows]
            return await self._completed(tx, found)

    async def _completed(self, tx: Transaction, found: list[Delivery]) -> list[Delivery]:
        for prefix, reader in self._readers:
            at = [n for n, one in enumerate(found) if one.event and one.event["type"].startswith(prefix)]
            if not at:
                continue
            completed = await reader(tx, [found[n].event or {} for n in at])
            for n, event in zip(at, completed, strict=True):
                found[n] = Delivery(found[n].seq, event)
        return found

    async def acknowledge(self, account: UUID, seq: int) -> None:
        """
        Remember that *account* has everything up to *seq*; an older word changes nothing.

        Raises:
            Unavailable: the database does not answer.
        """
        await self._taken.about(account, seq)

    async def _note(self, taken: Mapping[UUID, int]) -> dict[UUID, int]:
        await self._line.ask(_TAKEN, list(taken), list(taken.values()))
        return dict(taken)

    async def acknowledged(self, tx: Transaction, accounts: list[UUID]) -> dict[UUID, int]:
        """Up to where each account has taken delivery."""
        rows = await tx.execute(
            select(mailbox.c.account, mailbox.c.acknowledged).where(mailbox.c.account.in_(accounts))
        )
        return {row.account: row.acknowledged for row in rows}

    async def purge(self, keep: timedelta) -> int:
        """Forget events older than *keep*; a client from before is told to load everything again."""
        async with self.db.begin(Caller.system("purge of the feed")) as tx:
            gone = await tx.execute(
                delete(item).where(item.c.at < func.now() - keep).returning(item.c.account, item.c.seq)
            )
            newest: dict[UUID, int] = {}
            for row in gone:
                newest[row.account] = max(newest.get(row.account, 0), row.seq)
            for account in sorted(newest):
                await tx.execute(
                    update(mailbox).where(mailbox.c.account == account).values(kept_from=newest[account] + 1)
                )
        return len(newest)

    async def new_epoch(self) -> None:
        """After a restore: every client must load everything again."""
        async with self.db.begin(Caller.system("restore")) as tx:
            await tx.execute(update(epoch).values(epoch=text("gen_random_uuid()")))


def _visible(caller: Caller, row: Any) -> dict[str, Any] | None:
    """An event of the row; somebody on a personal link sees only their visit's patient, once admitted."""
    scope = caller.scope
    if scope is not None and (not scope.admitted or row.patient != scope.patient):
        return None
    patient = {"patient": str(row.patient)} if row.patient else {}
    return {"type": row.type, **patient, **row.facts}
