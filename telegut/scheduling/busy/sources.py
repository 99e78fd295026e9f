"""Calendars elsewhere as rows: where they are, how reading them went, and the ranges that came out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Row, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import Range

from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import PatientKey, Vault
from telegut.errors import Conflict, NotFound
from telegut.scheduling import zones
from telegut.scheduling.busy.ranges import Times
from telegut.scheduling.busy.remote import Address, Known
from telegut.scheduling.busy.rules import Failure, Kind
from telegut.scheduling.busy.tables import busy, busy_source

_PURPOSE = "telegut calendars elsewhere v1"


class TooManySources(Conflict):
    """There are already as many calendars as can be read. Please remove one first."""


@dataclass(frozen=True, slots=True)
class Source:
    """One calendar elsewhere, without its address; *host* is the part of it that may be shown."""

    id: UUID
    practitioner: UUID
    kind: Kind
    name: str
    host: str
    made_at: datetime
    tried_at: datetime | None
    read_at: datetime | None
    covers_until: datetime | None
    failing_since: datetime | None
    failure: Failure | None
    known: Known


class Sealing:
    """Addresses and passwords at rest: under a key derived from the root key, bound to their row and owner."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._cipher = AESGCM(vault.root.derive(_PURPOSE))

    def seal(self, source: UUID, owner: UUID, address: Address) -> bytes:
        """*address* for its row."""
        words = json.dumps({"url": address.url, "user": address.user, "password": address.password})
        return self._vault.seal(busy_source.c.address, PatientKey(owner, self._cipher), source, words)

    def open(self, row: Row[Any]) -> Address:
        """The address in a row."""
        key = PatientKey(row.practitioner, self._cipher)
        words = json.loads(self._vault.open(busy_source.c.address, key, row.id, row.address))
        return Address(Kind(row.kind), words["url"], words["user"], words["password"])


async def add(
    tx: Transaction, sealing: Sealing, practitioner: UUID, name: str, address: Address, *, at_most: int
) -> Source:
    """
    Keep a new source.

    Raises:
        TooManySources: the practitioner has *at_most*.
    """
    if len(await of(tx, practitioner)) >= at_most:
        raise TooManySources
    source = new_id()
    values = {
        "id": source,
        "practitioner": practitioner,
        "kind": address.kind.value,
        "name": name,
        "host": urlsplit(address.url).hostname or "",
        "address": sealing.seal(source, practitioner, address),
    }
    return _source((await tx.execute(insert(busy_source).values(values).returning(busy_source))).one())


async def of(tx: Transaction, practitioner: UUID) -> list[Source]:
    """The sources of one practitioner, the oldest first."""
    rows = await tx.execute(
        select(busy_source)
        .where(busy_source.c.practitioner == practitioner)
        .order_by(busy_source.c.made_at, busy_source.c.id)
    )
    return [_source(row) for row in rows]


async def remove(tx: Transaction, practitioner: UUID, source: UUID) -> None:
    """
    Forget a source and its times.

    Raises:
        NotFound: the practitioner has none of this id.
    """
    gone = delete(busy_source).where(busy_source.c.id == source, busy_source.c.practitioner == practitioner)
    if await tx.scalar(gone.returning(busy_source.c.id)) is None:
        raise NotFound("There is no such calendar of yours.")


async def due(tx: Transaction, every: timedelta) -> list[tuple[UUID, datetime | None]]:
    """What has not been tried for *every*, with when it was."""
    stale = busy_source.c.tried_at <= func.statement_timestamp() - every
    rows = await tx.execute(
        select(busy_source.c.id, busy_source.c.tried_at)
        .where(or_(busy_source.c.tried_at.is_(None), stale))
        .order_by(busy_source.c.tried_at.nulls_first())
    )
    return [(row.id, row.tried_at) for row in rows]


async def begin(tx: Transaction, sealing: Sealing, source: UUID) -> tuple[Source, Address] | None:
    """A source that is about to be tried, with its address; None when it is gone."""
    tried = update(busy_source).where(busy_source.c.id == source).values(tried_at=func.statement_timestamp())
    row = (await tx.execute(tried.returning(busy_source))).one_or_none()
    return None if row is None else (_source(row), sealing.open(row))


async def keep(tx: Transaction, source: Source, times: Times, known: Known, covers_until: datetime) -> None:
    """It was read: these are its times from now on, instead of those before. Nothing when it was removed meanwhile."""
    values = {"etag": known.etag or None, "modified": known.modified or None, "covers_until": covers_until}
    if not await _went_well(tx, source, values):
        return
    await tx.execute(delete(busy).where(busy.c.source == source.id))
    rows = [
        {
            "source": source.id,
            "practitioner": source.practitioner,
            "during": Range(zones.instant(start), zones.instant(end)),
        }
        for start, end in times
    ]
    if rows:
        await tx.execute(insert(busy), rows)


async def unchanged(tx: Transaction, source: Source) -> None:
    """It was asked, and nothing has changed."""
    await _went_well(tx, source, {})


async def _went_well(tx: Transaction, source: Source, values: dict[str, Any]) -> bool:
    """Whether it is still there; its row stays locked, so that two readings come one after the other."""
    well = {"read_at": func.statement_timestamp(), "failing_since": None, "failure": None}
    written = update(busy_source).where(busy_source.c.id == source.id).values(**values, **well)
    return await tx.scalar(written.returning(busy_source.c.id)) is not None


async def failed(tx: Transaction, source: Source, failure: Failure) -> None:
    """It could not be read; the times of before count on until they are too old (`expire`)."""
    since = func.coalesce(busy_source.c.failing_since, func.statement_timestamp())
    values = {"failing_since": since, "failure": failure.value}
    await tx.execute(update(busy_source).where(busy_source.c.id == source.id).values(values))


async def expire(tx: Transaction, keep_for: timedelta) -> None:
    """Let go of times whose source was last read longer than *keep_for* ago; it is read whole when it is back."""
    old = busy_source.c.read_at < func.statement_timestamp() - keep_for
    gone = update(busy_source).where(old, busy_source.c.covers_until.is_not(None))
    ended = gone.values(covers_until=None, etag=None, modified=None).returning(busy_source.c.id)
    found = list((await tx.execute(ended)).scalars())
    if found:
        await tx.execute(delete(busy).where(busy.c.source.in_(found)))


async def count(tx: Transaction, found: Sequence[UUID]) -> dict[UUID, int]:
    """How many ranges are known of each source."""
    number = func.count().label("number")
    rows = await tx.execute(select(busy.c.source, number).where(busy.c.source.in_(found)).group_by(busy.c.source))
    return {row.source: row.number for row in rows}


def _source(row: Row[Any]) -> Source:
    return Source(
        id=row.id,
        practitioner=row.practitioner,
        kind=Kind(row.kind),
        name=row.name,
        host=row.host,
        made_at=row.made_at,
        tried_at=row.tried_at,
        read_at=row.read_at,
        covers_until=row.covers_until,
        failing_since=row.failing_since,
        failure=Failure(row.failure) if row.failure else None,
        known=Known(row.etag or "", row.modified or ""),
    )
