"""Guests by link, a colleague who goes on with a visit, and a knock that rings: over HTTP, sockets and the database."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.jobs.queue import Job, jobs
from telegut.notices.push.sender import Urgency
from telegut.rooms.door.ringing import Knocked, Ringing, Rings
from telegut.rooms.door.rules import SendBack
from telegut.rooms.rules import commands
from telegut.rooms.service import KNOCK_JOB
from telegut.rooms.tables import links
from telegut.settings import Settings
from tests import build
from tests.conftest import Serve
from tests.rooms.test_service import House
from tests.rooms.test_socket import in_a_call
from tests.rooms.visits import SYSTEM, Agreed, At, Seat, agree, at, eventually


@pytest.fixture
async def visit(db: Database) -> Agreed:
    """A visit that starts in five minutes, of a patient with a care team of two."""
    visit = await agree(db)
    await build.care(db, visit.patient, visit.consultant)
    return visit


async def call(here: At, who: build.Account | None, method: str, path: str, **body: Any) -> tuple[int, Any]:
    """One call of the API; its status and answer."""
    headers = who.bearer if who else {}
    async with here.session.request(method, here.url + path, headers=headers, json=body or None) as answer:
        text = await answer.text()
        return answer.status, json.loads(text) if text.startswith(("{", "[")) else text


async def invite(here: At, visit: Agreed, name: str, role: str) -> dict[str, Any]:
    """An invitation by the consultant."""
    status, made = await call(here, visit.consultant, "POST", f"/api/v1/visits/{visit.id}/guests", name=name, role=role)
    assert status == 201, made
    return dict(made)


async def come(here: At, visit: Agreed | str, made: dict[str, Any]) -> Seat:
    """Somebody who opens their link and takes the seat, with nothing but the cookie it sets."""
    name = visit if isinstance(visit, str) else visit.id
    async with here.session.get(here.url + made["url"]) as page:
        assert page.status == 200
        token = (await page.text()).split('name="csrf" content="')[1].split('"')[0]
    headers = {"Cookie": f"telegut-visit={made['url'].removeprefix('/j/')}", "X-CSRF-Token": token}
    async with here.session.post(f"{here.url}/api/v1/visits/{name}/tickets", headers=headers) as answer:
        assert answer.status == 201, await answer.text()
        ticket = (await answer.json())["ticket"]
    seat = Seat(await here.open(ticket), UUID(made["account"]))
    await seat.hears("state")
    return seat


def part(seat: Seat, account: str) -> dict[str, Any]:
    """Somebody as this seat sees them."""
    return next(one for one in seat.visit["participants"] if one["account"] == account)


async def test_a_student_is_seen_by_everybody_and_comes_in_when_the_patient_agrees(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here:
        host, guest = await in_a_call(here, here, visit)
        made = await invite(here, visit, "  Tom   Brennan ", "student")
        student = await come(here, visit, made)
        await student.say("knock")
        await host.sees(UUID(student.me), "waiting")
        seen = part(host, student.me)
        assert ("Tom Brennan", "student", "asked") == (seen["name"], seen["role"], seen["consent"])
        assert ("Lena", None) == (part(student, guest.me)["name"], student.visit["patient"])

        await host.say("admit", participant=student.me)
        assert "no_consent" == (await host.hears("refused", of="admit"))["problem"]["code"]
        await guest.say("consent", participant=student.me, agreed=True)
        await eventually(lambda: part(host, student.me)["consent"] == "given", "the host sees the yes")
        await host.say("admit_all")
        await host.sees(UUID(student.me), "inside")

        await guest.say("consent", participant=student.me, agreed=False)
        assert 4403 == await student.closed()


async def test_a_withdrawn_link_opens_nothing_and_ends_what_it_opened(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here:
        await in_a_call(here, here, visit)
        made = await invite(here, visit, "Ada Lind", "supporter")
        guest = await come(here, visit, made)
        path = f"/api/v1/visits/{visit.id}/guests/{made['account']}"

        assert 403 == (await call(here, visit.patient, "DELETE", path))[0]
        assert 204 == (await call(here, visit.consultant, "DELETE", path))[0]

        assert 4403 == await guest.closed()
        async with here.session.get(here.url + made["url"]) as page:
            assert page.status == 404
        assert [] == (await call(here, visit.consultant, "GET", f"/api/v1/visits/{visit.id}/guests"))[1]["items"]


async def test_a_link_of_a_guest_ends_by_itself(serve: Serve, visit: Agreed, db: Database) -> None:
    async with at(await serve()) as here:
        made = await invite(here, visit, "Ada Lind", "supporter")
        async with db.begin(SYSTEM) as tx:
            of = links.c.account == UUID(made["account"])
            until = await tx.scalar(select(links.c.expires_at).where(of))
            assert visit.end < until <= visit.end + timedelta(hours=1)
            await tx.execute(update(links).where(of).values(expires_at=utc_now() - timedelta(seconds=1)))
        async with here.session.get(here.url + made["url"]) as page:
            assert page.status == 404


async def test_whoever_is_sent_out_finds_no_way_back_by_the_same_link(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here:
        host, _ = await in_a_call(here, here, visit)
        made = await invite(here, visit, "Ada Lind", "supporter")
        guest = await come(here, visit, made)
        await guest.say("knock")
        await host.sees(UUID(guest.me), "waiting")
        await host.say("admit", participant=guest.me)
        await host.sees(UUID(guest.me), "inside")
        await host.say("remove", participant=guest.me)

        assert 4403 == await guest.closed()
        async with here.session.get(here.url + made["url"]) as page:
            assert (403, False) == (page.status, "I'm ready" in await page.text())
        await host.say("remove", participant=str(visit.patient.id))
        await host.sees(visit.patient.id, "left")
        status, said = await call(here, visit.patient, "POST", f"/api/v1/visits/{visit.id}/tickets")
        assert (403, "barred") == (status, said["code"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": " ", "role": "student"}, "name"),
        ({"name": "x" * 81, "role": "student"}, "name"),
        ({"name": "Ada", "role": "consultant"}, "role"),
        ({"name": "Ada", "role": ""}, "role"),
    ],
)
async def test_a_guest_needs_a_name_and_a_part(serve: Serve, visit: Agreed, body: dict[str, str], field: str) -> None:
    async with at(await serve()) as here:
        status, said = await call(here, visit.consultant, "POST", f"/api/v1/visits/{visit.id}/guests", **body)

    assert (422, [field]) == (status, [one["field"] for one in said["errors"]])


async def test_one_practitioner_goes_and_another_goes_on(serve: Serve, visit: Agreed, db: Database) -> None:
    """Nobody needs a new link, and the record says who was there when."""
    jonas, stranger = await build.person(db, "nutritionist"), await build.person(db, "nutritionist")
    await build.care(db, visit.patient, visit.consultant, jonas)
    path = f"/api/v1/visits/{visit.id}/colleagues"
    async with at(await serve()) as here:
        host, guest = await in_a_call(here, here, visit)
        assert 404 == (await call(here, jonas, "GET", f"/api/v1/visits/{visit.id}"))[0]
        assert 404 == (await call(here, visit.consultant, "POST", path, practitioner=str(stranger.id)))[0]
        assert [str(jonas.id)] == [
            one["account"] for one in (await call(here, visit.consultant, "GET", path))[1]["items"]
        ]
        assert 204 == (await call(here, visit.consultant, "POST", path, practitioner=str(jonas.id)))[0]

        second = await here.join(jonas, visit)
        await guest.sees(jonas.id, "inside")
        await host.say("leave")
        await host.closed()
        await second.sees(visit.consultant.id, "left")
        assert ("live", "inside") == (second.visit["state"], second.place(visit.patient.id))

        status, told = await call(here, jonas, "GET", f"/api/v1/visits/{visit.id}/attendance")
        assert (200, [str(visit.consultant.id), guest.me, second.me]) == (
            status,
            [one["account"] for one in told["items"]],
        )
        await second.say("end")
        assert 4410 == await guest.closed()


async def test_late_is_said_with_one_tap_and_told_to_who_waits(serve: Serve, db: Database) -> None:
    visit = await agree(db, starts_in=timedelta(minutes=-3))
    other = await agree(db, None, visit.consultant, starts_in=timedelta(minutes=-40))
    late, outlook = f"/api/v1/visits/{visit.id}/late", f"/api/v1/visits/{visit.id}/outlook"
    async with at(await serve()) as here:
        guest = await here.join(visit.patient, visit)
        await guest.say("knock")
        await in_a_call(here, here, other)
        status, told = await call(here, visit.patient, "GET", outlook)
        assert (200, "in_another_visit") == (status, told["known"])
        assert (visit.consultant.name, None) == (told["name"], told["minutes"])  # over its time: nobody knows

        version = guest.visit["version"]
        assert 403 == (await call(here, visit.patient, "PUT", late, minutes=5))[0]
        assert 422 == (await call(here, visit.consultant, "PUT", late, minutes=7))[0]
        assert "said" == (await call(here, visit.consultant, "PUT", late, minutes=10))[1]["known"]
        told = (await call(here, visit.patient, "GET", outlook))[1]
        assert told["known"] == "said"
        assert told["minutes"] >= 13  # ten more from now on, three are over
        assert guest.visit["version"] >= version
        waiting = (await call(here, visit.consultant, "GET", "/api/v1/visits/waiting"))[1]["items"]
        assert [(str(visit.id), str(visit.patient.id))] == [(one["visit"], one["account"]) for one in waiting]


class Pushes:
    """Stands for devices: keeps what they would be sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[UUID, dict[str, Any], Urgency]] = []

    async def deliver(self, person: UUID, content: bytes, *, topic: str, urgency: Urgency) -> None:
        """Keep it."""
        self.sent.append((person, json.loads(content), urgency))


async def test_a_knock_rings_until_it_is_answered(db: Database, settings: Settings, visit: Agreed) -> None:
    house, pushes = House(db, settings), Pushes()
    ringing = Ringing(house.rooms, pushes, "Clinic", Rings(timedelta(seconds=60), 3))  # type: ignore[arg-type]
    await house.presence.connect(visit.id, visit.patient.id)
    await house.rooms.act(visit.id, commands.Knock(visit.patient.id))

    for _ in range(5):
        async with db.begin(SYSTEM) as tx:
            rows = (await tx.execute(select(jobs.c.id, jobs.c.payload).where(jobs.c.kind == KNOCK_JOB))).all()
        for row in rows[len(pushes.sent) :]:
            await ringing.ring(Job(row.id, KNOCK_JOB, row.payload, 1))

    assert [visit.consultant.id] * 3 == [person for person, _, _ in pushes.sent]
    _, content, urgency = pushes.sent[0]
    assert urgency is Urgency.HIGH
    assert {"title": "Clinic", "body": "Somebody is waiting to be let in.", "link": f"/visits/{visit.id}"} == {
        key: content[key] for key in ("title", "body", "link")
    }
    await house.presence.connect(visit.id, visit.consultant.id)  # who is in the room hears it there
    await ringing.ring(Job(new_id(), KNOCK_JOB, {"visit": str(visit.id), "who": str(visit.patient.id)}, 1))
    await house.rooms.act(visit.id, commands.Admit(visit.consultant.id, visit.patient.id))
    await ringing.ring(Job(new_id(), KNOCK_JOB, {"visit": str(visit.id), "who": str(visit.patient.id)}, 1))
    assert 3 == len(pushes.sent)


async def test_a_phone_that_sleeps_over_a_ring_waits_on_and_who_is_sent_back_is_rung_for(
    db: Database, settings: Settings, visit: Agreed
) -> None:
    async def queued() -> list[int]:
        async with db.begin(SYSTEM) as tx:
            rows = await tx.execute(select(jobs.c.payload).where(jobs.c.kind == KNOCK_JOB))
        return sorted(int(row.payload.get("ring", 1)) for row in rows)

    house, pushes = House(db, settings), Pushes()
    ringing = Ringing(house.rooms, pushes, "Clinic", Rings(timedelta(seconds=60), 3))  # type: ignore[arg-type]
    knock = {"visit": str(visit.id), "who": str(visit.patient.id)}
    connection, _ = await house.presence.connect(visit.id, visit.patient.id)
    await house.rooms.act(visit.id, commands.Knock(visit.patient.id))
    await house.presence.disconnect(connection)
    await ringing.ring(Job(new_id(), KNOCK_JOB, knock, 1))

    assert ([1, 2], []) == (await queued(), pushes.sent)
    await house.presence.connect(visit.id, visit.patient.id)
    await ringing.ring(Job(new_id(), KNOCK_JOB, {**knock, "ring": 2}, 1))
    assert ([1, 2, 3], 1) == (await queued(), len(pushes.sent))
    await house.presence.connect(visit.id, visit.consultant.id)
    await house.rooms.act(visit.id, commands.Admit(visit.consultant.id, visit.patient.id))
    await house.rooms.act(visit.id, SendBack(visit.consultant.id, visit.patient.id))
    assert [1, 1, 2, 3] == await queued()


def test_a_push_has_no_place_for_anything_about_anybody() -> None:
    assert {"clinic", "visit", "called"} == set(Knocked.__dataclass_fields__)
    assert b"asked to join" in Knocked("Clinic", new_id(), called=True).content()
