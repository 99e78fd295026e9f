"""Keeps what calls lost, as the pages of those who are in them say, and tells the visit's practitioners."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from telegut.db.asked import Asked
from telegut.db.caller import Caller
from telegut.db.metadata import Id, Timestamp
from telegut.rooms import evidence, store
from telegut.rooms.evidence import Fact, Outcome
from telegut.rooms.lost import writing
from telegut.rooms.lost.claims import Silence
from telegut.rooms.lost.rules import Lost, settled, suggested, together
from telegut.rooms.lost.tables import lost
from telegut.rooms.rules import refusals
from telegut.rooms.rules.visit import Phase, Place
from telegut.rooms.service import SYSTEM, Rooms, own_seat
from telegut.rooms.store import Room
from telegut.rooms.tables import seats, visits

_THERE: Final = frozenset({Place.INSIDE, Place.AWAY})


def _hearing() -> Asked:
    """Who has a seat, and in the same statement the stretches of who is there and *heard* again end."""
    here = seats.join(visits, visits.c.id == seats.c.visit)
    in_it = (seats.c.visit == bindparam("of_visit", type_=Id), ~seats.c.withdrawn)
    there = select(seats.c.account).where(*in_it, or_(*(seats.c.state == one.value for one in sorted(_THERE))))
    may_say = (
        select(seats.c.account)
        .select_from(here)
        .where(
            *in_it,
            seats.c.account == bindparam("witness", type_=Id),
            seats.c.state == Place.INSIDE.value,
            visits.c.phase == Phase.LIVE.value,
        )
    )
    ended = (
        update(lost)
        .where(
            lost.c.visit == bindparam("of_visit", type_=Id),
            lost.c.until.is_(None),
            lost.c.account == func.any(bindparam("heard", type_=ARRAY(Id))),
            lost.c.account.in_(there),
            exists(may_say),
            lost.c.since <= bindparam("now", type_=Timestamp),
        )
        .values(until=bindparam("now", type_=Timestamp))
        .returning(lost.c.id)
        .cte("ended")
    )
    told = select(seats.c.account, seats.c.state, visits.c.phase, visits.c.started_at).select_from(here).where(*in_it)
    return Asked(told.add_cte(ended))


_HEARD: Final = _hearing()


@dataclass(frozen=True, slots=True)
class Course:
    """How a visit's call went: *lost* in order of time; *suggested* is None before anybody could say."""

    room: Room
    lost: tuple[Lost, ...]
    suggested: Outcome | None

    @property
    def doubtful(self) -> bool:
        """Whether the evidence suggests another outcome than the visit's."""
        return self.suggested is not None and self.room.outcome not in (None, self.suggested.value)

    def people(self) -> list[tuple[str, int, list[Lost]]]:
        """Each person whose call lost something: their name, how many seconds, and when."""
        found = []
        for account in dict.fromkeys(one.account for one in self.lost):
            own = [one for one in self.lost if one.account == account]
            found.append((self.room.name(account), ceil(together(own) / timedelta(seconds=1)), own))
        return found


@dataclass(frozen=True, slots=True)
class LostMinutes:
    """Writes them down and reads them."""

    rooms: Rooms

    async def hear(self, visit: UUID, witness: UUID, silences: Collection[Silence], heard: Collection[UUID]) -> None:
        """
        The page of *witness* noticed these *silences*, and receives something of *heard*. It names itself when nothing
        of anybody reaches it, though its line to the server is well.

        Each time it says all that it knows, so that saying it again changes nothing, and a word that was lost is made
        good by the next one. Before the visit is live nothing is lost.

        Raises:
            NotFound: there is no such visit. NotInside: the witness is not in the room.
        """

        now = self.rooms.now()
        asked = {"of_visit": visit, "witness": witness, "heard": list(heard), "now": now}
        rows = {row.account: row for row in await self.rooms.db.ask(_HEARD, **asked)}
        if witness not in rows:
            raise refusals.NotAPlaceHere
        if rows[witness].state != Place.INSIDE:
            raise refusals.NotInside
        if rows[witness].phase != Phase.LIVE:
            return
        there = {account for account, row in rows.items() if row.state in _THERE}
        if said := [one for one in silences if one.account in there]:
            started = rows[witness].started_at or now
            await self.rooms.db.run(SYSTEM, lambda tx: writing.write(tx, visit, witness, said, started, now))

    async def course(self, caller: Caller, visit: UUID) -> Course:
        """
        How the call of *visit* went, for its practitioners.

        Raises:
            NotFound: there is no such visit for this caller. NotTheHost: they are a guest in it.
        """
        room = await self.rooms.view(caller, visit)
        if not own_seat(room, caller).host:
            raise refusals.NotTheHost
        return await self.of(room)

    async def of(self, room: Room) -> Course:
        """How the call in *room* went, for telegut itself."""
        async with self.rooms.db.begin(SYSTEM) as tx:
            facts = await store.evidence(tx, room.visit.id)
            found = settled(await writing.kept(tx, room.visit.id), facts, self.rooms.now())
        return Course(room, tuple(found), self._suggested(room, facts, found))

    def _suggested(self, room: Room, facts: list[Fact], found: list[Lost]) -> Outcome | None:
        if room.visit.phase is not Phase.ENDED or room.cancelled or not room.facts.guests:
            return None
        each = [self._suggested_for(room, facts, found, guest.patient) for guest in room.facts.guests]
        return evidence.as_a_whole(each)

    def _suggested_for(self, room: Room, facts: list[Fact], found: list[Lost], patient: UUID) -> Outcome:
        visit, enough = room.visit, self.rooms.hours.enough
        until = visit.ended_at or self.rooms.now()
        decided = evidence.outcome_for(facts, visit.seats, patient, starts=visit.starts, until=until, enough=enough)
        hosts = [seat.account for seat in visit.seats if seat.host]
        guests = [seat.account for seat in visit.seats if seat.guest and seat.patient in (None, patient)]
        shared = evidence.together(facts, hosts, guests, until) or timedelta(0)
        own = [one for one in found if one.account in {*hosts, *guests}]
        return suggested(decided, shared, together(own), enough)
