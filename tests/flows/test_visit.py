"""A visit from its booking to its outcome: the mail, the link, the waiting room, the call, the end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient
from sqlalchemy import select, update

from telegut.db.engine import Database
from telegut.notices.tables import notice
from telegut.scheduling.tables import appointment
from tests.rooms.visits import SYSTEM, At, at, eventually
from tests.scheduling.conftest import Practice, practice_in, text
from tests.scheduling.conftest import at as on_day

Client = TestClient[web.Request, web.Application]


async def booked(client: Client, practice: Practice) -> dict[str, Any]:
    """The patient books the consultant for tomorrow."""
    body = {
        "service": str(practice.short),
        "practitioners": [str(practice.consultant.id)],
        "start": text(on_day(1, "10:00")),
    }
    answer = await client.post("/api/v1/appointments", json=body, headers=practice.patient.bearer)
    assert answer.status == 201, await answer.text()
    return dict(await answer.json())


async def begins_now(db: Database, made: dict[str, Any]) -> None:
    """Tomorrow has come."""
    day = timedelta(days=1)
    async with db.begin(SYSTEM) as tx:
        row = (await tx.execute(select(appointment).where(appointment.c.id == made["id"]))).one()
        now = (await tx.execute(select(appointment.c.booked_at))).scalar_one()
        shift = now - row.start_at + timedelta(minutes=5)
        assert abs(shift) < 2 * day
        await tx.execute(
            update(appointment)
            .where(appointment.c.id == made["id"])
            .values(start_at=row.start_at + shift, end_at=row.end_at + shift)
        )


async def mailed(db: Database) -> list[str]:
    """The kinds of notices that were made."""
    async with db.begin(SYSTEM) as tx:
        return list((await tx.execute(select(notice.c.kind))).scalars())


async def test_a_visit_from_its_booking_to_its_outcome(client: Client, db: Database, worker: None) -> None:
    practice = await practice_in(db)
    made = await booked(client, practice)
    await eventually(lambda: mailed(db), "the booking is told")
    answer = await client.get(f"/api/v1/visits/{made['visit']}/link", headers=practice.patient.bearer)
    link = (await answer.json())["url"]

    before = await client.get(link)
    assert "You come in with this same link." in await before.text()
    early = await client.post(f"/api/v1/visits/{made['visit']}/tickets", headers=practice.patient.bearer)
    assert (409, "not_open_yet") == (early.status, (await early.json())["code"])

    await begins_now(db, made)
    async with at(str(client.make_url("")).rstrip("/")) as here:
        await meet(here, practice, made["visit"])

    after = await client.get(link)
    assert "Thank you for coming." in await after.text()
    late = await client.post(f"/api/v1/visits/{made['visit']}/tickets", headers=practice.patient.bearer)
    assert (410, "visit_ended") == (late.status, (await late.json())["code"])
    settled = await client.get(f"/api/v1/appointments/{made['id']}", headers=practice.patient.bearer)
    assert ("completed", "attended") == ((await settled.json())["status"], (await settled.json())["outcome"])
    assert ["appointment.booked"] == await mailed(db)


async def meet(here: At, practice: Practice, visit: str) -> None:
    """Both come, the patient is let in, the consultant ends the visit."""
    host = await here.join(practice.consultant, visit)
    guest = await here.join(practice.patient, visit)
    await guest.say("knock")
    await host.sees(practice.patient.id, "waiting")
    await host.say("admit", participant=guest.me)
    await guest.sees(practice.patient.id, "inside")
    await host.say("media", flows=True)
    await host.say("end")
    assert [4410, 4410] == [await host.closed(), await guest.closed()]
