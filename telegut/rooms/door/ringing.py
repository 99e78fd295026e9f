"""
Ringing: whoever should open is pushed a neutral sentence, again and again until the knock is answered.

A host who is in that room hears the knock there and is not pushed. Nothing names the person who waits.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from telegut.db.engine import Transaction
from telegut.errors import NotFound
from telegut.jobs.queue import Job, enqueue
from telegut.jobs.runner import Handler
from telegut.notices.answers import Away, Refused
from telegut.notices.push.sender import Urgency
from telegut.notices.push.service import Push
from telegut.notices.rules import Link
from telegut.rooms.rules.visit import Phase, Place
from telegut.rooms.service import KNOCK_JOB, SYSTEM, Rooms
from telegut.rooms.store import Room
from telegut.settings import Settings

CALL_JOB: Final = "visit.called"


@dataclass(frozen=True, slots=True)
class Knocked:
    """What a device is sent: the clinic's name and where a press leads. There is no field for anything else."""

    clinic: str
    visit: UUID
    called: bool = False

    @property
    def topic(self) -> str:
        """A later one takes the place of an earlier one on the device; random bits of an id, no fact about anybody."""
        return self.visit.hex[-24:]

    def content(self) -> bytes:
        """As the service worker shows it."""
        body = "You are asked to join a visit." if self.called else "Somebody is waiting to be let in."
        shown = {"title": self.clinic, "body": body, "link": Link(f"/visits/{self.visit}").path, "tag": self.topic}
        return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Rings:
    """again: how long until the next push. most: how many for one knock."""

    again: timedelta
    most: int


def rings(settings: Settings) -> Rings:
    """As *settings* want it."""
    return Rings(timedelta(seconds=settings.knock_again_s), settings.knocks)


@dataclass(frozen=True, slots=True)
class Ringing:
    """Pushes to hosts."""

    rooms: Rooms
    push: Push
    clinic: str
    rings: Rings

    def jobs(self) -> Mapping[str, Handler]:
        """The kinds of job that ringing takes on."""
        return {KNOCK_JOB: self.ring, CALL_JOB: self.call}

    async def ring(self, job: Job) -> None:
        """Push to the hosts of a visit as long as the one who knocked waits; a phone that sleeps meanwhile waits on."""
        visit, who, ring = UUID(job.payload["visit"]), UUID(job.payload["who"]), int(job.payload.get("ring", 1))
        try:
            room = await self.rooms.look(visit)
            seat = room.visit.last_seat(who)
        except NotFound:
            return  # erased meanwhile
        if not seat.knocked or room.visit.phase is Phase.ENDED:
            return
        for host in _to_ring(room) if seat.state is Place.WAITING else []:
            await self._push(host, Knocked(self.clinic, visit))
        if ring < self.rings.most:
            async with self.rooms.db.begin(SYSTEM) as tx:
                await self._once_more(tx, visit, who, ring + 1, self.rooms.now() + self.rings.again)

    async def _once_more(self, tx: Transaction, visit: UUID, who: UUID, ring: int, at: datetime) -> None:
        payload = {"visit": str(visit), "who": str(who), "ring": ring}
        await enqueue(tx, KNOCK_JOB, payload, run_at=at, unique=f"{visit} {who} {ring} {at:%Y-%m-%dT%H:%M}")

    async def call(self, job: Job) -> None:
        """Push to a colleague who was called in, once."""
        await self._push(UUID(job.payload["who"]), Knocked(self.clinic, UUID(job.payload["visit"]), called=True))

    async def _push(self, person: UUID, said: Knocked) -> None:
        """Whose devices take nothing sees it in telegut: the next ring tries again."""
        with contextlib.suppress(Away, Refused):
            await self.push.deliver(person, said.content(), topic=said.topic, urgency=Urgency.HIGH)


def _to_ring(room: Room) -> list[UUID]:
    """The hosts, unless one of them is in the room: they hear it there."""
    hosts = [seat for seat in room.visit.seats if seat.host and not seat.withdrawn]
    return [] if any(seat.state is Place.INSIDE for seat in hosts) else [seat.account for seat in hosts]
