"""Many visits at a glance, for the day of a practitioner: where each stands and who waits. Names and times only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from telegut.db.engine import Transaction
from telegut.rooms.rules.visit import Phase
from telegut.rooms.tables import seats, visits


@dataclass(frozen=True, slots=True)
class Glance:
    """
    Where a visit stands: *waiting* is the first guest before the door, *since* when they came there.

    A visit that nobody has looked at yet has no room; it stands nowhere.
    """

    phase: Phase = Phase.SCHEDULED
    started_at: datetime | None = None
    ended_at: datetime | None = None
    waiting: UUID | None = None
    since: datetime | None = None


async def glances(tx: Transaction, wanted: Collection[UUID]) -> dict[UUID, Glance]:
    """A glance at each of *wanted* that has a room. Checks nothing: the caller was let see these visits already."""
    first = (
        select(seats.c.visit, seats.c.account, seats.c.since)
        .where(seats.c.visit.in_(wanted), seats.c.state == "waiting", ~seats.c.host)
        .order_by(seats.c.visit, seats.c.since)
        .ext(distinct_on(seats.c.visit))
        .subquery()
    )
    rows = await tx.execute(
        select(visits.c.id, visits.c.phase, visits.c.started_at, visits.c.ended_at, first.c.account, first.c.since)
        .outerjoin(first, first.c.visit == visits.c.id)
        .where(visits.c.id.in_(wanted))
    )
    return {row.id: Glance(Phase(row.phase), row.started_at, row.ended_at, row.account, row.since) for row in rows}
