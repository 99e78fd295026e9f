"""
Who is connected: one live connection for each seat, held by one web process, said to be alive every few seconds.

A second connection of the same person takes the seat over, and the first one ends; so a reload, a second device and a
restarted server are one case. Only a page that comes back by itself, after a loss, takes nothing from another device
that has the seat by now: people move a call on purpose, networks do not. A process that died says nothing any more:
whichever process notices first counts its connections as lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update

from telegut.db.asked import Asked
from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.errors import Conflict
from telegut.rooms import rules
from telegut.rooms.service import SYSTEM, Rooms
from telegut.rooms.store import Room
from telegut.rooms.tables import connections

TAKEN_OVER: Final = "rooms.taken_over"
"""Bus fact ``{"connection": ID}``: its seat has another connection now."""


class SeatElsewhere(Conflict):
    """You are in this visit on another device. You can bring it back here."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """
    How a page comes. device: its own name for itself, kept over a reload; None when it has none.
    returns: it comes back by itself, and nobody asked for it.
    """

    device: str | None = None
    returns: bool = False


ASKED_FOR: Final = Arrival()
"""Somebody came; what their page calls itself is not known."""


@dataclass(frozen=True, slots=True)
class Connection:
    """One open socket with a seat."""

    id: UUID
    visit: UUID
    account: UUID


_OPEN = connections.c.closed_at.is_(None)
_CLOSED = update(connections).where(_OPEN).values(closed_at=func.clock_timestamp()).returning(connections.c.id)
_END = Asked(_CLOSED.where(connections.c.id == bindparam("of_id")))
_END_CURRENT = Asked(
    _CLOSED.where(connections.c.visit == bindparam("of_visit"), connections.c.account == bindparam("of_account"))
)
_ELSEWHERE = Asked(
    select(connections.c.id).where(
        connections.c.visit == bindparam("visit"),
        connections.c.account == bindparam("account"),
        _OPEN,
        connections.c.device.is_distinct_from(bindparam("device")),
    )
)
_OPENED = Asked(
    insert(connections).values(
        {name: bindparam(name) for name in ("id", "visit", "account", "process", "device")}
        | {"opened_at": func.clock_timestamp(), "seen_at": func.clock_timestamp()}
    )
)


@dataclass(frozen=True, slots=True)
class Presence:
    """Connections of all processes; *process* is this one."""

    rooms: Rooms
    process: UUID
    silent_after: timedelta

    async def connect(self, visit: UUID, account: UUID, arrival: Arrival = ASKED_FOR) -> tuple[Connection, Room]:
        """
        Give *account*'s seat to a new connection.

        Raises:
            NotFound, NotOpenYet, VisitEnded: see `rules.step`. SeatElsewhere: another device has the seat, and this one
                only came back by itself.
        """
        connection = Connection(new_id(), visit, account)

        async def work(tx: Transaction) -> Room:
            room = await self.rooms.apply(tx, visit, rules.Connect(account))
            if arrival.returns:
                await self._check_not_elsewhere(tx, visit, account, arrival.device)
            before = await self._end_current(tx, visit, account)
            row = {"id": connection.id, "visit": visit, "account": account}
            await tx.ask(_OPENED, **row, process=self.process, device=arrival.device)
            if before is not None:
                tx.after_commit(lambda: self.rooms.bus.publish(TAKEN_OVER, {"connection": str(before)}))
            return room

        return connection, await self.rooms.db.run(SYSTEM, work)

    async def _check_not_elsewhere(self, tx: Transaction, visit: UUID, account: UUID, device: str | None) -> None:
        """Under the visit's lock, as `_end_current`."""
        if await tx.ask(_ELSEWHERE, visit=visit, account=account, device=device):
            raise SeatElsewhere

    async def _end_current(self, tx: Transaction, visit: UUID, account: UUID) -> UUID | None:
        """Under the visit's lock, which `Rooms.apply` took: nobody else connects to this visit now."""
        found = await tx.ask(_END_CURRENT, of_visit=visit, of_account=account)
        return found[0].id if found else None

    async def disconnect(self, connection: Connection) -> Room:
        """The socket of *connection* is gone. If its seat has no other by now, the seat is away. Returns the room."""

        async def work(tx: Transaction) -> Room:
            room = await self.rooms.load(tx, connection.visit, lock=True)
            if await tx.ask(_END, of_id=connection.id):
                return await self.rooms.go_on(tx, room, rules.Disconnect(connection.account))
            return room

        return await self.rooms.db.run(SYSTEM, work)

    async def is_held(self, visit: UUID, account: UUID) -> bool:
        """Whether some connection has this seat now."""
        held = select(connections.c.id).where(
            connections.c.visit == visit, connections.c.account == account, connections.c.closed_at.is_(None)
        )
        async with self.rooms.db.begin(SYSTEM) as tx:
            return await tx.scalar(held) is not None

    async def beat(self) -> set[UUID]:
        """Say that this process lives; returns the connections that are still its own."""
        alive = (
            update(connections)
            .where(connections.c.process == self.process, connections.c.closed_at.is_(None))
            .values(seen_at=func.clock_timestamp())
            .returning(connections.c.id)
        )
        async with self.rooms.db.begin(SYSTEM) as tx:
            return set((await tx.execute(alive)).scalars())

    async def sweep(self) -> int:
        """Take seats from connections whose process fell silent; returns how many."""
        silent = select(connections.c.id, connections.c.visit, connections.c.account).where(
            connections.c.closed_at.is_(None),
            connections.c.seen_at < func.clock_timestamp() - self.silent_after,
        )
        async with self.rooms.db.begin(SYSTEM) as tx:
            found = [Connection(row.id, row.visit, row.account) for row in await tx.execute(silent)]
        for connection in found:
            await self.disconnect(connection)
        return len(found)
