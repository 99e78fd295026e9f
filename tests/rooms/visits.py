"""Words for tests of rooms: an appointment at any time, a link, a ticket, a seat on a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import aiohttp
from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import Range

from telegut.clock import utc_now
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.scheduling import catalogue
from telegut.scheduling.rules import VisitType
from telegut.scheduling.tables import appointment, participant
from tests import build
from tests.build import Account

SYSTEM = Caller.system("tests of rooms")
PATIENCE_S = 20.0
"""How long a test waits for something that must happen; only a broken server needs it."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """A visit between a patient and practitioners."""

    id: UUID
    appointment: UUID
    patient: Account
    practitioners: tuple[Account, ...]
    start: datetime
    end: datetime

    @property
    def consultant(self) -> Account:
        """The first practitioner."""
        return self.practitioners[0]


async def agree(
    db: Database,
    patient: Account | None = None,
    *practitioners: Account,
    starts_in: timedelta = timedelta(minutes=5),
    length: timedelta = timedelta(minutes=30),
    interpreter: Account | None = None,
) -> Agreed:
    """An appointment as if it had been booked, at whatever time."""
    patient = patient or await build.person(db, "patient", "Lena Hartmann", "Europe/Berlin")
    practitioners = practitioners or (await build.person(db, "consultant", "Amara Okafor", "Europe/Berlin"),)
    translating = (interpreter,) if interpreter else ()
    start = utc_now() + starts_in
    made = Agreed(new_id(), new_id(), patient, practitioners, start, start + length)
    service = VisitType(new_id(), "Consultation", length, timedelta(0), timedelta(0), ("consultant",))
    async with db.begin(SYSTEM) as tx:
        await catalogue.add_visit_type(tx, service, place=0)
        await tx.execute(
            insert(appointment).values(
                id=made.appointment,
                visit=made.id,
                patient=patient.id,
                service=service.id,
                start_at=made.start,
                end_at=made.end,
                zone="Europe/Berlin",
                agreed_start=made.start.astimezone(ZoneInfo("Europe/Berlin")).replace(tzinfo=None),
                booked_at=utc_now(),
                changed_at=utc_now(),
            )
        )
        during = Range(made.start, made.end)
        for person, part in ((patient, "patient"), *((one, one.role) for one in (*practitioners, *translating))):
            await tx.execute(
                insert(participant).values(
                    id=new_id(), appointment=made.appointment, person=person.id, part=part, during=during, visit=during
                )
            )
    return made


async def cancel(db: Database, visit: Agreed) -> None:
    """The appointment of *visit* is off."""
    async with db.begin(SYSTEM) as tx:
        await tx.execute(
            update(appointment)
            .where(appointment.c.id == visit.appointment)
            .values(status="cancelled", cancelled_at=utc_now())
        )


async def outcome_of(db: Database, visit: Agreed) -> tuple[str, str | None]:
    """What scheduling says of the appointment."""
    query = select(appointment.c.status, appointment.c.outcome).where(appointment.c.id == visit.appointment)
    async with db.begin(SYSTEM) as tx:
        row = (await tx.execute(query)).one()
    return row.status, row.outcome


async def eventually(holds: Callable[[], Any], what: str) -> Any:
    """Wait until *holds* is true (or its awaited value is), with a deadline that only a broken server meets."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found = holds()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return found
            await asyncio.sleep(0.02)
    raise AssertionError(what)


class Seat:
    """One person's socket at a server, as a program would use it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, me: UUID) -> None:
        self.socket = socket
        self.me = str(me)
        self.visit: dict[str, Any] = {}
        self.panel: dict[str, Any] | None = None
        self.heard: list[dict[str, Any]] = []
        self.close_code: int | None = None
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self.socket:
            said = json.loads(message.data)
            self.heard.append(said)
            if said["type"] == "state":
                self.visit, self.panel = said["visit"], said["panel"]
        self.close_code = self.socket.close_code

    async def say(self, kind: str, **more: Any) -> None:
        """Send one message."""
        await self.socket.send_json({"type": kind, **more})

    def place(self, account: UUID) -> str:
        """Where this seat last saw *account*."""
        return next(
            (str(one["state"]) for one in self.visit.get("participants", ()) if one["account"] == str(account)), ""
        )

    async def sees(self, account: UUID, place: str) -> None:
        """Wait until *account* is at *place*."""
        await eventually(lambda: self.place(account) == place, f"{account} comes to {place}")

    async def hears(self, kind: str, **more: Any) -> dict[str, Any]:
        """Wait for a message of *kind* with these members."""

        def match() -> dict[str, Any] | None:
            return next(
                (m for m in self.heard if m["type"] == kind and all(m.get(k) == v for k, v in more.items())), None
            )

        found: dict[str, Any] = await eventually(match, f"a {kind} is heard")
        return found

    async def closed(self) -> int:
        """Wait for the end of the socket; its close code."""
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.shield(self.reading)
        assert self.close_code is not None
        return self.close_code

    async def leave_silently(self) -> None:
        """The network is gone: no close, nothing."""
        transport = self.socket._response.connection
        assert transport is not None
        assert transport.transport is not None
        transport.transport.abort()
        await asyncio.gather(self.reading, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class At:
    """One server, from outside."""

    url: str
    session: aiohttp.ClientSession

    async def ticket(self, who: Account, visit: UUID | str) -> str:
        """A ticket to one's own seat."""
        headers: Mapping[str, str] = who.bearer
        async with self.session.post(f"{self.url}/api/v1/visits/{visit}/tickets", headers=headers) as answer:
            assert answer.status == 201, await answer.text()
            return str((await answer.json())["ticket"])

    async def open(self, ticket: str) -> aiohttp.ClientWebSocketResponse:
        """A socket that shows *ticket*."""
        socket = await self.session.ws_connect(f"{self.url}/rooms")
        await socket.send_json({"type": "join", "ticket": ticket})
        return socket

    async def join(self, who: Account, visit: Agreed | str) -> Seat:
        """Take one's seat."""
        name = visit if isinstance(visit, str) else visit.id
        seat = Seat(await self.open(await self.ticket(who, name)), who.id)
        await seat.hears("state")
        return seat

    async def state(self, who: Account, visit: UUID) -> dict[str, Any]:
        """The state over HTTP."""
        async with self.session.get(f"{self.url}/api/v1/visits/{visit}", headers=who.bearer) as answer:
            assert answer.status == 200, await answer.text()
            return dict(await answer.json())


@asynccontextmanager
async def at(url: str) -> AsyncIterator[At]:
    """Speak with the server at *url*; every socket is closed in the end."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield At(url, session)
