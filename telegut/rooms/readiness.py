"""Who has checked camera and sound for a visit: told by their own browser, shown in reminders and on the day's page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.rooms.service import SYSTEM, Rooms, own_seat
from telegut.rooms.tables import checks


async def passed(rooms: Rooms, caller: Caller, visit: UUID) -> None:
    """
    Note that the caller was seen and heard in the check of *visit*. Again renews it.

    Raises:
        NotFound: the caller has no seat in such a visit.
    """
    room = await rooms.view(caller, visit)
    row = {"visit": visit, "account": own_seat(room, caller).account, "passed_at": func.statement_timestamp()}
    renewed = {"passed_at": func.statement_timestamp()}
    async with rooms.db.begin(SYSTEM) as tx:
        await tx.execute(insert(checks).values(row).on_conflict_do_update(constraint="rooms_check_pkey", set_=renewed))


async def ready(tx: Transaction, visits: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Of each of *visits*, whose camera and sound were checked. Checks nobody's right to know it."""
    found: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for row in await tx.execute(select(checks.c.visit, checks.c.account).where(checks.c.visit.in_(visits))):
        found[row.visit].add(row.account)
    return found
