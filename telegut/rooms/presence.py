"""
Who is connected: one live connection for each seat, held by one web process, said to be alive every few seconds.

A second connection of the same person takes the seat over, and the first one ends; so a reload, a second device and a
restarted server are one case. Only a page that comes back by itself, after a loss, takes nothing from another device
that has the seat by now: people move a call on purpose, networks do not. A process that died says nothing any more:
whichever process notices first counts its connections as lost.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, func, select, update

from telegut import logs
from telegut.db.asked import Asked
from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.errors import Conflict, TelegutError
from telegut.rooms import arriving
from telegut.rooms.rules import commands
from telegut.rooms.service import SYSTEM, Rooms
from telegut.rooms.store import Room
from telegut.rooms.tables import connections

log = logs.get("rooms")

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


_END = Asked(arriving.CLOSED.where(connections.c.id == bindparam("of_id")))


@dataclass(frozen=True, slots=True)
class Presence:
    """Connections of all processes; *process* is this one."""

    rooms: Rooms
    process: UUID
    silent_after: timedelta

    async def connect(
        self, visit: UUID, account: UUID, arrival: Arrival = ASKED_FOR, known: Room | None = None
    ) -> tuple[Connection, Room]:
        """
        Give *account*'s seat to a new connection.

        known: the room as it was read just now, where it was.

        Raises:
            NotFound, NotOpenYet, VisitEnded: see `rules.step`. SeatElsewhere: another device has the seat, and this one
                only came back by itself.
        """
        if known is not None:
            connection = Connection(new_id(), visit, account)
            done = await arriving.at_once(self.rooms, known, account, self._taking(connection, arrival))
            if done is not None:
                room, found = done
                self._taken_over(found)
                return connection, room
        return await self._connect(Connection(new_id(), visit, account), arrival)

    async def _connect(self, connection: Connection, arrival: Arrival) -> tuple[Connection, Room]:
        async def work(tx: Transaction) -> Room:
            room = await self.rooms.apply(tx, connection.visit, commands.Connect(connection.account))
            # Under the visit's lock, which `Rooms.apply` took: nobody else connects to this visit now.
            [found] = await tx.ask(arriving.TAKEN, **self._taking(connection, arrival))
            if found.elsewhere is not None:
                raise SeatElsewhere
            tx.after_commit(lambda: self._taken_over(found))
            return room

        return connection, await self.rooms.db.run(SYSTEM, work)

    def _taking(self, connection: Connection, arrival: Arrival) -> dict[str, Any]:
        return {
            "new_id": connection.id,
            "of_visit": connection.visit,
            "of_account": connection.account,
            "new_process": self.process,
            "its_device": arrival.device,
            "returns": arrival.returns,
        }

    def _taken_over(self, found: Any) -> None:
        if found.before is not None:
            self.rooms.bus.publish(TAKEN_OVER, {"connection": str(found.before)})

    async def disconnect(self, connection: Connection) -> Room:
        """The socket of *connection* is gone. If its seat has no other by now, the seat is away. Returns the room."""

        async def work(tx: Transaction) -> Room:
            room = await self.rooms.load(tx, connection.visit, lock=True)
            if await tx.ask(_END, of_id=connection.id):
                return await self.rooms.go_on(tx, room, commands.Disconnect(connection.account))
            return room

        return await self.rooms.db.run(SYSTEM, work)

    async def is_held(self, visit: UUID, account: UUID) -> bool:
        """Whether some connection has this seat now."""
        held = select(connections.c.id).where(
            connections.c.visit == visit, connections.c.account == account, connections.c.closed_at.is_(None)
        )
        async with self.rooms.db.begin(SYSTEM) as tx:
            return await tx.scalar(held) is not None

    async def beat(self, here: Collection[UUID]) -> set[UUID]:
        """
        Say that the connections *here* live; returns those that are still this process's own.

        A connection whose departure could not be written, or that was opened without anybody hearing of it, is not
        among them: it falls silent like those of a process that died, and its seat is found empty.
        """
        alive = (
            update(connections)
            .where(connections.c.id.in_(here), connections.c.process == self.process, arriving.OPEN)
            .values(seen_at=func.clock_timestamp())
            .returning(connections.c.id)
        )
        async with self.rooms.db.begin(SYSTEM) as tx:
            return set((await tx.execute(alive)).scalars())

    async def sweep(self) -> int:
        """Take seats from connections that fell silent; returns how many. One that cannot be taken keeps back none."""
        silent = select(connections.c.id, connections.c.visit, connections.c.account).where(
            connections.c.closed_at.is_(None),
            connections.c.seen_at < func.clock_timestamp() - self.silent_after,
        )
        async with self.rooms.db.begin(SYSTEM) as tx:
            found = [Connection(row.id, row.visit, row.account) for row in await tx.execute(silent)]
        for connection in found:
            try:
                await self.disconnect(connection)
            except TelegutError as exc:
                log.warning("seat not taken from the silent", error=type(exc).__name__)
        return len(found)
