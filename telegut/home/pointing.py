"""Whether somebody may see a place that is pointed at during a visit: each question asked with their own rights."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

from telegut.careplan.anchors import has_step
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.outcomes.anchors import has_diary_day
from telegut.reports.anchors import has_report
from telegut.rooms.pointing.anchors import Anchor


def may_see(db: Database) -> Callable[[UUID, UUID, Anchor], Awaitable[bool]]:
    """The question for account, patient and place; the database's own policies answer it."""

    async def ask(account: UUID, patient: UUID, anchor: Anchor) -> bool:
        async with db.begin(Caller(account=account)) as tx:
            return await _is_there(tx, patient, anchor)

    return ask


async def _is_there(tx: Transaction, patient: UUID, anchor: Anchor) -> bool:
    match anchor.kind:
        case "finding":
            return await has_report(tx, patient, UUID(anchor.id), read=True)
        case "report":
            return await has_report(tx, patient, UUID(anchor.id))
        case "step":
            return await has_step(tx, patient, UUID(anchor.id))
        case "diary":
            return await has_diary_day(tx, patient, date.fromisoformat(anchor.id))
