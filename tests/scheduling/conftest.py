"""A clinic that takes visits, and the requests that its tests make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient

from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.scheduling import calendars, catalogue
from telegut.scheduling.rules import WEEKDAYS, Availability, Policy, VisitType, WeeklyRule
from tests import build
from tests.build import Account

Client = TestClient[web.Request, web.Application]

GENEROUS = Policy(
    minimum_notice=timedelta(0),
    horizon=timedelta(days=1096),
    grid=timedelta(minutes=30),
    max_future_visits=20,
    cancel_notice=timedelta(0),
)


@dataclass(frozen=True, slots=True)
class Practice:
    """Two practitioners with hours in UTC from 08:00 to 18:00, a colleague without, and kinds of visit."""

    patient: Account
    other: Account
    consultant: Account
    nutritionist: Account
    coordinator: Account
    short: UUID
    padded: UUID
    joint: UUID
    advice: UUID


def visit_type(name: str, minutes: int, *needs: str, after: int = 0) -> VisitType:
    """A kind of visit."""
    return VisitType(new_id(), name, timedelta(minutes=minutes), timedelta(0), timedelta(minutes=after), needs)


def all_week(zone: str = "UTC", start: str = "08:00", end: str = "18:00") -> Availability:
    """Hours on every day."""
    return Availability(zone, (WeeklyRule(WEEKDAYS, time.fromisoformat(start), time.fromisoformat(end)),))


async def practice_in(db: Database, policy: Policy = GENEROUS) -> Practice:
    """A new practice in *db*."""
    lena = await build.person(db, "patient", "Lena Hartmann", "Europe/Berlin")
    tom = await build.person(db, "patient", "Tom Brennan", "America/New_York")
    amara = await build.person(db, "consultant", "Amara Okafor", "UTC")
    jonas = await build.person(db, "nutritionist", "Jonas Lindqvist", "UTC")
    noor = await build.person(db, "coordinator", "Noor Haddad", "Europe/Berlin")
    short, padded = visit_type("Consultation", 30, "consultant"), visit_type("Review", 30, "consultant", after=10)
    joint = visit_type("Joint visit", 30, "consultant", "nutritionist")
    advice = visit_type("Food advice", 30, "nutritionist")
    async with db.begin(build.BUILDER) as tx:
        await catalogue.set_policy(tx, policy)
        for place, one in enumerate((short, padded, joint, advice)):
            await catalogue.add_visit_type(tx, one, place=place)
        for who, offered in ((amara, (short, padded, joint)), (jonas, (joint, advice))):
            await catalogue.add_provider(tx, who.id, who.role, "UTC", [one.id for one in offered])
            await calendars.replace(tx, who.id, all_week(), version=None, by=None)
    return Practice(lena, tom, amara, jonas, noor, short.id, padded.id, joint.id, advice.id)


@pytest.fixture
async def practice(db: Database) -> Practice:
    """A practice of its own."""
    return await practice_in(db)


def at(days: int, clock: str = "10:00") -> datetime:
    """A time some days from today, in UTC."""
    day = (utc_now() + timedelta(days=days)).date()
    return datetime.combine(day, time.fromisoformat(clock), UTC)


def text(instant: datetime) -> str:
    """As the API wants it."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Api:
    """Requests of one person."""

    client: Client
    who: Account

    async def get(self, path: str, **query: Any) -> ClientResponse:
        """Read; a value that is a list is repeated."""
        pairs = [
            (name, one) for name, value in query.items() for one in (value if isinstance(value, list) else [value])
        ]
        params = [(name.rstrip("_"), str(value)) for name, value in pairs]
        return await self.client.get(path, params=params, headers=self.who.bearer)

    async def post(self, path: str, body: Mapping[str, Any], **headers: str) -> ClientResponse:
        """Change."""
        return await self.client.post(path, json=body, headers={**self.who.bearer, **headers})

    async def put(self, path: str, body: Mapping[str, Any]) -> ClientResponse:
        """Replace."""
        return await self.client.put(path, json=body, headers=self.who.bearer)

    async def book(self, service: UUID, practitioners: list[Account], start: datetime, **more: Any) -> ClientResponse:
        """Ask for a visit."""
        body = {"service": str(service), "practitioners": [str(one.id) for one in practitioners], "start": text(start)}
        return await self.post("/api/v1/appointments", {**body, **more})

    async def hold(self, service: UUID, practitioners: list[Account], start: datetime, **more: Any) -> ClientResponse:
        """Ask to keep a time."""
        body = {"service": str(service), "practitioners": [str(one.id) for one in practitioners], "start": text(start)}
        return await self.post("/api/v1/holds", {**body, **more})

    async def starts(
        self, service: UUID, since: datetime, until: datetime, practitioners: list[Account] | None = None
    ) -> list[str]:
        """When a visit may start."""
        named = [str(one.id) for one in practitioners or []]
        answer = await self.get("/api/v1/slots", service=service, practitioner=named, from_=text(since), to=text(until))
        assert answer.status == 200, await answer.text()
        return [one["start"] for one in (await answer.json())["items"]]


async def booked(answer: ClientResponse) -> dict[str, Any]:
    """The appointment that was booked."""
    assert answer.status in (200, 201), await answer.text()
    return dict(await answer.json())


async def refused(answer: ClientResponse) -> tuple[int, str]:
    """How it was refused."""
    return answer.status, str((await answer.json())["code"])
