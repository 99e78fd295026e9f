"""
What comes round by itself: files that still wait get their turn again, and what was never sent is removed.

First the row goes, then its objects. What is left over in between (a crash, an upload that was rolled back) is an
object without a row, and is found by looking through the store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, func, or_, select

from telegut.clock import Clock
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.jobs import queue
from telegut.messaging.tables import entry
from telegut.messaging.uploads.rules import State
from telegut.messaging.uploads.service import CHECK_JOB
from telegut.messaging.uploads.store import Store
from telegut.messaging.uploads.tables import upload

_WHY = Caller.system("uploads are collected")
_BATCH = 200


@dataclass(frozen=True, slots=True)
class Collecting:
    """
    keep: how long a file may wait to be sent. patience: how long a file may be pending before it gets another turn.

    Expiry of rows is by the database's clock; that of objects by *now* and the store's clock, with an hour between.
    """

    db: Database
    store: Store
    now: Clock
    keep: timedelta
    patience: timedelta

    async def ask_again(self) -> int:
        """Have files checked that wait for long (the scanner or the store was away). Returns how many."""
        turn = int(self.now().timestamp() // self.patience.total_seconds())
        waiting = (upload.c.state == State.PENDING.value) & _older(self.patience)
        async with self.db.begin(_WHY) as tx:
            rows = await tx.execute(select(upload.c.id).where(waiting).order_by(upload.c.created_at).limit(_BATCH))
            ids = list(rows.scalars())
            await queue.enqueue_all(tx, [(CHECK_JOB, {"upload": str(id)}, f"{id} {turn}") for id in ids])
        return len(ids)

    async def collect(self) -> int:
        """Remove what was not sent within `keep` or lost its message to retention, and objects without a row.

        Returns how many files went."""
        gone = 0
        while removed := await self._remove_unsent():
            gone += removed
        batch: list[UUID] = []
        async for id in self.store.older_than(self.now() - self.keep - timedelta(hours=1)):
            batch.append(id)
            if len(batch) == _BATCH:
                await self._remove_strays(batch)
                batch = []
        await self._remove_strays(batch)
        return gone

    async def forget(self, objects: Sequence[UUID]) -> None:
        """Remove *objects* whose file was discarded."""
        await self._remove_strays(objects)

    async def _remove_unsent(self) -> int:
        unsent = upload.c.message.is_(None) & _older(self.keep)
        purged = exists(select(1).where(entry.c.id == upload.c.message, entry.c.purged_at.is_not(None)))
        some = select(upload.c.id).where(or_(unsent, purged)).limit(_BATCH).with_for_update(skip_locked=True)
        async with self.db.begin(_WHY) as tx:
            rows = await tx.execute(
                delete(upload).where(upload.c.id.in_(some)).returning(upload.c.object, upload.c.thumbnail)
            )
            removed = rows.all()
        for row in removed:
            for object in row:
                if object is not None:
                    await self.store.remove(object)
        return len(removed)

    async def _remove_strays(self, objects: Sequence[UUID]) -> None:
        if not objects:
            return
        async with self.db.begin(_WHY) as tx:
            mine = or_(upload.c.object.in_(objects), upload.c.thumbnail.in_(objects))
            rows = await tx.execute(select(upload.c.object, upload.c.thumbnail).where(mine))
            kept = {one for row in rows for one in row}
        for stray in set(objects) - kept:
            await self.store.remove(stray)


def _older(age: timedelta) -> ColumnElement[bool]:
    return upload.c.created_at < func.now() - age
