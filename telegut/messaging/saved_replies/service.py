"""Saved replies: everybody who answers patients has their own, and all have the clinic's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, or_, select, update

from telegut.accounts import care, people
from telegut.clock import Clock
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import Vault
from telegut.errors import Conflict, NotFound, TooMany
from telegut.messaging.saved_replies import rules, sealing
from telegut.messaging.saved_replies.tables import saved_reply
from telegut.scheduling import zones
from telegut.scheduling.anchors import next_start

AT_MOST = 200
"""Saved replies of one person, and of the clinic."""


class ReplyChanged(Conflict):
    """This saved reply was changed by somebody else. Please look at it again."""


@dataclass(frozen=True, slots=True)
class SavedReply:
    """Words for another time. shared: everybody's in the clinic."""

    id: UUID
    title: str
    body: str
    shared: bool
    version: int


@dataclass(frozen=True, slots=True)
class SavedReplies:
    """The service."""

    db: Database
    vault: Vault
    now: Clock
    max_characters: int

    async def all(self, caller: Caller) -> list[SavedReply]:
        """The caller's own and the clinic's, by title."""
        async with self.db.begin(caller) as tx:
            rows = (
                await tx.execute(
                    select(saved_reply).where(or_(saved_reply.c.owner == caller.account, saved_reply.c.owner.is_(None)))
                )
            ).all()
            await self._seal([row for row in rows if row.words is None], tx)
            return sorted((self._of(row) for row in rows), key=lambda one: (one.title, one.id))

    async def add(self, caller: Caller, title: str, body: str, *, shared: bool) -> SavedReply:
        """
        Keep *body* under *title*.

        Raises:
            Invalid: see `rules.check`. TooMany: there are `AT_MOST` already.
        """
        title, body = rules.check(title, body, max_characters=self.max_characters)
        owner = None if shared else caller.account
        async with self.db.begin(caller) as tx:
            whose = saved_reply.c.owner.is_(None) if shared else saved_reply.c.owner == owner
            kept = (await tx.execute(select(saved_reply.c.id).where(whose).limit(AT_MOST))).all()
            if len(kept) >= AT_MOST:
                raise TooMany(f"There are {AT_MOST} saved replies already. Remove one first.")
            made = new_id()
            values = {"id": made, "owner": owner, **sealing.sealed(self.vault, made, title, body)}
            await tx.execute(insert(saved_reply).values(**values, changed_at=self.now(), changed_by=caller.account))
            return self._of(await self._theirs(tx, made))

    async def change(
        self, caller: Caller, reply: UUID, *, version: int, title: str | None, body: str | None
    ) -> SavedReply:
        """
        Another title or other words.

        Raises:
            NotFound: not the caller's nor the clinic's. ReplyChanged: *version* is an older one. Invalid: as for `add`.
        """
        async with self.db.begin(caller) as tx:
            row = await self._theirs(tx, reply, lock=True)
            old_title, old_body = sealing.opened(self.vault, row)
            if row.version != version:
                raise ReplyChanged(current={"version": row.version, "title": old_title, "body": old_body})
            new_title = old_title if title is None else title
            new_body = old_body if body is None else body
            new_title, new_body = rules.check(new_title, new_body, max_characters=self.max_characters)
            values = {**sealing.sealed(self.vault, reply, new_title, new_body), "version": version + 1}
            await tx.execute(
                update(saved_reply)
                .where(saved_reply.c.id == reply)
                .values(**values, changed_at=self.now(), changed_by=caller.account)
            )
            return self._of(await self._theirs(tx, reply))

    async def remove(self, caller: Caller, reply: UUID) -> None:
        """
        Forget it.

        Raises:
            NotFound: not the caller's nor the clinic's.
        """
        async with self.db.begin(caller) as tx:
            await self._theirs(tx, reply, lock=True)
            await tx.execute(delete(saved_reply).where(saved_reply.c.id == reply))

    async def filled(self, caller: Caller, reply: UUID, patient: UUID) -> str:
        """
        The words of *reply* for *patient*: their first name, and their next visit on the clock of their own zone.

        Raises:
            NotFound: not the caller's nor the clinic's, or the patient is not in their care.
        """
        async with self.db.begin(caller) as tx:
            row = await self._theirs(tx, reply)
            await care.require(tx, patient)
            who = (await people.named(tx, [patient]))[patient]
            facts = {"first_name": rules.first_name(who.name)}
            start = await next_start(tx, patient, self.now())
            if start is not None:
                facts["visit_time"] = f"{zones.on_the_wall(start, who.zone):%a %d %b, %H:%M}"
            return rules.fill(sealing.opened(self.vault, row)[1], facts)

    async def _theirs(self, tx: Transaction, reply: UUID, *, lock: bool = False) -> Row[Any]:
        statement = select(saved_reply).where(
            saved_reply.c.id == reply,
            or_(saved_reply.c.owner == tx.caller.account, saved_reply.c.owner.is_(None)),
        )
        found = (await tx.execute(statement.with_for_update() if lock else statement)).one_or_none()
        if found is None:
            raise NotFound
        return found

    async def _seal(self, rows: Sequence[Row[Any]], tx: Transaction) -> None:
        """Seal what was kept before there was a way to."""
        for row in rows:
            words = sealing.sealed(self.vault, row.id, row.title, row.body)
            await tx.execute(
                update(saved_reply).where(saved_reply.c.id == row.id, saved_reply.c.words.is_(None)).values(words)
            )

    def _of(self, row: Row[Any]) -> SavedReply:
        title, body = sealing.opened(self.vault, row)
        return SavedReply(row.id, title, body, row.owner is None, row.version)
