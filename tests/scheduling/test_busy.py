"""Busy times from elsewhere: what is read, what counts, and what it does to the list and to bookings."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import text as sql

from telegut.app import build_foundation
from telegut.composition import build_services
from telegut.db.engine import Database
from telegut.scheduling.busy.service import BusyElsewhere
from telegut.settings import Settings
from tests import build
from tests.scheduling.conftest import Api, Client, Practice, at, booked, refused, text

Read = Callable[[], Awaitable[None]]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """This machine may be read, however busy it is."""
    return replace(settings, busy_on_loopback=True, busy_fetch_s=90.0, busy_reader_s=90.0)


@pytest.fixture
async def elsewhere(settings: Settings) -> AsyncIterator[BusyElsewhere]:
    """The worker's half."""
    base = build_foundation(settings)
    yield build_services(base).busy
    await base.db.dispose()


def event(start: datetime, minutes: int = 60, *more: str, uid: str = "one") -> str:
    """One event of somebody's private calendar."""
    lines = [
        "BEGIN:VEVENT",
        f"UID:{uid}@elsewhere.example",
        "DTSTAMP:20260101T000000Z",
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
        f"DTEND:{start + timedelta(minutes=minutes):%Y%m%dT%H%M%SZ}",
        "SUMMARY:Divorce lawyer",
        *more,
        "END:VEVENT",
    ]
    return "\r\n".join(lines)


def file(*events: str) -> str:
    """A calendar file."""
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//elsewhere//EN", *events, "END:VCALENDAR", ""])


@dataclass
class Elsewhere:
    """A real HTTP server with one calendar file, and what it was asked."""

    body: str = ""
    status: int = 200
    asked: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        """The file, its tag, and 304 for who has it."""
        self.asked.append(dict(request.headers))
        tag = f'"{hash(self.body)}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304)
        if self.status != 200:
            return web.Response(status=self.status)
        return web.Response(text=self.body, content_type="text/calendar", headers={"ETag": tag})


@pytest.fixture
async def calendar() -> AsyncIterator[Elsewhere]:
    """The server, at work."""
    one = Elsewhere()
    app = web.Application()
    app.router.add_get("/private.ics", one.answer)
    async with TestServer(app, host="127.0.0.1") as server:
        one.url = str(server.make_url("/private.ics"))
        yield one


async def named(who: Api, url: str, **more: Any) -> dict[str, Any]:
    """A calendar elsewhere that a practitioner names."""
    answer = await who.post("/api/v1/busy-calendars", {"name": "Private", "url": url, **more})
    assert answer.status == 201, await answer.text()
    return dict(await answer.json())


async def source_of(who: Api) -> dict[str, Any]:
    """The practitioner's only calendar elsewhere, as they see it."""
    [one] = (await (await who.get("/api/v1/busy-calendars")).json())["items"]
    return dict(one)


async def test_busy_time_is_neither_listed_nor_bookable_and_says_why(
    client: Client, practice: Practice, calendar: Elsewhere, elsewhere: BusyElsewhere
) -> None:
    lena, amara = Api(client, practice.patient), Api(client, practice.consultant)
    calendar.body = file(event(at(3, "10:00")))
    made = await named(amara, calendar.url)
    await elsewhere.read(UUID(made["id"]))

    starts = await lena.starts(practice.short, at(3, "09:00"), at(3, "12:00"), [practice.consultant])
    assert [text(at(3, clock)) for clock in ("09:00", "09:30", "11:00", "11:30")] == starts
    answer = await lena.book(practice.short, [practice.consultant], at(3, "10:30"))
    assert (422, "not_offered") == await refused(answer)
    asked = {"service": practice.short, "practitioner": practice.consultant.id, "start": text(at(3, "10:00"))}
    explained = await (await lena.get("/api/v1/slots/explain", **asked)).json()
    assert {"offered": False, "reasons": ["busy_elsewhere"]} == {
        name: explained[name] for name in ("offered", "reasons")
    }
    # Ten minutes after this kind of visit are needed, and they are busy.
    padded = await lena.book(practice.padded, [practice.consultant], at(3, "09:30"))
    assert (422, "not_offered") == await refused(padded)


async def test_nothing_but_times_is_kept_and_the_address_is_sealed(
    client: Client, practice: Practice, calendar: Elsewhere, elsewhere: BusyElsewhere, db: Database
) -> None:
    amara = Api(client, practice.consultant)
    calendar.body = file(event(at(3)))
    made = await named(amara, calendar.url + "?key=hush", user="amara", password="open sesame")
    await elsewhere.read(UUID(made["id"]))
    async with db.begin(build.BUILDER) as tx:
        kept = [
            await tx.scalar(sql(f"select string_agg(t::text, ' ') from {name} t"))
            for name in ("scheduling_busy", "scheduling_busy_source", "jobs_job", "db_audit")
        ]

    assert calendar.asked[0]["Authorization"].startswith("Basic ")
    for word in ("Divorce", "lawyer", "hush", "sesame", "private.ics"):
        assert not any(word in str(one) for one in kept)
        assert word not in str(await source_of(amara))


async def test_a_visit_that_was_booked_before_stays_and_is_shown_to_its_practitioner(
    client: Client, practice: Practice, calendar: Elsewhere, elsewhere: BusyElsewhere
) -> None:
    lena, amara = Api(client, practice.patient), Api(client, practice.consultant)
    visit = await booked(await lena.book(practice.short, [practice.consultant], at(3, "10:00")))
    calendar.body = file(event(at(3, "10:15")))
    made = await named(amara, calendar.url)
    await elsewhere.read(UUID(made["id"]))
    found = await (await amara.get("/api/v1/busy-conflicts")).json()

    assert [visit["id"]] == [one["appointment"] for one in found["items"]]
    assert "booked" == (await (await lena.get(f"/api/v1/appointments/{visit['id']}")).json())["status"]
    await client.delete(f"/api/v1/busy-calendars/{made['id']}", headers=amara.who.bearer)
    assert [] == (await (await amara.get("/api/v1/busy-conflicts")).json())["items"]
    assert 201 == (await lena.book(practice.short, [practice.consultant], at(3, "10:30"))).status


async def test_what_cannot_be_read_is_said_and_counts_on_until_it_is_too_old(
    client: Client, practice: Practice, calendar: Elsewhere, elsewhere: BusyElsewhere, db: Database
) -> None:
    amara = Api(client, practice.consultant)
    calendar.body = file(event(at(3)))
    made = await named(amara, calendar.url)
    source = UUID(made["id"])
    await elsewhere.read(source)
    calendar.status, calendar.body = 503, "gone wrong"
    await elsewhere.read(source)
    first = await source_of(amara)
    await elsewhere.read(source)
    second = await source_of(amara)
    async with db.begin(build.BUILDER) as tx:
        await tx.execute(sql("update scheduling_busy_source set read_at = read_at - interval '25 hours'"))
    await elsewhere.look_round()
    third = await source_of(amara)

    assert ("wrong_answer", 1, 1, 0) == (first["failure"], first["times"], second["times"], third["times"])
    assert (first["failing_since"], "The server there answers with an error.") == (
        second["failing_since"],
        second["says"],
    )
    calendar.status, calendar.body = 200, file(event(at(4)))
    await elsewhere.read(source)
    assert (None, 1) == ((await source_of(amara))["failure"], (await source_of(amara))["times"])


async def test_what_has_not_changed_is_not_fetched_again(
    client: Client, practice: Practice, calendar: Elsewhere, elsewhere: BusyElsewhere
) -> None:
    amara = Api(client, practice.consultant)
    calendar.body = file(event(at(3)))
    made = await named(amara, calendar.url)
    for _ in range(2):
        await elsewhere.read(UUID(made["id"]))

    assert [False, True] == ["If-None-Match" in one for one in calendar.asked]
    assert (1, None) == ((await source_of(amara))["times"], (await source_of(amara))["failure"])


async def test_the_worker_reads_what_was_named(
    client: Client, practice: Practice, calendar: Elsewhere, worker: None
) -> None:
    amara = Api(client, practice.consultant)
    calendar.body = file(event(at(3)))
    await named(amara, calendar.url)
    async with asyncio.timeout(90):
        while (await source_of(amara))["times"] != 1:
            await asyncio.sleep(0.1)


async def test_a_calendar_belongs_to_its_owner(client: Client, practice: Practice, calendar: Elsewhere) -> None:
    amara, jonas, lena = (Api(client, one) for one in (practice.consultant, practice.nutritionist, practice.patient))
    made = await named(amara, calendar.url)

    assert [] == (await (await jonas.get("/api/v1/busy-calendars")).json())["items"]
    assert 404 == (await client.delete(f"/api/v1/busy-calendars/{made['id']}", headers=jonas.who.bearer)).status
    assert 403 == (await lena.post("/api/v1/busy-calendars", {"name": "Mine", "url": calendar.url})).status
    for wrong in ("ftp://a.example/b", "https://", "https://user:word@a.example/", "nonsense", "https://a b/"):
        answer = await amara.post("/api/v1/busy-calendars", {"name": "Private", "url": wrong})
        assert (422, "url") == (answer.status, (await answer.json())["errors"][0]["field"])


@dataclass(frozen=True, slots=True)
class Peer:
    """A real Radicale and one collection of it."""

    url: str
    session: aiohttp.ClientSession

    async def put(self, name: str, body: str) -> None:
        """Put one event into the collection."""
        async with self.session.put(
            f"{self.url}{name}.ics", data=body, headers={"Content-Type": "text/calendar"}
        ) as one:
            assert one.status == 201, await one.text()


@pytest.fixture
async def radicale(tmp_path: Path) -> AsyncIterator[Peer]:
    """A calendar server of other people, on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (tmp_path / "users").write_text("amara:sesame\n")
    flags = [f"--server-hosts=127.0.0.1:{port}", f"--storage-filesystem-folder={tmp_path / 'data'}"]
    flags += ["--auth-type=htpasswd", f"--auth-htpasswd-filename={tmp_path / 'users'}"]
    flags += ["--auth-htpasswd-encryption=plain", "--auth-delay=0"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "radicale", "--config", "", *flags, stderr=asyncio.subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}/amara/private/"
    signed = {"Authorization": aiohttp.encode_basic_auth("amara", "sesame")}
    async with aiohttp.ClientSession(headers=signed) as session:
        try:
            async with asyncio.timeout(60):
                while not await _made(session, url):
                    await asyncio.sleep(0.1)
            yield Peer(url, session)
        finally:
            process.terminate()
            await process.wait()


async def _made(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.request("MKCALENDAR", url) as answer:
            return answer.status == 201
    except aiohttp.ClientConnectorError:
        return False


async def test_a_caldav_collection_of_a_real_server_is_read(
    client: Client, practice: Practice, radicale: Peer, elsewhere: BusyElsewhere
) -> None:
    lena, amara = Api(client, practice.patient), Api(client, practice.consultant)
    await radicale.put("one", file(event(at(3, "10:00"), 30)))
    await radicale.put("two", file(event(at(1, "11:00"), 30, "RRULE:FREQ=DAILY;COUNT=5", uid="two")))
    made = await named(amara, radicale.url, kind="caldav", user="amara", password="sesame")
    await elsewhere.read(UUID(made["id"]))
    starts = await lena.starts(practice.short, at(3, "10:00"), at(3, "12:00"), [practice.consultant])

    assert [text(at(3, clock)) for clock in ("10:30", "11:30")] == starts
    wrong = await named(amara, radicale.url, kind="caldav", user="amara", password="other", name="Wrong")
    await elsewhere.read(UUID(wrong["id"]))
    found = (await (await amara.get("/api/v1/busy-calendars")).json())["items"]
    assert [None, "refused"] == [one["failure"] for one in found]
