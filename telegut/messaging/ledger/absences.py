"""
Out of office: until when somebody is away, and who answers meanwhile.

The cover joins care teams and topics and leaves them by themselves (`ledger.covers`). What is owed by the absent one is
not handed over and back: whoever asks the ledger is told of the cover (`hours.answering`).

Nobody who covers is away meanwhile, so that covers make no chains. Two absences that would make one have somebody in
common: both take the rows of their two people first, in the order of ids, and the later one is refused. Lock order:
people, absences, patients.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update

from telegut.accounts import covering, people
from telegut.accounts.covering import CARE_ROLES
from telegut.accounts.people import Person
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction, on_violation
from telegut.db.ids import new_id
from telegut.errors import Conflict, FieldError, Invalid
from telegut.messaging.ledger import covers
from telegut.messaging.ledger.tables import away
from telegut.scheduling import zones

LONGEST = timedelta(days=366)
EARLIEST, LATEST = date(2000, 1, 1), date(2200, 1, 1)
"""Days beyond these nobody means; calendars and clocks that reach further do not exist."""
_KEEPER = Caller.system("covers")


class AwayChanged(Conflict):
    """Your absence was changed meanwhile. Please look at it again."""


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody's absence: both days included, on the wall of *zone*. started: it has begun."""

    person: UUID
    cover: UUID
    cover_name: str
    from_day: date
    until_day: date
    zone: str
    version: int
    started: bool


def period(from_day: date, until_day: date, zone: str) -> tuple[datetime, datetime]:
    """
    The instants of whole days on the wall of *zone*.

    Raises:
        Invalid: the last day is before the first, or more than `LONGEST` after it; or nobody means such days.
    """
    for field, day in (("from", from_day), ("until", until_day)):
        if not EARLIEST <= day <= LATEST:
            raise Invalid(errors=[FieldError(field, "Choose a day that can be planned for.")])
    if not from_day <= until_day <= from_day + LONGEST:
        raise Invalid(errors=[FieldError("until", "Choose a last day on or after the first, within a year.")])
    return _midnight(from_day, zone), _midnight(until_day + timedelta(days=1), zone)


def _midnight(day: date, zone: str) -> datetime:
    """When *day* begins; where the clocks skip midnight, right after."""
    wall = datetime.combine(day, time.min)
    found = zones.instants(wall, zone)
    at = zones.wall_seconds(wall)
    return found[0] if found else zones.instant(zones.anchor(at, zones.regimes(zone, at, at)))


@dataclass(frozen=True, slots=True)
class Absences:
    """Everybody's absences. Moments come and go by the database's clock."""

    db: Database

    async def mine(self, caller: Caller) -> Absence | None:
        """The caller's absence, now or ahead."""
        async with self.db.begin(caller) as tx:
            row = await _open(tx, caller.account)
            return None if row is None else await _absence(tx, row)

    async def covers(self, caller: Caller) -> list[Person]:
        """Who can be asked to cover for the caller, by name."""
        async with self.db.begin(caller) as tx:
            return [one for one in await people.with_role(tx, *CARE_ROLES) if one.id != caller.account]

    async def set(self, caller: Caller, from_day: date, until_day: date, cover: UUID, version: int | None) -> Absence:
        """
        "I am away from … until …; *cover* answers." Replaces what the caller had said before.

        version: of the absence that this replaces; None: there was none.

        Raises:
            Invalid: the days make no sense, *cover* cannot answer then, or the caller answers for somebody.
            AwayChanged: not based on *version*.
        """
        start, end = period(from_day, until_day, caller.zone)
        async with self.db.begin(caller) as tx:
            await people.take(tx, [one for one in (caller.account, cover) if one])
            now = await covers.moment(tx)
            await covers.end_over(tx, now)
            before = await self._based_on(tx, version)
            if end <= now:
                raise Invalid(errors=[FieldError("until", "This day is over.")])
            await _check_cover(tx, caller.account, cover, start, end)
            await _check_free(tx, caller.account, start, end)
            if before is not None:
                await _end(tx, before, now)
            absence = new_id()
            values = {
                "id": absence,
                "person": caller.account,
                "cover": cover,
                "from_day": from_day,
                "until_day": until_day,
                "zone": caller.zone,
                "from_at": start,
                "until_at": end,
                "version": 1 if before is None else before.version + 1,
            }
            with on_violation(messaging_one_away=AwayChanged):
                await tx.execute(insert(away).values(values))
            await audit.record(tx, "write", "away", absence, patient=None)
            await covers.follow(tx)
            row = await _open(tx, caller.account)
            assert row is not None
            return await _absence(tx, row)

    async def end(self, caller: Caller, version: int | None = None) -> None:
        """
        "I am back", or "I am not going": the cover leaves. Who is not away is back already.

        Raises:
            AwayChanged: not based on *version*, if one was named.
        """
        async with self.db.begin(caller) as tx:
            before = await _open(tx, caller.account, lock=True)
            if before is None:
                return
            if version is not None and version != before.version:
                raise AwayChanged(current=(await _absence_json(tx, before)))
            await _end(tx, before, await covers.moment(tx))
            await audit.record(tx, "write", "away", before.id, patient=None)
            await covers.follow(tx)

    async def _based_on(self, tx: Transaction, version: int | None) -> Row[Any] | None:
        before = await _open(tx, tx.caller.account, lock=True)
        if (None if before is None else before.version) != version:
            raise AwayChanged(current=None if before is None else await _absence_json(tx, before))
        return before

    async def follow(self) -> None:
        """Let covers join and leave whose time has come; for a job."""
        await self.db.run(_KEEPER, covers.follow)


async def _check_cover(tx: Transaction, me: UUID | None, cover: UUID, start: datetime, end: datetime) -> None:
    if cover == me:
        raise Invalid(errors=[FieldError("cover", "Choose somebody else.")])
    if await people.mail_address(tx, cover) is None or await covering.care_role(tx, cover) is None:
        raise Invalid(errors=[FieldError("cover", "Choose a consultant or nutritionist who works here.")])
    busy = await tx.scalar(
        select(away.c.id).where(
            away.c.person == cover, away.c.ended_at.is_(None), away.c.from_at < end, away.c.until_at > start
        )
    )
    if busy is not None:
        raise Invalid(errors=[FieldError("cover", "They are away themselves in this time.")])


async def _check_free(tx: Transaction, me: UUID | None, start: datetime, end: datetime) -> None:
    """Nobody covers for a cover: who answers for somebody is there."""
    name = await tx.scalar(
        select(away.c.person).where(
            away.c.cover == me, away.c.ended_at.is_(None), away.c.from_at < end, away.c.until_at > start
        )
    )
    if name is not None:
        who = (await people.named(tx, [name]))[name].name
        message = f"You answer for {who} in this time. Ask them to choose somebody else first."
        raise Invalid(errors=[FieldError("from", message)])


async def _open(tx: Transaction, person: UUID | None, *, lock: bool = False) -> Row[Any] | None:
    statement = select(away, (away.c.from_at <= func.statement_timestamp()).label("started")).where(
        away.c.person == person, away.c.ended_at.is_(None), away.c.until_at > func.statement_timestamp()
    )
    return (await tx.execute(statement.with_for_update(key_share=True) if lock else statement)).one_or_none()


async def _end(tx: Transaction, row: Row[Any], now: datetime) -> None:
    await tx.execute(update(away).where(away.c.id == row.id).values(ended_at=now))


async def _absence(tx: Transaction, row: Row[Any]) -> Absence:
    named = await people.named(tx, [row.cover])
    return Absence(
        row.person,
        row.cover,
        named[row.cover].name,
        row.from_day,
        row.until_day,
        row.zone,
        row.version,
        row.started,
    )


async def _absence_json(tx: Transaction, row: Row[Any]) -> dict[str, Any]:
    one = await _absence(tx, row)
    return {
        "from": one.from_day.isoformat(),
        "until": one.until_day.isoformat(),
        "cover": {"account": str(one.cover), "name": one.cover_name},
        "version": one.version,
    }
