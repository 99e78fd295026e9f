"""Saying that one is late, and what is known about it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.errors import FieldError, Invalid
from telegut.rooms.adding import as_host, happened_beside
from telegut.rooms.lateness.rules import CHOICES, Busy, Outlook, Said, outlook
from telegut.rooms.lateness.tables import lateness
from telegut.rooms.rules.refusals import VisitEnded
from telegut.rooms.rules.visit import Phase, Place
from telegut.rooms.service import SYSTEM, Rooms
from telegut.rooms.store import Room
from telegut.rooms.tables import seats, visits


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late visits begin."""

    rooms: Rooms

    async def say(self, caller: Caller, visit: UUID, minutes: int) -> tuple[Room, Outlook]:
        """
        The host *caller* will be so many minutes late; 0 takes it back. Everybody in the visit is told at once.

        Raises:
            Invalid: minutes that nobody can choose. NotFound: no seat. NotTheHost: a guest. VisitEnded: it is over.
        """
        if minutes not in (0, *CHOICES):
            raise Invalid(errors=[FieldError("minutes", "Choose 5, 10 or 15 minutes, or 0 to take it back.")])

        async def work(tx: Transaction, room: Room, me: UUID) -> tuple[Room, Outlook]:
            if room.visit.phase is Phase.ENDED:
                raise VisitEnded
            await self._keep(tx, visit, me, minutes)
            room = await happened_beside(tx, self.rooms, room, ())
            return room, await self._look(tx, room)

        return await as_host(self.rooms, caller, visit, work)

    async def _keep(self, tx: Transaction, visit: UUID, me: UUID, minutes: int) -> None:
        if minutes == 0:
            await tx.execute(delete(lateness).where(lateness.c.visit == visit))
            return
        row = {"minutes": minutes, "said_by": me, "said_at": self.rooms.now()}
        await tx.execute(
            upsert(lateness).values(visit=visit, **row).on_conflict_do_update(index_elements=["visit"], set_=row)
        )

    async def look(self, caller: Caller, visit: UUID) -> tuple[Room, Outlook]:
        """
        What is known about the beginning of *visit*, for somebody with a seat in it.

        Raises:
            NotFound: no seat.
        """
        room = await self.rooms.view(caller, visit)
        async with self.rooms.db.begin(SYSTEM) as tx:
            return room, await self._look(tx, room)

    async def _look(self, tx: Transaction, room: Room) -> Outlook:
        hosts = [seat for seat in room.visit.seats if seat.host and not seat.withdrawn]
        here = [seat.account for seat in hosts if seat.state is Place.INSIDE]
        said = await self._said(tx, room.visit.id)
        busy = [] if here else await self._busy(tx, room.visit.id, [seat.account for seat in hosts])
        return outlook(room.visit.starts, self.rooms.now(), here=here, said=said, busy=busy)

    async def _said(self, tx: Transaction, visit: UUID) -> Said | None:
        row = (await tx.execute(select(lateness).where(lateness.c.visit == visit))).one_or_none()
        return Said(row.minutes, row.said_by, row.said_at) if row is not None else None

    async def _busy(self, tx: Transaction, visit: UUID, hosts: list[UUID]) -> list[Busy]:
        """Hosts who are seen inside another visit that goes on."""
        elsewhere = (
            select(seats.c.account, seats.c.visit)
            .join(visits, visits.c.id == seats.c.visit)
            .where(
                seats.c.account.in_(hosts),
                seats.c.visit != visit,
                seats.c.host,
                seats.c.state == Place.INSIDE.value,
                visits.c.phase == Phase.LIVE.value,
            )
        )
        rows = (await tx.execute(elsewhere)).all()
        return [Busy(row.account, (await self.rooms.load(tx, row.visit)).visit.ends) for row in rows]
