"""Protocols of a clinic: made, changed by adding a version, and looked at. Versions are never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select
from sqlalchemy.dialects.postgresql import distinct_on

from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction, on_violation
from telegut.db.ids import new_id
from telegut.errors import Conflict, FieldError, Invalid, NotFound
from telegut.reports.cohorts.tables import cohort
from telegut.reports.protocols import rules
from telegut.reports.protocols.rules import Content
from telegut.reports.protocols.tables import protocol


class ProtocolChanged(Conflict):
    """Somebody else has just changed this protocol. Please look at it again."""


class ProtocolRetired(Conflict):
    """No new sample is taken by this protocol. Please choose another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """One version of a protocol. *offered*: new samples may be taken by it."""

    id: UUID
    version: int
    said: Content
    offered: bool
    made_at: datetime
    made_by: UUID


@dataclass(frozen=True, slots=True)
class Protocols:
    """The service."""

    db: Database
    now: Clock

    async def all(self, caller: Caller) -> list[Protocol]:
        """The newest version of each, by name."""
        async with self.db.begin(caller) as tx:
            newest = (
                select(protocol)
                .ext(distinct_on(protocol.c.protocol))
                .order_by(protocol.c.protocol, protocol.c.version.desc())
            )
            rows = (await tx.execute(newest)).all()
        return sorted(map(_protocol, rows), key=lambda one: (not one.offered, one.said.name.casefold(), one.id))

    async def versions(self, caller: Caller, id: UUID) -> Sequence[Protocol]:
        """
        All versions of one, the newest first.

        Raises:
            NotFound: there is none.
        """
        async with self.db.begin(caller) as tx:
            return await _versions(tx, id)

    async def make(self, caller: Caller, said: Content) -> Protocol:
        """
        A new protocol.

        Raises:
            Invalid: see `rules.check`; or there is no such comparison group.
        """
        rules.check(said)
        async with self.db.begin(caller) as tx:
            await _check_group(tx, said)
            return await self._add(tx, Protocol(id=new_id(), version=1, said=said, offered=True, **self._by(caller)))

    async def change(self, caller: Caller, id: UUID, version: int, said: Content, *, offered: bool) -> Protocol:
        """
        The next version of *id*, made from *version*.

        Raises:
            Invalid: see `rules.check`. NotFound: there is none. ProtocolChanged: it is at another version by now.
        """
        rules.check(said)
        async with self.db.begin(caller) as tx:
            await _check_group(tx, said)
            now = (await _versions(tx, id))[0]
            if now.version != version:
                raise ProtocolChanged(current={"id": str(id), "version": now.version})
            return await self._add(
                tx, replace(now, version=version + 1, said=said, offered=offered, **self._by(caller))
            )

    async def _add(self, tx: Transaction, made: Protocol) -> Protocol:
        values = {
            "id": new_id(),
            "protocol": made.id,
            "version": made.version,
            "name": made.said.name.strip(),
            "content": made.said.kept(),
            "offered": made.offered,
            "made_at": made.made_at,
            "made_by": made.made_by,
        }
        with on_violation(reports_protocol_one_version=ProtocolChanged):
            await tx.execute(insert(protocol).values(values))
        await audit.record(tx, "write", "sampling protocol", made.id, patient=None)
        return made

    def _by(self, caller: Caller) -> dict[str, Any]:
        return {"made_at": self.now(), "made_by": caller.account}


async def _check_group(tx: Transaction, said: Content) -> None:
    if said.group is not None and await tx.scalar(select(cohort.c.id).where(cohort.c.id == said.group)) is None:
        raise Invalid(errors=[FieldError("group", "is not a comparison group of this clinic")])


async def current(tx: Transaction, id: UUID) -> Protocol:
    """
    The newest version of *id*, by which a sample is to be taken now.

    Raises:
        NotFound: there is none. ProtocolRetired: it is not offered any more.
    """
    newest = (await _versions(tx, id))[0]
    if not newest.offered:
        raise ProtocolRetired
    return newest


async def at(tx: Transaction, id: UUID, version: int) -> Protocol:
    """The version of *id* that something pins, which exists."""
    row = await tx.execute(select(protocol).where(protocol.c.protocol == id, protocol.c.version == version))
    return _protocol(row.one())


async def _versions(tx: Transaction, id: UUID) -> Sequence[Protocol]:
    rows = (
        await tx.execute(select(protocol).where(protocol.c.protocol == id).order_by(protocol.c.version.desc()))
    ).all()
    if not rows:
        raise NotFound
    return [_protocol(row) for row in rows]


def _protocol(row: Row[Any]) -> Protocol:
    return Protocol(
        id=row.protocol,
        version=row.version,
        said=rules.content(row.name, row.content),
        offered=row.offered,
        made_at=row.made_at,
        made_by=row.made_by,
    )
