"""Were promises kept: how many answers came in time, late or not yet, by person and for the clinic. Numbers only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from telegut.accounts import people
from telegut.db.engine import Transaction
from telegut.errors import FieldError, Invalid
from telegut.messaging.ledger.order import percentile
from telegut.messaging.ledger.rules import Ending
from telegut.messaging.ledger.tables import promise
from telegut.scheduling import zones

READERS = frozenset({"coordinator", "admin"})
LONGEST = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Kept:
    """
    The promises of one person, or of the clinic (*account* and *name* None) or of nobody in particular.

    owed_late: of those still owed, how many should have been answered. put_aside: no answer was needed. median_s,
    p90_s: of working time until an answer came.
    """

    account: UUID | None
    name: str | None
    promises: int
    in_time: int
    late: int
    owed: int
    owed_late: int
    put_aside: int
    median_s: int | None
    p90_s: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """One period. weeks: the clinic's promises by the Monday of their week, on the wall of the reader's zone."""

    since: datetime
    until: datetime
    clinic: Kept
    people: tuple[Kept, ...]
    weeks: tuple[tuple[date, Kept], ...] = ()


def check_period(since: datetime, until: datetime) -> None:
    """
    Refuse a period that is none.

    Raises:
        Invalid: it ends before it begins, or is longer than `LONGEST`.
    """
    if not since < until <= since + LONGEST:
        raise Invalid(errors=[FieldError("to", "Choose a time after the beginning, 400 days later at most.")])


async def read(tx: Transaction, since: datetime, until: datetime, now: datetime, zone: str) -> Report:
    """The report, its weeks on the wall of *zone*. Needs telegut's own rights: it counts what readers may not see."""
    rows = (await tx.execute(select(promise).where(promise.c.since >= since, promise.c.since < until))).all()
    named = await people.named(tx, {row.worker for row in rows if row.worker})
    each = [
        kept([row for row in rows if row.worker == one], now, one, named[one].name if one in named else None)
        for one in {row.worker for row in rows}
    ]
    ordered = sorted(each, key=lambda one: (one.account is None, one.name or "", str(one.account)))
    return Report(since, until, kept(rows, now), tuple(ordered), _weeks(rows, since, until, now, zone))


def _weeks(
    rows: Sequence[Row[Any]], since: datetime, until: datetime, now: datetime, zone: str
) -> tuple[tuple[date, Kept], ...]:
    """Every week of the period, those without promises too."""
    first, last = _monday(since, zone), _monday(until - timedelta(microseconds=1), zone)
    mondays = [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]
    by_week: dict[date, list[Row[Any]]] = {one: [] for one in mondays}
    for row in rows:
        by_week[_monday(row.since, zone)].append(row)
    return tuple((one, kept(by_week[one], now)) for one in mondays)


def _monday(at: datetime, zone: str) -> date:
    day = zones.on_the_wall(at, zone).date()
    return day - timedelta(days=day.weekday())


def kept(rows: Sequence[Row[Any]], now: datetime, account: UUID | None = None, name: str | None = None) -> Kept:
    """Count *rows* of promises at *now*. A promise without a due time (nobody has hours) is never late."""
    answered = [row for row in rows if row.ending == Ending.ANSWERED]
    late = [row for row in answered if row.due is not None and row.ended_at > row.due]
    owed = [row for row in rows if row.ending is None]
    took = [row.worked_s for row in answered]
    return Kept(
        account=account,
        name=name,
        promises=len(rows),
        in_time=len(answered) - len(late),
        late=len(late),
        owed=len(owed),
        owed_late=len([row for row in owed if row.due is not None and row.due < now]),
        put_aside=len(rows) - len(answered) - len(owed),
        median_s=percentile(took, 0.5),
        p90_s=percentile(took, 0.9),
    )
