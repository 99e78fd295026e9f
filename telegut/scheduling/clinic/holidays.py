"""The days on which the clinic is closed: kept, copied to every calendar under its lock, counted against visits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY, TSTZRANGE, Range

from telegut.db.engine import Transaction
from telegut.errors import FieldError, Invalid
from telegut.scheduling import agenda, zones
from telegut.scheduling.clinic.tables import holiday
from telegut.scheduling.tables import calendar, participant, policy
from telegut.scheduling.windows import whole_day

HOLIDAYS_AT_MOST = 400


@dataclass(frozen=True, slots=True)
class Holiday:
    """A whole day off for everybody. *name* is for staff; *visits*: how many stay booked on it, None: not told."""

    day: date
    name: str = ""
    visits: int | None = None


def check(days: Sequence[Holiday]) -> None:
    """
    Refuse a list that names a day twice.

    Raises:
        Invalid: it does; one error for each.
    """
    often = Counter(one.day for one in days)
    twice = [number for number, one in enumerate(days) if often[one.day] > 1]
    if twice:
        raise Invalid(errors=[FieldError(f"holidays.{number}.day", "Name each day once.") for number in twice])


async def version(tx: Transaction, *, lock: bool = False) -> int:
    """How often the list was changed; *lock* keeps others from changing it meanwhile."""
    statement = select(policy.c.holidays_version)
    return int(await tx.scalar(statement.with_for_update() if lock else statement) or 0)


async def read(tx: Transaction) -> list[Holiday]:
    """Every holiday, by day."""
    rows = await tx.execute(select(holiday).order_by(holiday.c.day))
    return [Holiday(row.day, row.name) for row in rows]


async def replace(tx: Transaction, days: Sequence[Holiday]) -> None:
    """
    Make these the clinic's holidays.

    Every calendar is locked, in the order in which bookings lock them: a visit is booked before, and counted, or it is
    asked about the new days.
    """
    await tx.execute(select(calendar.c.practitioner).order_by(calendar.c.practitioner).with_for_update(key_share=True))
    await tx.execute(delete(holiday))
    if days:
        await tx.execute(insert(holiday).values([{"day": one.day, "name": one.name} for one in days]))
    await tx.execute(update(calendar).values(holidays=sorted(one.day for one in days)))
    await tx.execute(update(policy).values(holidays_version=policy.c.holidays_version + 1))


async def with_visits(tx: Transaction, days: Iterable[Holiday]) -> list[Holiday]:
    """The same, each day that is still to come with the visits that stay booked on it, joint ones counted once."""
    now = await tx.scalar(select(func.statement_timestamp()))
    assert now is not None
    listed = list(days)
    # Somewhere it is still the day before.
    ahead = {one.day for one in listed if one.day >= agenda.today(now, "Etc/GMT+12")}
    visits = await _visits(tx, ahead)
    return [Holiday(one.day, one.name, len(visits.get(one.day, ())) if one.day in ahead else 0) for one in listed]


async def _visits(tx: Transaction, days: Collection[date]) -> dict[date, set[UUID]]:
    """What stands on each day, on the wall of each practitioner's own zone."""
    if not days:
        return {}
    around = [
        Range(zones.instant(start - zones.DAY), zones.instant(end + zones.DAY))
        for day in days
        for start, end in whole_day(day, "UTC")
    ]
    touches = participant.c.visit.op("&&")(func.any(bindparam("around", around, type_=ARRAY(TSTZRANGE))))
    what = func.coalesce(participant.c.appointment, participant.c.group_session)
    statement = (
        select(what.label("what"), participant.c.visit, calendar.c.zone)
        .join(calendar, calendar.c.practitioner == participant.c.person)
        .where(participant.c.part != "patient", participant.c.active, what.is_not(None), touches)
    )
    found: dict[date, set[UUID]] = {}
    for row in await tx.execute(statement):
        for day in _days_of(row.visit, row.zone) & set(days):
            found.setdefault(day, set()).add(row.what)
    return found


def _days_of(visit: Any, zone: str) -> set[date]:
    """The days that a visit touches on the wall of *zone*: one, or two past midnight."""
    return {agenda.today(visit.lower, zone), agenda.today(visit.upper - timedelta(microseconds=1), zone)}
