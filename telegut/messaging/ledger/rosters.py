"""Who works when, read for a question: people's calendars, the clinic's hours and holidays, who is away."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from telegut.db.engine import Transaction
from telegut.messaging.ledger.hours import HORIZON_DAYS, Away, Roster, clinic_week, stretches, working
from telegut.messaging.ledger.rules import Hands
from telegut.messaging.ledger.tables import away
from telegut.messaging.replies import Replies
from telegut.scheduling import calendars, zones
from telegut.scheduling.clinic import holidays
from telegut.scheduling.zones import DAY


@dataclass(frozen=True, slots=True)
class Hours:
    """Everything that a promise is counted with."""

    roster: Roster
    aways: tuple[Away, ...]
    promise_s: int

    def due(self, hands: Hands) -> datetime | None:
        """By when a debt that went through *hands* is answered."""
        found = self.roster.due(stretches(hands, self.aways), self.promise_s)
        return None if found is None else zones.instant(found)

    def promised(self, hands: Hands) -> datetime | None:
        """By when the patient was told an answer comes: new hands may bring it nearer, and never put it off."""
        told = (self.due(hands[:count]) for count in range(1, len(hands) + 1))
        return min((due for due in told if due is not None), default=None)

    def worked_s(self, hands: Hands, until: datetime) -> int:
        """The working time of a debt until an instant, in seconds."""
        return self.roster.worked_s(stretches(hands, self.aways), zones.seconds(until))


async def load(tx: Transaction, replies: Replies, owners: Collection[UUID], *, since: datetime, now: datetime) -> Hours:
    """The hours of *owners* and of whoever covers for them, from *since* until as far ahead as promises reach."""
    aways = await absences(tx, owners, since)
    people = {*owners, *(one.cover for one in aways)}
    first, last = zones.seconds(since) - DAY, zones.seconds(now) + HORIZON_DAYS * DAY
    closed = [one.day for one in await holidays.read(tx)]
    clinic = working(clinic_week(replies.hours, replies.zone, closed), first, last)
    known = await calendars.hours_of(tx, people) if people else {}
    spans = {one: working(availability, first, last) for one, availability in known.items()}
    return Hours(Roster(clinic, spans), aways, int(replies.promise.total_seconds()))


async def absences(tx: Transaction, people: Collection[UUID], since: datetime) -> tuple[Away, ...]:
    """When *people* are away, or those who cover for them, and were since *since*."""
    found: dict[UUID, list[Away]] = {}
    asked = set(people)
    while asked:
        found |= {person: [] for person in asked}
        for one in await _absences(tx, asked, since):
            found[one.person].append(one)
        asked = {one.cover for many in found.values() for one in many} - found.keys()
    return tuple(sorted((one for many in found.values() for one in many), key=lambda one: (one.start, one.person)))


async def covers(tx: Transaction) -> frozenset[tuple[UUID, UUID]]:
    """Who answers for whom at this moment, by the database's clock: pairs of a cover and of who is away."""
    now = func.statement_timestamp()
    rows = await tx.execute(
        select(away.c.cover, away.c.person).where(
            away.c.ended_at.is_(None), away.c.from_at <= now, away.c.until_at > now
        )
    )
    return frozenset((row.cover, row.person) for row in rows)


async def _absences(tx: Transaction, people: Collection[UUID], since: datetime) -> Sequence[Away]:
    end = func.coalesce(func.least(away.c.ended_at, away.c.until_at), away.c.until_at)
    rows = await tx.execute(
        select(away.c.person, away.c.cover, away.c.from_at, end.label("end")).where(
            away.c.person.in_(sorted(people)), end > since, end > away.c.from_at
        )
    )
    return [Away(row.person, row.cover, row.from_at, row.end) for row in rows]
