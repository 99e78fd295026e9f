"""Encryption of one visit, chosen by its host before or while it is on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import insert, update

from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.rooms import events
from telegut.rooms.encryption import rules
from telegut.rooms.service import CHANGED, SYSTEM, Rooms, own_seat
from telegut.rooms.store import Room
from telegut.rooms.tables import happened, visits

Recorded = Callable[[Transaction, UUID], Awaitable[bool]]


async def _never(tx: Transaction, visit: UUID) -> bool:
    """Nothing here records."""
    return False


@dataclass(slots=True)
class Encryption:
    """Switches it. recorded: whether a recording of a visit runs, asked while the visit is locked."""

    rooms: Rooms
    recorded: Recorded = field(default=_never)

    async def choose(self, caller: Caller, visit: UUID, *, on: bool) -> Room:
        """
        Have *visit* encrypted end to end through the forwarder from now on, or not any more; everybody is told.

        Raises:
            NotFound: there is no such visit for this caller. NotTheHost, VisitEnded, RecordingRuns: see the rules.
        """
        who = own_seat(await self.rooms.view(caller, visit), caller).account

        async def work(tx: Transaction) -> Room:
            room = await self.rooms.load(tx, visit, lock=True)
            rules.check_choice(room.visit, who, recorded=await self.recorded(tx, visit), on=on)
            if room.encrypted is on:
                return room
            return await self._keep(tx, room, who, on=on)

        return await self.rooms.db.run(SYSTEM, work)

    async def _keep(self, tx: Transaction, room: Room, who: UUID, *, on: bool) -> Room:
        visit, version = room.visit.id, room.visit.version + 1
        await tx.execute(update(visits).where(visits.c.id == visit).values(encrypted=on, version=version))
        word = events.ENCRYPTED if on else events.DECRYPTED
        await tx.execute(insert(happened).values(visit=visit, version=version, at=self.rooms.now(), word=word, by=who))
        tx.after_commit(lambda: self.rooms.bus.publish(CHANGED, {"visit": str(visit)}))
        return replace(room, visit=replace(room.visit, version=version), encrypted=on)
