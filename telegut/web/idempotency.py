"""
``Idempotency-Key``: the first answer is kept in the transaction of its effect, and given again.

The answer may hold clinical text, so it is sealed under a key derived from the root key; it is removed after
`Settings.idempotency_days`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from telegut.db.asked import Asked
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.many import Together
from telegut.db.metadata import Id, Timestamp, metadata
from telegut.db.sealed import RootKey
from telegut.errors import FieldError, Invalid, TelegutError
from telegut.web.parse import check_text

kept = Table(
    "web_idempotency",
    metadata,
    Column("account", Id, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("status", Integer, nullable=True),
    Column("answer", LargeBinary, nullable=True),
    Column("content_type", Text, nullable=True),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
)
Index("web_idempotency_created_at_idx", kept.c.created_at)

KEY_LIMIT = 200
"""Longest key we take, in characters."""

NOBODY = UUID(int=0)


_CLAIM = text(
    "insert into web_idempotency (account, target, key, fingerprint) select * from unnest(cast(:account as uuid[]),"
    " cast(:target as text[]), cast(:key as text[]), cast(:fingerprint as bytea[]))"
    " on conflict do nothing returning account, target, key"
)
_CLAIM_ONE = Asked(
    upsert(kept)
    .values({name: bindparam(name) for name in ("account", "target", "key", "fingerprint")})
    .on_conflict_do_nothing()
    .returning(kept.c.key)
)
_KEEP_ONE = Asked(
    update(kept)
    .where(
        kept.c.account == bindparam("of_account"),
        kept.c.target == bindparam("of_target"),
        kept.c.key == bindparam("of_key"),
    )
    .values({name: bindparam(f"new_{name}") for name in ("status", "answer", "content_type")})
)
_FIND = text(
    "select k.* from web_idempotency as k join unnest(cast(:account as uuid[]), cast(:target as text[]),"
    " cast(:key as text[])) as asked (account, target, key) using (account, target, key)"
)
_KEEP = text(
    "update web_idempotency as k set status = said.status, answer = said.answer, content_type = said.content_type"
    " from unnest(cast(:account as uuid[]), cast(:target as text[]), cast(:key as text[]), cast(:status as int[]),"
    " cast(:answer as bytea[]), cast(:content_type as text[]))"
    " as said (account, target, key, status, answer, content_type)"
    " where k.account = said.account and k.target = said.target and k.key = said.key"
)


class IdempotencyKeyReused(Invalid):
    """This Idempotency-Key was used before with another request."""


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """What was answered the first time."""

    status: int
    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One use of a key: whose, for what, and what exactly was asked."""

    account: UUID
    target: str
    key: str
    fingerprint: bytes


def attempt(account: UUID | None, target: str, key: str, content: bytes) -> Attempt:
    """
    Describe a use of *key* on *target* (method and path) with *content* (query and body).

    Raises:
        Invalid: the key is empty, too long or has a character that cannot be kept.
    """
    if not 0 < len(key) <= KEY_LIMIT:
        raise Invalid(errors=[FieldError("Idempotency-Key", f"has 1 to {KEY_LIMIT} characters")])
    check_text(key, "Idempotency-Key")
    return Attempt(account or NOBODY, target, key, hashlib.sha256(content).digest())


class Ledger:
    """Remembers first answers."""

    def __init__(self, root: RootKey) -> None:
        self._cipher = AESGCM(root.derive("telegut idempotent answers v1"))

    async def claim(self, tx: Transaction, this: Attempt) -> FirstAnswer | None:
        """
        Take the key for this transaction, or return what was answered before.

        Waits for a twin that is still at work.

        Raises:
            IdempotencyKeyReused: the same key came with another request.
        """
        place = {"account": this.account, "target": this.target, "key": this.key}
        if await tx.ask(_CLAIM_ONE, **place, fingerprint=this.fingerprint):
            return None
        found = (await tx.execute(select(kept).where(*_same(this)))).one()
        if found.fingerprint != this.fingerprint:
            raise IdempotencyKeyReused
        return FirstAnswer(found.status, self._open(this, found.answer), found.content_type)

    async def keep(self, tx: Transaction, this: Attempt, answer: FirstAnswer) -> None:
        """Store the answer beside its effect."""
        sealed = self._seal(this, answer.body)
        place = {"of_account": this.account, "of_target": this.target, "of_key": this.key}
        said = {"new_status": answer.status, "new_answer": sealed, "new_content_type": answer.content_type}
        await tx.ask(_KEEP_ONE, **place, **said)

    async def claim_all(self, tx: Transaction, these: Sequence[Attempt]) -> list[FirstAnswer | TelegutError | None]:
        """
        As `claim`, for many keys at once, each of which is there once. A key that was used otherwise is a refusal.

        Keys are taken in sorted order, so that two processes never wait for each other in a circle.
        """
        if not these:
            return []
        rows = sorted((one.account, one.target, one.key, one.fingerprint) for one in these)
        names = ("account", "target", "key", "fingerprint")
        values = dict(zip(names, ([*column] for column in zip(*rows, strict=True)), strict=True))
        taken = {(row[0], row[1], row[2]) for row in await tx.execute(_CLAIM, values)}
        if len(taken) == len(these):
            return [None] * len(these)
        del values["fingerprint"]
        found = {(row.account, row.target, row.key): row for row in await tx.execute(_FIND, values)}
        return [
            None if (place := (one.account, one.target, one.key)) in taken else self._before(one, found[place])
            for one in these
        ]

    def _before(self, this: Attempt, row: Any) -> FirstAnswer | TelegutError:
        if row.fingerprint != this.fingerprint:
            return IdempotencyKeyReused()
        return FirstAnswer(row.status, self._open(this, row.answer), row.content_type)

    async def keep_all(self, tx: Transaction, answers: Sequence[tuple[Attempt, FirstAnswer]]) -> None:
        """As `keep`, for many."""
        if not answers:
            return
        values = {
            "account": [this.account for this, _ in answers],
            "target": [this.target for this, _ in answers],
            "key": [this.key for this, _ in answers],
            "status": [answer.status for _, answer in answers],
            "answer": [self._seal(this, answer.body) for this, answer in answers],
            "content_type": [answer.content_type for _, answer in answers],
        }
        await tx.execute(_KEEP, values)

    def keep_together(self, together: Together, answers: Sequence[tuple[Attempt, FirstAnswer]]) -> None:
        """
        Take many keys and keep their answers at once, with what else is written *together*; none was claimed before.

        A key that was used before violates ``web_idempotency_pkey``: the transaction is lost, and whoever tries again
        claims first.
        """
        rows = [
            {
                "account": this.account,
                "target": this.target,
                "key": this.key,
                "fingerprint": this.fingerprint,
                "status": answer.status,
                "answer": self._seal(this, answer.body),
                "content_type": answer.content_type,
            }
            for this, answer in sorted(answers, key=lambda one: (one[0].account, one[0].target, one[0].key))
        ]
        together.insert(kept, rows)

    async def purge(self, db: Database, keep: timedelta) -> None:
        """Forget answers older than *keep*."""
        async with db.begin(Caller.system("purge of kept answers")) as tx:
            await tx.execute(delete(kept).where(kept.c.created_at < func.now() - keep))

    def _seal(self, this: Attempt, body: bytes) -> bytes:
        nonce = secrets.token_bytes(12)
        return nonce + self._cipher.encrypt(nonce, body, this.fingerprint)

    def _open(self, this: Attempt, sealed: bytes) -> bytes:
        return self._cipher.decrypt(sealed[:12], sealed[12:], this.fingerprint)


def _same(this: Attempt) -> tuple[ColumnElement[bool], ...]:
    return (kept.c.account == this.account, kept.c.target == this.target, kept.c.key == this.key)
