"""Notices that nobody took: what an administrator sees of them, and trying one again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, or_, select, update

from telegut.accounts import people
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.errors import NotFound
from telegut.jobs import queue
from telegut.notices.rules import Channel, State
from telegut.notices.service import GIVE_UP, SEND_JOB
from telegut.notices.tables import notice

SHOWN: Final = 100
LOOKED_BACK: Final = timedelta(days=14)
LATE: Final = timedelta(minutes=10)
"""What is due for longer than this and still waits: its server is away."""
_LOST: Final = (State.REFUSED.value, State.NOT_CONFIGURED.value)


@dataclass(frozen=True, slots=True)
class Lost:
    """
    A notice that did not leave. *name*: of whom it is for. *about* nothing is said: not even of which kind it is.

    state: ``refused``, ``not_configured``, or ``waiting`` for longer than it should. problem: the server's code.
    """

    id: UUID
    name: str
    channel: Channel
    state: State
    problem: str | None
    due_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Undelivered:
    """For administrators."""

    db: Database

    async def recent(self, caller: Caller) -> Sequence[Lost]:
        """What did not leave in the last two weeks, the newest first; a hundred at most."""
        async with self.db.begin(caller) as tx:
            now = func.statement_timestamp()
            late = (notice.c.state == State.WAITING.value) & (notice.c.due_at < now - LATE)
            rows = await tx.execute(
                select(notice)
                .where(or_(notice.c.state.in_(_LOST), late), notice.c.due_at > now - LOOKED_BACK)
                .order_by(notice.c.due_at.desc(), notice.c.id)
                .limit(SHOWN)
            )
            return await _named(tx, rows.all())

    async def again(self, caller: Caller, id: UUID) -> None:
        """
        Try one again: an address was mended, or a server is back. What is no longer so is still not sent.

        Raises:
            NotFound: there is none that was given up, or it is a day old and no news any more.
        """
        async with self.db.begin(caller) as tx:
            now = func.statement_timestamp()
            fresh = notice.c.due_at > now - GIVE_UP
            waits = await tx.execute(
                update(notice)
                .where(notice.c.id == id, notice.c.state.in_(_LOST), fresh)
                .values(state=State.WAITING.value, settled_at=None, problem=None, sent_with=None)
                .returning(notice.c.id, now.label("now"))
            )
            row = waits.one_or_none()
            if row is None:
                raise NotFound
            unique = f"{id} again {row.now.isoformat()}"
            await queue.enqueue(tx, SEND_JOB, {"notice": str(id)}, unique=unique)
            await audit.record(tx, "send again", "notice", id, patient=None)


async def _named(tx: Transaction, rows: Sequence[Row[Any]]) -> list[Lost]:
    known = await people.named(tx, [row.recipient for row in rows])
    return [
        Lost(
            row.id,
            known[row.recipient].name,
            Channel(row.channel),
            State(row.state),
            row.problem,
            row.due_at,
            row.settled_at,
        )
        for row in rows
        if row.recipient in known
    ]
