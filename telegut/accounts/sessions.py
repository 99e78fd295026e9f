"""
Sign-ins as rows: a random token known to the client alone, of which we keep a hash.

A row ends when somebody signs out, when its time is over, or when nothing was heard for its idle time. Whoever ends
one tells the sockets and rooms that were opened with it (see `telegut.accounts.service`).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, insert, select, update

from telegut.accounts.people import Person
from telegut.accounts.rules import Lifetime, SignedIn
from telegut.accounts.tables import person, session
from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.db.line import Line

Kind = Literal["browser", "token"]

TOKEN_BYTES = 32
"""256 random bits; OWASP ASVS 5.0.0, 7.2.3 asks for at least 128."""

NOTED_EVERY = timedelta(minutes=1)
"""A request writes down that the sign-in is in use at most this often, so that reading stays reading."""

DEVICE_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in, without its secret."""

    id: UUID
    person: UUID
    kind: Kind
    device: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a token belongs to."""

    session: UUID
    kind: Kind
    person: Person
    times: SignedIn


def hash_of(token: str) -> bytes:
    """What is stored of *token*. It has 256 random bits, so that a fast hash is enough."""
    # A header may hold bytes that are no text; such a token is nobody's.
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


async def issue(
    tx: Transaction, account: UUID, kind: Kind, lifetime: Lifetime, *, device: str, now: datetime
) -> tuple[Session, str]:
    """Sign *account* in; returns the session and the token, which cannot be had again."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    made = Session(new_id(), account, kind, device[:DEVICE_LENGTH], now, now, now + lifetime.whole)
    await tx.execute(
        insert(session).values(
            id=made.id,
            person=account,
            kind=kind,
            secret_hash=hash_of(token),
            device=made.device,
            created_at=now,
            seen_at=now,
            expires_at=made.expires_at,
            idle_s=None if lifetime.idle is None else int(lifetime.idle.total_seconds()),
        )
    )
    return made, token


_FIND = """
    select s.secret_hash, s.id, s.kind, s.seen_at, s.expires_at, s.idle_s, s.ended_at,
        p.id as person, p.name, p.zone, p.locale,
        array(select role from accounts_role where person = p.id) as roles
    from accounts_session as s join accounts_person as p on p.id = s.person
    where s.secret_hash = any($1::bytea[]) and p.disabled_at is null
    """
# Whoever is just writing the same down does it for us too.
_NOTE = (
    "update accounts_session set seen_at = $1 where id in (select id from accounts_session"
    " where id = any($2::uuid[]) for no key update skip locked)"
)


async def find(line: Line, hashes: Sequence[bytes], *, now: datetime) -> dict[bytes, Found]:
    """
    Whom the tokens with these hashes (see `hash_of`) belong to, by hash.

    Those are left out that never were, are over, or whose owner was disabled. Every request asks, so it goes over a
    *line* of its own: one way to the database and back.

    Raises:
        Unavailable: the database does not answer.
    """
    found: dict[bytes, Found] = {}
    unnoted: list[UUID] = []
    for row in await line.ask(_FIND, hashes):
        times = SignedIn(row["seen_at"], row["expires_at"], _seconds(row["idle_s"]), row["ended_at"])
        if times.is_over(now):
            continue
        if now - times.seen_at >= NOTED_EVERY:
            unnoted.append(row["id"])
        who = Person(row["person"], row["name"], frozenset(row["roles"]), row["zone"], row["locale"])
        found[row["secret_hash"]] = Found(row["id"], row["kind"], who, times)
    if unnoted:
        await line.ask(_NOTE, now, unnoted)
    return found


async def still_open(tx: Transaction, ids: Sequence[UUID], *, now: datetime) -> set[UUID]:
    """
    Those of *ids* that were not ended and are not past their end.

    For open sockets: an open call counts as being there, so the idle time-out does not close it.
    """
    rows = await tx.execute(
        select(session.c.id)
        .join(person, person.c.id == session.c.person)
        .where(
            session.c.id.in_(ids),
            session.c.ended_at.is_(None),
            session.c.expires_at > now,
            person.c.disabled_at.is_(None),
        )
    )
    return set(rows.scalars())


def in_force(id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether the sign-in *id* was not ended and is not past its end, by the database's clock; for a statement."""
    open_one = select(session.c.id).join(person, person.c.id == session.c.person).where(session.c.id == id)
    now = func.clock_timestamp()
    return exists(
        open_one.where(session.c.ended_at.is_(None), session.c.expires_at > now, person.c.disabled_at.is_(None))
    )


async def of_person(tx: Transaction, account: UUID, *, now: datetime) -> list[Session]:
    """The sign-ins of *account* that are in force, the latest used first."""
    idle_end = session.c.seen_at + func.make_interval(0, 0, 0, 0, 0, 0, session.c.idle_s)
    rows = await tx.execute(
        select(session)
        .where(
            session.c.person == account,
            session.c.ended_at.is_(None),
            session.c.expires_at > now,
            func.coalesce(idle_end > now, True),
        )
        .order_by(session.c.seen_at.desc(), session.c.id)
    )
    return [
        Session(row.id, row.person, row.kind, row.device, row.created_at, row.seen_at, row.expires_at) for row in rows
    ]


async def end(
    tx: Transaction, account: UUID, *, now: datetime, only: UUID | None = None, spare: UUID | None = None
) -> list[UUID]:
    """End the sign-ins of *account*: all, *only* one of theirs, or all but *spare*. Returns which ended by this."""
    statement = update(session).where(session.c.person == account, session.c.ended_at.is_(None))
    if only is not None:
        statement = statement.where(session.c.id == only)
    if spare is not None:
        statement = statement.where(session.c.id != spare)
    return list((await tx.execute(statement.values(ended_at=now).returning(session.c.id))).scalars())


def _seconds(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
