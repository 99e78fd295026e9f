"""A group session from its opening to an outcome for each: seats, one given back, two guests and a host in the room."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from aiohttp import web
from aiohttp.test_utils import TestClient
from sqlalchemy import func, select, update

from telegut.db.engine import Database
from telegut.notices.tables import notice
from telegut.scheduling.groups.tables import group_session
from telegut.scheduling.tables import appointment
from tests import build
from tests.build import Account
from tests.rooms.test_guests import come, part
from tests.rooms.visits import SYSTEM, At, Seat, at, eventually
from tests.scheduling.conftest import Api, Practice, practice_in
from tests.scheduling.test_groups import opened, seat

Client = TestClient[web.Request, web.Application]


async def begins_now(db: Database, session: str) -> None:
    """The session has just begun."""
    async with db.begin(SYSTEM) as tx:
        now = await tx.scalar(select(func.statement_timestamp()))
        times = {"start_at": now - timedelta(minutes=1), "end_at": now + timedelta(minutes=59)}
        await tx.execute(update(group_session).where(group_session.c.id == session).values(times))
        await tx.execute(update(appointment).where(appointment.c.group_session == session).values(times))


async def test_a_group_session_from_its_opening_to_an_outcome_for_each(
    client: Client, db: Database, worker: None
) -> None:
    practice = await practice_in(db)
    third, late = await build.person(db, name="Mei Tanaka"), await build.person(db, name="Noor Haddad")
    session = await opened(client, db, practice, seats=3)
    guests = [practice.patient, practice.other, third]
    seats = [await (await seat(client, one, session)).json() for one in guests]
    assert 409 == (await seat(client, late, session)).status
    given_back = await Api(client, third).post(f"/api/v1/appointments/{seats[2]['id']}/cancel", {"version": 1})
    assert 200 == given_back.status
    assert 201 == (await seat(client, late, session)).status

    link = (await (await Api(client, practice.patient).get(f"/api/v1/visits/{session['visit']}/link")).json())["url"]
    page = await (await client.get(link)).text()
    assert "In the room the others see your picture and your first name" in page
    assert "Tom" not in page
    assert "data-panel-place" not in page
    no_seat = await Api(client, third).get(f"/api/v1/visits/{session['visit']}")
    assert 404 == no_seat.status

    await begins_now(db, session["id"])
    async with at(str(client.make_url("")).rstrip("/")) as here:
        await meet(here, practice, session["visit"], guests=[practice.patient, practice.other], left_out=third)

    outcomes = {}
    for who in (practice.patient, practice.other, late):
        found = await (await Api(client, who).get("/api/v1/appointments")).json()
        outcomes[who.name] = [(one["status"], one["outcome"]) for one in found["items"]]
    assert {
        "Lena Hartmann": [("completed", "attended")],
        "Tom Brennan": [("completed", "attended")],
        "Noor Haddad": [("completed", "patient_absent")],
    } == outcomes
    assert "Thank you for coming." in await (await client.get(link)).text()
    await eventually(lambda: told(db, third.id, "appointment.cancelled"), "the seat given back is told")
    await eventually(lambda: told(db, late.id, "appointment.booked"), "the seat taken is told")
    assert "appointment.cancelled" not in await kinds(db, late.id)


async def meet(here: At, practice: Practice, visit: str, guests: list[Account], left_out: Account) -> None:
    """Two guests and the host meet; each guest sees the other by first name, and only inside."""
    lena, tom = guests
    async with here.session.post(f"{here.url}/api/v1/visits/{visit}/tickets", headers=left_out.bearer) as answer:
        assert 404 == answer.status
    host = await here.join(practice.consultant, visit)
    assert {"Lena Hartmann", "Tom Brennan", "Noor Haddad"} <= {one["name"] for one in host.visit["participants"]}
    hers, his = await here.join(lena, visit), await here.join(tom, visit)
    assert [] == [one for one in hers.visit["participants"] if one["account"] == str(tom.id)]

    for guest, account in ((hers, lena), (his, tom)):
        await guest.say("knock")
        await host.sees(account.id, "waiting")
        await host.say("admit", participant=str(account.id))
        await guest.sees(account.id, "inside")
    await hers.sees(tom.id, "inside")
    await his.sees(lena.id, "inside")
    names = {one["account"]: one["name"] for one in hers.visit["participants"]}
    assert ("Tom", "Lena Hartmann", None) == (names[str(tom.id)], names[str(lena.id)], hers.visit["patient"])
    assert 3 == len(names)

    await with_a_supporter(here, practice, visit, host, hers, his)
    await hers.say("signal", to=str(tom.id), hello="ask")
    await his.hears("signal", **{"from": str(lena.id)})
    await host.say("panel", panel="plan")
    assert "no_record_here" == (await host.hears("refused", of="panel"))["problem"]["code"]
    await host.say("end")
    for one in (host, hers, his):
        await one.closed()


async def with_a_supporter(here: At, practice: Practice, visit: str, host: Seat, hers: Seat, his: Seat) -> None:
    """Somebody who supports one of the group comes in when both agreed; who said what is told to nobody else."""
    body = {"name": "Ada Lind", "role": "supporter"}
    path = f"{here.url}/api/v1/visits/{visit}/guests"
    async with here.session.post(path, json=body, headers=practice.consultant.bearer) as answer:
        assert 201 == answer.status, await answer.text()
        made = await answer.json()
    ada = await come(here, visit, made)
    await ada.say("knock")
    await host.sees(UUID(ada.me), "waiting")
    assert "" == ada.place(UUID(hers.me))  # who is not let in yet is told of nobody
    await hers.say("consent", participant=ada.me, agreed=True)
    await eventually(lambda: part(hers, ada.me)["consent"] == "given", "her own yes")
    assert ("asked", "asked") == (part(his, ada.me)["consent"], part(host, ada.me)["consent"])
    await host.say("admit", participant=ada.me)
    assert "no_consent" == (await host.hears("refused", of="admit"))["problem"]["code"]
    await his.say("consent", participant=ada.me, agreed=True)
    await eventually(lambda: part(host, ada.me)["consent"] == "given", "everybody's yes")
    await host.say("admit", participant=ada.me)
    await ada.sees(UUID(ada.me), "inside")
    assert {"Lena", "Tom"} <= {one["name"] for one in ada.visit["participants"]}
    await his.say("consent", participant=ada.me, agreed=False)
    assert 4403 == await ada.closed()
    assert ("given", "refused") == (part(hers, ada.me)["consent"], part(host, ada.me)["consent"])


async def kinds(db: Database, account: UUID) -> list[Any]:
    """Which notices somebody got."""
    async with db.begin(SYSTEM) as tx:
        return sorted((await tx.execute(select(notice.c.kind).where(notice.c.recipient == account))).scalars())


async def told(db: Database, account: UUID, kind: str) -> bool:
    """Whether somebody got a notice of this kind."""
    return kind in await kinds(db, account)
