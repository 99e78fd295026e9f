"""Several notices that leave as one: who leads, who goes with them, and what happens when the lead does not go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, or_, select, update

from telegut.db.engine import Transaction
from telegut.notices import planning
from telegut.notices.rules import NEWS, TOGETHER, Kind, State
from telegut.notices.tables import notice

_TOGETHER: Final = sorted(kind.value for kind in TOGETHER)
_WAITS: Final = notice.c.state == State.WAITING.value


async def lead(tx: Transaction, notice_id: UUID) -> Row[Any] | None:
    """
    A waiting notice, held for the length of *tx*; None when it is not waiting, or goes with another that is.

    One at a time for each reader and channel: two that are due together become one, not two halves.
    """
    whose = (await tx.execute(select(notice.c.recipient, notice.c.channel).where(notice.c.id == notice_id))).first()
    if whose is None:
        return None
    key = func.hashtextextended(f"notices {whose.recipient} {whose.channel}", 0)
    await tx.execute(select(func.pg_advisory_xact_lock(key)))
    expired = func.coalesce(notice.c.expires_at <= func.statement_timestamp(), False).label("expired")
    rows = await tx.execute(select(notice, expired).where(notice.c.id == notice_id, _WAITS).with_for_update())
    row = rows.one_or_none()
    if row is None or row.sent_with in (None, row.id):
        return row
    leads = await tx.scalar(select(notice.c.state).where(notice.c.id == row.sent_with))
    return None if leads == State.WAITING.value else row


async def gather(tx: Transaction, first: Row[Any], now: datetime) -> Sequence[Row[Any]]:
    """What is due for the same reader by the same channel, and goes with *first* from now on."""
    if first.kind not in _TOGETHER:
        return ()
    rows = await tx.execute(
        select(notice)
        .where(
            notice.c.recipient == first.recipient,
            notice.c.channel == first.channel,
            notice.c.kind.in_(_TOGETHER),
            _WAITS,
            notice.c.id != first.id,
            notice.c.due_at <= now,
            or_(notice.c.sent_with.is_(None), notice.c.sent_with == first.id),
        )
        .order_by(notice.c.id)
        .with_for_update()
    )
    others = [row for row in rows.all() if not await _is_over(tx, row)]
    ids = [first.id, *(row.id for row in others)]
    await tx.execute(update(notice).where(notice.c.id.in_(ids)).values(sent_with=first.id))
    return others


async def _is_over(tx: Transaction, row: Row[Any]) -> bool:
    return Kind(row.kind) in NEWS and await planning.was_read(tx, row)


async def part(tx: Transaction, notice_id: UUID) -> Sequence[UUID]:
    """What would have gone with a notice that does not go: each stands for itself again. Returns which."""
    freed = await tx.execute(
        update(notice)
        .where(notice.c.sent_with == notice_id, notice.c.id != notice_id, _WAITS)
        .values(sent_with=None)
        .returning(notice.c.id)
    )
    return list(freed.scalars())
