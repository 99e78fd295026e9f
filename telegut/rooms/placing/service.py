"""Where the room of a visit is, agreed between all web processes by one row of the database."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from telegut.db.asked import Asked, Asker
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.rooms.placing.tables import places

SYSTEM: Final = Caller.system("places of rooms")


_PLACED: Final = Asked(
    select(places.c.process, places.c.instance, (func.now() - places.c.seen_at).label("silent")).where(
        places.c.visit == bindparam("visit")
    )
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A room's media process. silent: how long no web process has been connected with it, by the database's clock."""

    process: str
    instance: str
    silent: timedelta = timedelta(0)


class Places:
    """Reads and decides where rooms are."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def of(self, visit: UUID) -> Placed | None:
        """Where the room of *visit* is, None before it was placed."""

        return await _read(self._db, visit)

    async def settle(self, visit: UUID, to: Placed, instead_of: str | None) -> Placed:
        """
        Place the room of *visit*, or move it away from the instance *instead_of*; where it is now.

        Of several who try at once one decides and the others get its answer: who is first inserts (the primary key),
        and a move is taken only from the place that its mover knew.
        """

        async def work(tx: Transaction) -> Placed:
            now = func.now()
            row = {"process": to.process, "instance": to.instance, "placed_at": now, "seen_at": now}
            if instead_of is None:
                await tx.execute(upsert(places).values(visit=visit, **row).on_conflict_do_nothing())
            else:
                await tx.execute(
                    update(places)
                    .where(places.c.visit == visit, places.c.instance == instead_of)
                    .values(moves=places.c.moves + 1, **row)
                )
            return await _read(tx, visit) or to  # forgotten meanwhile: the next one to ask places it anew

        return await self._db.run(SYSTEM, work)

    async def seen(self, instances: Collection[str]) -> None:
        """These lives of media processes are connected with us."""

        async def work(tx: Transaction) -> None:
            await tx.execute(update(places).where(places.c.instance.in_(instances)).values(seen_at=func.now()))

        if instances:
            await self._db.run(SYSTEM, work)

    async def forget(self, visit: UUID, instance: str) -> None:
        """The visit is over, or nobody is in it any more: its room is nowhere."""

        async def work(tx: Transaction) -> None:
            await tx.execute(delete(places).where(places.c.visit == visit, places.c.instance == instance))

        await self._db.run(SYSTEM, work)


async def _read(db: Asker, visit: UUID) -> Placed | None:
    found = await db.ask(_PLACED, visit=visit)
    return Placed(found[0].process, found[0].instance, found[0].silent) if found else None
