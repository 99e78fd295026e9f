"""Searching the conversations about one patient in which somebody takes part, and keeping the index behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Row, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from telegut.accounts import care
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.sealed import Erased, PatientKey, Vault
from telegut.messaging import log
from telegut.messaging.rules import EntryType
from telegut.messaging.search import index, rules
from telegut.messaging.search.tables import indexed, token
from telegut.messaging.tables import conversation, entry, member

WHY = Caller.system("message index")
CONVERSATIONS_A_TURN = 50
AT_ONCE = 400
"""Entries that the worker reads into one index before it rests."""
RESTS = 4.0
"""How many times as long as it read the worker rests: whoever sends meanwhile has the machine to themselves."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A message with the words that were asked for, and a piece of it around them."""

    conversation: UUID
    message: UUID
    seq: int
    sender: UUID
    sent_at: datetime
    snippet: str


@dataclass(frozen=True, slots=True)
class Found:
    """
    A page of hits, the newest first. next: the message to go on behind. complete: every message was in the index; a
    log that came by thousands at once is read in within minutes.
    """

    hits: tuple[Hit, ...]
    next: UUID | None
    complete: bool


@dataclass(frozen=True, slots=True)
class Search:
    """The service. page: hits at once. batch: entries that one search reads into a conversation's index at most."""

    db: Database
    vault: Vault
    page: int
    batch: int

    async def find(self, caller: Caller, patient: UUID, query: str, *, after: UUID | None) -> Found:
        """
        The messages about *patient* with every word of *query*, where *caller* takes part.

        Raises:
            NotFound: the patient is not in the caller's care. Invalid: no word, or too many.
        """
        wanted = rules.terms(query)
        async with self.db.begin(caller) as tx:
            await care.require(tx, patient)
            places = await self._places(tx, patient)
            caught_up = [await index.follow(tx, self.vault, one, patient, at_most=self.batch) for one in places]
            key = await self.vault.key(tx, patient)
            hits, following = await self._hits(tx, key, places, wanted, after)
            await audit.record(tx, "search", "conversation", None, patient=patient)
        return Found(tuple(hits), following, all(caught_up))

    async def catch_up(self) -> int:
        """
        For a periodic job: read on in logs that are ahead of their index; returns in how many.

        Slowly, and in no order, so that none is always last: a search reads in what it still misses by itself.
        """
        async with self.db.begin(WHY) as tx:
            rows = await tx.execute(
                select(conversation.c.id, conversation.c.patient)
                .outerjoin(indexed, indexed.c.conversation == conversation.c.id)
                .where(conversation.c.last_seq > func.coalesce(indexed.c.up_to, 0))
                .order_by(func.random())
                .limit(CONVERSATIONS_A_TURN)
            )
            behind = rows.all()
        for one in behind:
            started = monotonic()
            with suppress(Erased):
                async with self.db.begin(WHY) as tx:
                    await index.follow(tx, self.vault, one.id, one.patient, at_most=min(AT_ONCE, self.batch))
            await asyncio.sleep((monotonic() - started) * RESTS)
        return len(behind)

    async def _places(self, tx: Transaction, patient: UUID) -> list[UUID]:
        rows = await tx.execute(
            select(conversation.c.id)
            .join(member, member.c.conversation == conversation.c.id)
            .where(conversation.c.patient == patient, member.c.account == tx.caller.account, member.c.until.is_(None))
            .order_by(conversation.c.id)
        )
        return list(rows.scalars())

    async def _hits(
        self, tx: Transaction, key: PatientKey, places: Sequence[UUID], wanted: Sequence[str], after: UUID | None
    ) -> tuple[list[Hit], UUID | None]:
        """A page of them. Tokens say where to look; the opened words decide."""
        secret = key.derive(rules.PURPOSE)
        seqs = {one: await self._candidates(tx, one, rules.asked(secret, one, wanted)) for one in places}
        hits: list[Hit] = []
        last = after
        while len(hits) < self.page:
            rows = await self._messages(tx, seqs, last)
            for row in rows:
                last = row.id
                text = self._clear(key, row)
                if rules.matches(text, wanted):
                    piece = rules.snippet(text, wanted)
                    hits.append(Hit(row.conversation, row.id, row.seq, row.sender, row.at, piece))
                    if len(hits) == self.page:
                        break
            if len(rows) < self.page:
                break
        return hits, last if len(hits) == self.page else None

    async def _candidates(self, tx: Transaction, place: UUID, asked: list[bytes]) -> list[int]:
        rows = await tx.execute(
            select(token.c.seq)
            .where(token.c.conversation == place, token.c.token.in_(asked))
            .group_by(token.c.seq)
            .having(func.count() == len(asked))
        )
        return list(rows.scalars())

    async def _messages(self, tx: Transaction, seqs: dict[UUID, list[int]], after: UUID | None) -> Sequence[Row[Any]]:
        """The next messages among *seqs*, newest first, with their present words."""
        edit, gone = entry.alias("edit"), entry.alias("gone")
        newest = (
            select(edit.c.id, edit.c.body)
            .where(edit.c.about == entry.c.id, edit.c.type == EntryType.EDITED.value)
            .order_by(edit.c.seq.desc())
            .limit(1)
            .lateral("newest")
        )
        taken_back = select(1).where(gone.c.about == entry.c.id, gone.c.type == EntryType.RETRACTED.value).exists()
        # one array each: PostgreSQL takes 32,767 parameters in a statement, and a word can be in more messages
        here = [
            (entry.c.conversation == place) & (entry.c.seq == func.any(literal(numbers, ARRAY(BigInteger))))
            for place, numbers in seqs.items()
            if numbers
        ]
        if not here:
            return []
        statement = (
            select(
                entry.c.conversation,
                entry.c.id,
                entry.c.seq,
                entry.c.sender,
                entry.c.at,
                func.coalesce(newest.c.id, entry.c.id).label("words"),
                func.coalesce(newest.c.body, entry.c.body).label("body"),
            )
            .select_from(entry)
            .outerjoin(newest, true())
            .where(or_(*here), ~taken_back, entry.c.body.is_not(None))
            .order_by(entry.c.id.desc())
            .limit(self.page)
        )
        if after is not None:
            statement = statement.where(entry.c.id < after)
        return (await tx.execute(statement)).all()

    def _clear(self, key: PatientKey, row: Row[Any]) -> str:
        return log.unseal(self.vault, key, row.words, row.body)
