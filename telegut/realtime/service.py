"""Reading mailboxes: where an account stands, and what is next, with content added fresh for the reader."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.realtime import feed
from telegut.realtime.tables import epoch, item, mailbox

Reader = Callable[[Transaction, list[dict[str, Any]]], Awaitable[list[dict[str, Any] | None]]]
"""Adds what the caller of the transaction may see; None hides an event from them."""


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

    def reader(self, prefix: str, reader: Reader) -> None:
        """Let *reader* complete events whose type starts with *prefix*."""
        self._readers.append((prefix, reader))

    async def mailbox(self, account: UUID) -> feed.Mailbox:
        """Where *account* stands; makes the mailbox when there is none."""
        async with self.db.begin(Caller.system("feed")) as tx:
            await tx.execute(insert(mailbox).values(account=account).on_conflict_do_nothing())
            row = (
                await tx.execute(
                    select(
                        mailbox.c.seq, mailbox.c.kept_from, select(epoch.c.epoch).scalar_subquery().label("epoch")
                    ).where(mailbox.c.account == account)
                )
            ).one()
        return feed.Mailbox(row.epoch, row.seq, row.kept_from)

    async def positions(self, accounts: list[UUID]) -> dict[UUID, int]:
        """The present end of each mailbox."""
        async with self.db.begin(Caller.system("feed")) as tx:
            rows = await tx.execute(select(mailbox.c.account, mailbox.c.seq).where(mailbox.c.account.in_(accounts)))
        return {row.account: row.seq for row in rows}

    async def after(self, caller: Caller, seq: int) -> list[Delivery]:
        """The next events behind *seq*, at most one page."""
        assert caller.account is not None
        async with self.db.begin(caller.within(None)) as tx:
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
        """Remember that *account* has everything up to *seq*; an older word changes nothing."""
        async with self.db.begin(Caller.system("feed")) as tx:
            await tx.execute(
                update(mailbox)
                .where(mailbox.c.account == account, mailbox.c.seq >= seq, mailbox.c.acknowledged < seq)
                .values(acknowledged=seq)
            )

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
