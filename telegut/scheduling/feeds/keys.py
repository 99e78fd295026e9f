"""
Secrets that open somebody's visits to a calendar program: made, listed, found, revoked.

A secret has 192 random bits and is shown once. What is stored is its SHA-256 digest: nobody can guess back from it, so
no slow hash is needed, and a stolen database opens no calendar.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, insert, or_, select, update

from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.errors import Conflict, NotFound
from telegut.scheduling.feeds.rules import Opens, Shows
from telegut.scheduling.feeds.tables import calendar_key

SECRET_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]{32}")
"""24 bytes in unpadded base64url, of which 16 would be enough (OWASP ASVS 5.0.0, 7.2.3)."""

_USED_EVERY: Final = timedelta(minutes=5)
"""How exactly the last use is known; a row is not written for every fetch."""


class TooManyKeys(Conflict):
    """There are already as many as one person can have. Please remove one first."""


@dataclass(frozen=True, slots=True)
class Key:
    """One feed or app password, without its secret."""

    id: UUID
    person: UUID
    opens: Opens
    name: str
    shows: Shows
    made_at: datetime
    used_at: datetime | None


def new_secret() -> str:
    """A fresh secret."""
    return base64.urlsafe_b64encode(secrets.token_bytes(24)).decode()


def digest(secret: str) -> bytes:
    """What is stored instead of *secret*."""
    return hashlib.sha256(secret.encode()).digest()


async def make(
    tx: Transaction, person: UUID, opens: Opens, name: str, shows: Shows, secret: str, *, at_most: int
) -> Key:
    """
    Keep a new key.

    Raises:
        TooManyKeys: the person has *at_most* of this kind.
    """
    present = await mine(tx, person)
    if sum(one.opens is opens for one in present) >= at_most:
        raise TooManyKeys
    values = {
        "id": new_id(),
        "person": person,
        "opens": opens.value,
        "name": name,
        "shows": shows.value,
        "digest": digest(secret),
    }
    row = (await tx.execute(insert(calendar_key).values(values).returning(calendar_key))).one()
    return _key(row)


async def mine(tx: Transaction, person: UUID) -> list[Key]:
    """Everything of *person* that still opens something, the newest last."""
    rows = await tx.execute(
        select(calendar_key)
        .where(calendar_key.c.person == person, calendar_key.c.revoked_at.is_(None))
        .order_by(calendar_key.c.made_at, calendar_key.c.id)
    )
    return [_key(row) for row in rows]


async def revoke(tx: Transaction, person: UUID, key: UUID) -> None:
    """
    End a key of *person*; it opens nothing from this transaction on.

    Raises:
        NotFound: they have none of this id.
    """
    ended = (
        update(calendar_key)
        .where(calendar_key.c.id == key, calendar_key.c.person == person, calendar_key.c.revoked_at.is_(None))
        .values(revoked_at=func.statement_timestamp())
        .returning(calendar_key.c.id)
    )
    if await tx.scalar(ended) is None:
        raise NotFound("There is no such calendar of yours.")


async def find(tx: Transaction, secret: str, opens: Opens) -> Key | None:
    """The key that *secret* is, when it is good for this; for telegut's own eyes, nobody is signed in yet."""
    if not SECRET_SHAPE.fullmatch(secret):
        return None
    row = (
        await tx.execute(
            select(calendar_key).where(
                calendar_key.c.digest == digest(secret),
                calendar_key.c.opens == opens.value,
                calendar_key.c.revoked_at.is_(None),
            )
        )
    ).one_or_none()
    return None if row is None else _key(row)


async def note_use(tx: Transaction, key: Key) -> None:
    """Remember that *key* was used, to the minute or so."""
    now = func.statement_timestamp()
    stale = or_(calendar_key.c.used_at.is_(None), calendar_key.c.used_at < now - _USED_EVERY)
    await tx.execute(update(calendar_key).where(calendar_key.c.id == key.id, stale).values(used_at=now))


def _key(row: Row[Any]) -> Key:
    return Key(row.id, row.person, Opens(row.opens), row.name, Shows(row.shows), row.made_at, row.used_at)
