"""Gathers a day from the domains below, each asked once for all visits. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from telegut.careplan import signing
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.home.day import news, rules
from telegut.home.day.rules import Standing
from telegut.home.day.views import Day, Owed, Visit
from telegut.messaging.inbox import Conversation
from telegut.messaging.ledger.rules import State
from telegut.messaging.ledger.service import ReplyLedger
from telegut.messaging.ledger.whose_turn import Turn
from telegut.messaging.service import Messaging
from telegut.rooms.glances import Glance, glances
from telegut.rooms.rules.visit import Phase
from telegut.scheduling import agenda
from telegut.scheduling.appointments import Filter
from telegut.scheduling.rules import Outcome, Status
from telegut.scheduling.screens.rows import SHOWN, Row, row_of
from telegut.scheduling.service import Scheduling

UNSIGNED_DAYS: Final = 30
"""How far back a day reminds of visits that nobody signed."""
OWED_SHOWN: Final = 8
FAR: Final = datetime.max.replace(tzinfo=UTC)
TEAM: Final = frozenset({"consultant", "nutritionist"})


@dataclass(frozen=True, slots=True)
class Days:
    """Days of practitioners and coordinators. opens_before: how long before its start a room opens."""

    db: Database
    opens_before: timedelta
    scheduling: Scheduling
    messaging: Messaging
    ledger: ReplyLedger

    async def day(self, caller: Caller, wanted: date | None) -> Day:
        """The day *wanted* in the caller's zone, or today; their own visits, or everybody's for who arranges them."""
        mine = bool(caller.roles & TEAM)
        async with self.db.begin(caller) as tx:
            caller = replace(caller, transaction=tx)  # everybody below answers from the one moment of this transaction
            _policy, now = await self.scheduling.policy(caller)
            shown = wanted or agenda.today(now, caller.zone)
            begins, ends = agenda.bounds(shown, caller.zone)
            since = begins - timedelta(days=UNSIGNED_DAYS) if mine else begins
            who = caller.account if mine else None
            rows = await self._rows(caller, Filter(since=since, until=ends, practitioner=who))
            today = [one for one in rows if one.visit.end > begins]
            unsigned = await _unsigned(tx, rows, now) if mine else set()
            threads = await self.messaging.conversations(caller) if mine else []
            turns = await self.ledger.turns(caller, [one.id for one in threads]) if mine else {}
            return Day(
                day=shown,
                now=now,
                is_today=shown == agenda.today(now, caller.zone),
                mine=mine,
                visits=tuple(await self._visits(tx, caller, today, unsigned, now, threads)),
                unsigned=tuple(one for one in rows if one not in today and one.visit.id in unsigned),
                owed=self._owed(threads, turns),
                next_free=await self.scheduling.times.next_free(caller),
                following=None if today else await self._following(caller, ends, who),
                has_hours=not mine or await self._has_hours(caller),
            )

    async def _rows(self, caller: Caller, wanted: Filter, limit: int = SHOWN) -> list[Row]:
        reads, names, _now = await self.scheduling.with_people(caller, wanted, limit=limit)
        return [row_of(one, names) for one in reads]

    async def _visits(
        self,
        tx: Transaction,
        caller: Caller,
        rows: Sequence[Row],
        unsigned: set[UUID],
        now: datetime,
        threads: Sequence[Conversation],
    ) -> list[Visit]:
        seen = await glances(tx, [one.visit.visit for one in rows])
        here = {visit for visit, glance in seen.items() if glance.waiting is not None or glance.phase is Phase.LIVE}
        ready = await news.readiness(tx, [one.visit for one in rows], here, now)
        fresh = await news.since_last_time(tx, caller, rows, threads, now) if caller.roles & TEAM else {}
        visits = []
        for row in rows:
            glance = seen.get(row.visit.visit, Glance())
            standing = _standing(row, glance, row.visit.id in unsigned)
            visits.append(
                Visit(
                    row=row,
                    stage=rules.stage(standing, now=now, opens_before=self.opens_before),
                    late=rules.minutes_late(standing, now=now),
                    waiting=glance.waiting,
                    waiting_since=standing.waiting_since,
                    ready=tuple(ready.get(row.visit.id, ())),
                    news=tuple(fresh.get(row.visit.id, ())),
                )
            )
        return sorted(visits, key=lambda one: (not one.pressing, one.row.visit.start, one.row.visit.id))

    @staticmethod
    def _owed(threads: Sequence[Conversation], turns: Mapping[UUID, Turn]) -> tuple[Owed, ...]:
        found = [
            Owed(conversation=one.id, patient=one.patient_name, due=turns[one.id].due)
            for one in threads
            if one.id in turns and turns[one.id].standing.state is State.OWED
        ]
        found.sort(key=lambda one: (one.due is None, one.due or FAR, one.patient))
        return tuple(found[:OWED_SHOWN])

    async def _following(self, caller: Caller, after: datetime, who: UUID | None) -> Row | None:
        rows = await self._rows(caller, Filter(since=after, practitioner=who, status=Status.BOOKED), 1)
        return rows[0] if rows else None

    async def _has_hours(self, caller: Caller) -> bool:
        assert caller.account is not None  # pages are for people who are signed in
        hours = await self.scheduling.hours.of(caller, caller.account)
        return bool(hours.rules or hours.exceptions)


def _standing(row: Row, glance: Glance, unsigned: bool) -> Standing:
    one = row.visit
    return Standing(
        start=one.start,
        end=one.end,
        cancelled=one.status is Status.CANCELLED,
        over=one.status is Status.COMPLETED or glance.phase is Phase.ENDED,
        live=glance.phase is Phase.LIVE,
        waiting_since=glance.since,
        unsigned=unsigned,
    )


async def _unsigned(tx: Transaction, rows: Sequence[Row], now: datetime) -> set[UUID]:
    """The last visit of each patient that took place and whose plan nobody has signed since it began."""
    took_place = [one.visit for one in rows if one.visit.outcome is Outcome.ATTENDED and one.visit.start <= now]
    last = {one.patient: one for one in sorted(took_place, key=lambda one: one.start)}
    waits = await signing.unsigned(tx, {patient: one.start for patient, one in last.items()}) if last else set()
    return {one.id for patient, one in last.items() if patient in waits}
