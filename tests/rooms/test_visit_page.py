"""The page behind a personal link, for everybody who may open it and for everybody who may not."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from sqlalchemy import func, select, update

from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.rooms.tables import tickets, visits
from telegut.rooms.visitors import ENTRY
from telegut.scheduling.tables import appointment
from tests import build
from tests.rooms.visits import PATIENCE_S, SYSTEM, Agreed, Seat, agree, at, cancel

Client = TestClient[web.Request, web.Application]
HTML = {"Accept": "text/html"}


@dataclass(frozen=True, slots=True)
class Opened:
    """An answer to a browser."""

    status: int
    text: str
    cookie: str
    headers: Any


async def path_of(client: Client, who: build.Account, visit: Agreed) -> str:
    """Somebody's own link."""
    answer = await client.get(f"/api/v1/visits/{visit.id}/link", headers=who.bearer)
    return str((await answer.json())["url"])


async def opened(client: Client, path: str, cookies: dict[str, str] | None = None) -> Opened:
    """What a browser with these cookies is shown."""
    header = {"Cookie": "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())} if cookies else {}
    answer = await client.get(path, headers={**HTML, **header}, allow_redirects=False)
    cookie = answer.cookies.get("telegut-visit")
    return Opened(answer.status, await answer.text(), cookie.output() if cookie else "", answer.headers)


async def test_a_link_needs_no_sign_in_and_sets_a_cookie_for_this_visit_only(client: Client, db: Database) -> None:
    visit = await agree(db)
    path = await path_of(client, visit.patient, visit)
    page = await opened(client, path)

    assert 200 == page.status
    assert "Your visit with Amara Okafor" in page.text
    assert path.removeprefix("/j/") in page.cookie
    assert "HttpOnly" in page.cookie
    assert ("no-referrer", "no-store") == (page.headers["Referrer-Policy"], page.headers["Cache-Control"])


async def test_the_cookie_opens_this_visit_and_nothing_else(client: Client, db: Database) -> None:
    visit, other = await agree(db), await agree(db)
    secret = (await path_of(client, visit.patient, visit)).removeprefix("/j/")
    cookie = {"Cookie": f"telegut-visit={secret}"}

    async def status(path: str) -> int:
        return (await client.get(path, headers=cookie)).status

    assert 200 == await status(f"/api/v1/visits/{visit.id}")
    assert 200 == await status(f"/api/v1/visits/{visit.id}/link")
    assert 404 == await status(f"/api/v1/visits/{other.id}")
    assert 404 == await status(f"/patients/{visit.patient.id}/panels/report")  # nobody let them in yet
    assert 401 == await status("/api/v1/me")
    assert 401 == await status(f"/api/v1/patients/{visit.patient.id}")
    assert 401 == await status("/api/v1/appointments")


async def test_a_ticket_by_link_needs_the_pages_token(client: Client, db: Database) -> None:
    visit = await agree(db)
    page = await opened(client, await path_of(client, visit.patient, visit))
    secret = page.cookie.split("telegut-visit=")[1].split(";")[0]
    token = page.text.split('name="csrf" content="')[1].split('"')[0]
    url = f"/api/v1/visits/{visit.id}/tickets"
    without = await client.post(url, headers={"Cookie": f"telegut-visit={secret}"})
    given = await client.post(url, headers={"Cookie": f"telegut-visit={secret}", "X-CSRF-Token": token})

    assert (403, 201) == (without.status, given.status)


def brought(page: Opened) -> dict[str, Any]:
    """The ticket that a page brings along."""
    found = re.search(r'<script type="application/json" id="ticket" nonce="[^"]+">(.*?)</script>', page.text)
    assert found is not None
    ticket: dict[str, Any] = json.loads(found[1])
    return ticket


async def used(db: Database) -> int:
    """How many tickets were used."""
    async with db.begin(SYSTEM) as tx:
        return int(await tx.scalar(select(func.count()).select_from(tickets)))


async def test_a_page_brings_a_ticket_which_opens_the_persons_own_seat_once(client: Client, db: Database) -> None:
    visit = await agree(db)
    page = await opened(client, await path_of(client, visit.patient, visit))
    ticket = brought(page)
    assert 0 == await used(db)  # a page writes nothing

    async with at(str(client.make_url("")).rstrip("/")) as here:
        seat = Seat(await here.open(ticket["ticket"]), visit.patient.id)
        await seat.hears("state", you=str(visit.patient.id))
        again = await here.open(ticket["ticket"])
        assert "ticket_spent" == (await again.receive_json())["problem"]["code"]

    assert 1 == await used(db)
    assert {"expires_at", "ice_servers", "ice_transport_policy"} < set(ticket)
    assert 60 == ticket["good_for_s"]


async def test_a_page_of_another_time_brings_no_ticket(client: Client, db: Database) -> None:
    early = await agree(db, starts_in=timedelta(days=1))
    late = await agree(db)
    before = await opened(client, await path_of(client, early.patient, early))
    await cancel(db, late)
    after = await opened(client, await path_of(client, late.patient, late))

    assert [False, False] == ['id="ticket"' in page.text for page in (before, after)]


async def test_the_ticket_of_a_page_ends_with_its_link(client: Client, db: Database) -> None:
    visit = await agree(db)
    ticket = brought(await opened(client, await path_of(client, visit.patient, visit)))
    app = client.app
    assert app is not None
    await app[ENTRY].revoke(visit.id, visit.patient.id)
    async with at(str(client.make_url("")).rstrip("/")) as here:
        refused = await (await here.open(ticket["ticket"])).receive_json()

    assert "ticket_spent" == refused["problem"]["code"]


async def test_the_same_key_gives_the_same_ticket(client: Client, db: Database) -> None:
    visit = await agree(db)
    url, headers = f"/api/v1/visits/{visit.id}/tickets", {**visit.patient.bearer, "Idempotency-Key": "one"}
    answers = [await (await client.post(url, headers=headers)).json() for _ in range(2)]

    assert answers[0] == answers[1]
    assert [] == answers[0]["ice_servers"]


async def test_an_unknown_link_says_nothing_about_anyone(client: Client) -> None:
    for secret in ("x" * 32, "short", "x" * 500, "..%2F..%2Fetc"):
        page = await opened(client, f"/j/{secret}")

        assert (404, "") == (page.status, page.cookie)
        assert "This link is for one person" in page.text


async def test_signed_in_as_somebody_else_shows_nothing_about_anyone(client: Client, db: Database) -> None:
    visit = await agree(db)
    path = await path_of(client, visit.patient, visit)
    token = visit.consultant.bearer
    answer = await client.get(path, headers={**HTML, **token})
    text = await answer.text()

    assert 403 == answer.status
    assert "Lena" not in text
    assert "visit with" not in text
    assert "telegut-visit" not in answer.cookies


async def test_a_revoked_link_is_an_unknown_link(client: Client, app: web.Application, db: Database) -> None:
    visit = await agree(db)
    path = await path_of(client, visit.patient, visit)
    await app[ENTRY].revoke(visit.id, visit.patient.id)

    assert 404 == (await opened(client, path)).status


async def test_the_page_is_right_before_and_while_the_room_is_open(client: Client, db: Database) -> None:
    moments = {
        timedelta(days=3): "You come in with this same link.",
        timedelta(hours=3): "You come in with this same link.",
        timedelta(minutes=40): "The room opens at",
        timedelta(minutes=10): "The room is open.",
    }
    for starts_in, says in moments.items():
        visit = await agree(db, starts_in=starts_in)
        page = await opened(client, await path_of(client, visit.patient, visit))

        assert says in page.text


async def test_a_cancelled_visit_says_so_without_guilt(client: Client, db: Database) -> None:
    visit = await agree(db)
    await cancel(db, visit)
    page = await opened(client, await path_of(client, visit.patient, visit))

    assert "This visit does not take place" in page.text
    assert "Choose a new time" in page.text


AFTERWARDS = {
    "attended": ("Thank you for coming.", "The visit took place."),
    "technical": ("It did not work, and that was not your fault. Nothing is charged.", "nobody&#39;s fault"),
    "patient_absent": ("Amara Okafor was here at the agreed time.", "Lena Hartmann did not come"),
    "practitioner_absent": ("That was our fault, not yours.", "No practitioner was in the room."),
}


async def test_afterwards_each_side_reads_how_it_went(client: Client, db: Database) -> None:
    visit = await agree(db)
    paths = [await path_of(client, who, visit) for who in (visit.patient, visit.consultant)]
    for outcome, (patient_reads, host_reads) in AFTERWARDS.items():
        async with db.begin(SYSTEM) as tx:
            await tx.execute(update(visits).values(phase="ended", ended_at=utc_now(), outcome=outcome))

        assert patient_reads in (await opened(client, paths[0])).text
        assert host_reads in (await opened(client, paths[1])).text


async def test_a_moved_visit_says_so(client: Client, db: Database) -> None:
    visit = await agree(db)
    path = await path_of(client, visit.patient, visit)
    async with db.begin(SYSTEM) as tx:
        day = timedelta(days=2)
        await tx.execute(update(appointment).values(start_at=visit.start + day, end_at=visit.end + day))

    assert "This visit is now on" in (await opened(client, path)).text


async def test_other_pages_lead_in_by_the_visits_id(client: Client, db: Database) -> None:
    visit = await agree(db)
    answer = await client.get(f"/visits/{visit.id}", headers=visit.patient.bearer, allow_redirects=False)

    assert (303, await path_of(client, visit.patient, visit)) == (answer.status, answer.headers["Location"])


async def test_who_waits_is_listed_for_their_host_alone(client: Client, db: Database) -> None:
    visit = await agree(db)
    async with at(str(client.make_url("")).rstrip("/")) as here:
        guest = await here.join(visit.patient, visit)
        await guest.say("knock")
        await guest.sees(visit.patient.id, "waiting")
        before = await (await client.get("/api/v1/visits/waiting", headers=visit.consultant.bearer)).json()
        found = {"camera": True, "microphone": True, "way": "tcp", "loss": 0.2}
        await client.put(f"/api/v1/visits/{visit.id}/rehearsal", json=found, headers=visit.patient.bearer)
        mine = await (await client.get("/api/v1/visits/waiting", headers=visit.consultant.bearer)).json()
        theirs = await (await client.get("/api/v1/visits/waiting", headers=visit.patient.bearer)).json()

    assert [(str(visit.id), "Lena Hartmann")] == [(one["visit"], one["name"]) for one in mine["items"]]
    assert [("unknown", None)] == [(one["readiness"], one["trouble"]) for one in before["items"]]
    assert [("risky", "loss")] == [(one["readiness"], one["trouble"]) for one in mine["items"]]
    assert [] == theirs["items"]


async def test_a_cookie_without_our_origin_is_refused_at_the_handshake(client: Client, db: Database) -> None:
    visit = await agree(db)
    secret = (await path_of(client, visit.patient, visit)).removeprefix("/j/")
    async with aiohttp.ClientSession() as session:
        url = str(client.make_url("/rooms"))
        cookie = {"Cookie": f"telegut-visit={secret}"}
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await session.ws_connect(url, headers=cookie)
        ours = await session.ws_connect(url, headers=cookie, origin=str(client.make_url("")).rstrip("/"))
        await ours.close()

    assert 403 == refusal.value.status


async def test_what_a_visitor_opened_beside_the_room_ends_when_they_are_sent_out(client: Client, db: Database) -> None:
    visit = await agree(db)
    secret = (await path_of(client, visit.patient, visit)).removeprefix("/j/")
    url = str(client.make_url("")).rstrip("/")
    browser = {"Cookie": f"telegut-visit={secret}", "Origin": url}
    async with at(url) as here:
        with pytest.raises(aiohttp.WSServerHandshakeError):  # nobody let them in yet
            await here.session.ws_connect(f"{url}/events", headers=browser)
        host = await here.join(visit.consultant, visit)
        guest = await here.join(visit.patient, visit)
        await guest.say("knock")
        await host.sees(visit.patient.id, "waiting")
        await host.say("admit", participant=guest.me)
        await host.sees(visit.patient.id, "inside")
        events = await here.session.ws_connect(f"{url}/events", headers=browser)
        await host.say("remove", participant=guest.me)
        async with asyncio.timeout(PATIENCE_S):
            while (await events.receive()).type is aiohttp.WSMsgType.TEXT:
                pass

        assert 4401 == events.close_code
