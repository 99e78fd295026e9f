"""CalDAV for reading, with a real client: discover, list, search, synchronise; and nothing may be written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from aiohttp import ClientSession, encode_basic_auth
from caldav.davclient import DAVClient
from defusedxml.ElementTree import fromstring
from icalendar import Calendar

from telegut.app import build_app
from telegut.settings import Settings
from tests.scheduling.conftest import Api, Client, Practice, at, booked, text

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A consultant's calendar program: where it begins, and with what it signs in."""

    client: Client
    practice: Practice
    url: str
    id: str
    user: str
    password: str

    @property
    def lena(self) -> Api:
        """The patient's requests."""
        return Api(self.client, self.practice.patient)

    @property
    def signed_in(self) -> dict[str, str]:
        """The header that HTTP Basic sends."""
        return {"Authorization": encode_basic_auth(self.user, self.password)}

    async def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
        """One request by hand."""
        async with (
            ClientSession(headers=self.signed_in) as session,
            session.request(method, self.url + path, data=body, headers=headers) as answer,
        ):
            return answer.status, await answer.text()

    async def with_client(self, work: Callable[[Any], T]) -> T:
        """*work* with the library's calendar object, in a thread: the library waits for its answers."""

        def run() -> T:
            client: Any = DAVClient(url=f"{self.url}/.well-known/caldav", username=self.user, password=self.password)
            with client as dav:
                [found] = dav.principal().calendars()
                return work(found)

        return await asyncio.to_thread(run)

    @property
    def collection(self) -> str:
        """The path of the calendar."""
        return f"/caldav/people/{self.practice.consultant.id}/calendars/visits/"


@pytest.fixture
async def subscribed(client: Client, practice: Practice) -> Subscribed:
    """A consultant with an app password."""
    amara = Api(client, practice.consultant)
    answer = await amara.post("/api/v1/calendar-feeds", {"name": "Laptop", "opens": "caldav"})
    assert answer.status == 201, await answer.text()
    made = await answer.json()
    url = str(client.make_url("")).rstrip("/")
    return Subscribed(client, practice, url, made["id"], made["user"], made["password"])


def starts(found: list[Any]) -> list[Any]:
    """When the events of the library's objects start."""
    return sorted(event.start for one in found for event in Calendar.from_ical(one.data).events)


async def test_a_real_client_discovers_lists_and_searches(subscribed: Subscribed) -> None:
    practice = subscribed.practice
    for day in (3, 5):
        await booked(await subscribed.lena.book(practice.short, [practice.consultant], at(day)))

    def work(found: Any) -> tuple[Any, ...]:
        whole = starts(found.events())
        near = starts(found.search(start=at(4), end=at(6), event=True))
        return whole, near, found.get_display_name(), found.get_supported_components()

    assert ([at(3), at(5)], [at(5)], "Appointments (telegut)", ["VEVENT"]) == await subscribed.with_client(work)


async def test_a_move_and_a_cancellation_arrive_by_synchronising(subscribed: Subscribed) -> None:
    practice, lena = subscribed.practice, subscribed.lena
    visit = await booked(await lena.book(practice.short, [practice.consultant], at(3)))
    path = f"/api/v1/appointments/{visit['id']}"
    before = await subscribed.with_client(lambda found: found.objects(load_objects=True))
    await booked(await lena.post(f"{path}/reschedule", {"start": text(at(4)), "version": 1}))

    def again() -> Any:
        before.sync()
        return list(before)

    [moved] = await asyncio.to_thread(again)
    assert [at(4)] == starts([moved])
    await booked(await lena.post(f"{path}/cancel", {"reason": "Away", "version": 2}))
    [ended] = await asyncio.to_thread(again)
    [event] = Calendar.from_ical(ended.data).events
    assert (2, "CANCELLED", f"{visit['id']}@127.0.0.1") == (event["SEQUENCE"], str(event["STATUS"]), str(event["UID"]))


SYNC = (
    '<D:sync-collection xmlns:D="DAV:"><D:sync-token>{}</D:sync-token><D:sync-level>1</D:sync-level>{}'
    "</D:sync-collection>"
)
ETAG = "<D:prop><D:getetag/></D:prop>"


async def test_a_token_that_is_none_of_ours_or_too_old_begins_anew(subscribed: Subscribed) -> None:
    for token in ("urn:telegut:sync:1", "urn:telegut:sync:99999999999", "http://elsewhere.example/7"):
        status, said = await subscribed.ask("REPORT", subscribed.collection, SYNC.format(token, ETAG))
        assert (403, True) == (status, "valid-sync-token" in said)
    status, said = await subscribed.ask("REPORT", subscribed.collection, SYNC.format("", ETAG))
    assert (207, True) == (status, "urn:telegut:sync:" in said)


async def test_one_event_is_read_with_its_tag_and_not_again(subscribed: Subscribed) -> None:
    practice = subscribed.practice
    visit = await booked(await subscribed.lena.book(practice.short, [practice.consultant], at(3), reason="Bloating"))
    path = f"{subscribed.collection}{visit['id']}.ics"
    async with ClientSession(headers=subscribed.signed_in) as session:
        async with session.get(subscribed.url + path) as first:
            body, tag = await first.text(), first.headers["ETag"]
        async with session.get(subscribed.url + path, headers={"If-None-Match": tag}) as second:
            again = second.status
        async with session.head(subscribed.url + path) as third:
            head = third.status

    assert (200, 304, 200) == (first.status, again, head)
    assert not any(word in body for word in ("METHOD", "Bloating", "Hartmann", "Consultation", "ATTENDEE"))


async def test_nothing_can_be_written(subscribed: Subscribed) -> None:
    for method in ("PUT", "DELETE", "PROPPATCH", "MKCALENDAR", "MOVE", "POST", "LOCK"):
        status, said = await subscribed.ask(method, f"{subscribed.collection}{uuid4()}.ics", "BEGIN:VCALENDAR")
        assert (method, 403, True) == (method, status, "need-privileges" in said)


async def test_properties_that_are_not_there_are_said_to_be_missing(subscribed: Subscribed) -> None:
    body = (
        '<propfind xmlns="DAV:"><prop><getctag xmlns="http://calendarserver.org/ns/"/><quota-used-bytes/></prop>'
        "</propfind>"
    )
    status, said = await subscribed.ask("PROPFIND", subscribed.collection, body, Depth="0")
    parts = [one.text for one in fromstring(said).iter("{DAV:}status")]

    assert (207, ["HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found"]) == (status, parts)
    assert 403 == (await subscribed.ask("PROPFIND", subscribed.collection, "", Depth="infinity"))[0]
    assert 207 == (await subscribed.ask("PROPFIND", "/caldav/", "", Depth="1"))[0]


HARMFUL = [
    '<!DOCTYPE a [<!ENTITY b "c">]><propfind xmlns="DAV:"><prop><a>&b;</a></prop></propfind>',
    '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    "<a>" * 200 + "</a>" * 200,
    "<a>" + "<b/>" * 20_000 + "</a>",
    "no xml at all",
    "<a",
]


async def test_xml_that_can_do_harm_is_not_read(subscribed: Subscribed) -> None:
    for body in HARMFUL:
        status, said = await subscribed.ask("PROPFIND", subscribed.collection, body, Depth="0")
        assert (400, False) == (status, "root:" in said)


async def test_queries_name_what_they_cannot_do(subscribed: Subscribed) -> None:
    query = (
        '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/></D:prop>'
        '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="{}">{}</C:comp-filter></C:comp-filter>'
        "</C:filter></C:calendar-query>"
    )
    ask = subscribed.ask
    named = query.format("VEVENT", '<C:prop-filter name="UID"/>')
    tasks = await ask("REPORT", subscribed.collection, query.format("VTODO", ""))
    wrong = await ask("REPORT", subscribed.collection, query.format("VEVENT", '<C:time-range start="tomorrow"/>'))

    assert (403, 207, 400) == ((await ask("REPORT", subscribed.collection, named))[0], tasks[0], wrong[0])
    assert "response" not in tasks[1]


async def test_only_the_owner_with_the_app_password_comes_in(subscribed: Subscribed) -> None:
    practice, path = subscribed.practice, subscribed.collection
    wrong = [
        replace(subscribed, password="x" * 32),
        replace(subscribed, user=practice.nutritionist.email),
        replace(subscribed, password=practice.consultant.password),
    ]
    for one in wrong:
        assert 401 == (await one.ask("PROPFIND", path, "", Depth="0"))[0]
    other = path.replace(str(practice.consultant.id), str(practice.nutritionist.id))
    assert 404 == (await subscribed.ask("PROPFIND", other, "", Depth="0"))[0]
    for secret in (f"/calendar/{subscribed.password}.ics",):
        assert 404 == (await subscribed.client.get(secret)).status
    bearer = {"Authorization": f"Bearer {subscribed.password}"}
    assert 401 == (await subscribed.client.get("/api/v1/me", headers=bearer)).status
    await subscribed.client.delete(f"/api/v1/calendar-feeds/{subscribed.id}", headers=practice.consultant.bearer)
    assert 401 == (await subscribed.ask("PROPFIND", path, "", Depth="0"))[0]


async def test_patients_have_feeds_and_no_caldav(subscribed: Subscribed) -> None:
    answer = await subscribed.lena.post("/api/v1/calendar-feeds", {"name": "Phone", "opens": "caldav"})

    assert 403 == answer.status


async def test_without_tls_only_this_machine_comes_in(
    settings: Settings, practice: Practice, aiohttp_client: Any
) -> None:
    away = await aiohttp_client(build_app(replace(settings, trusted_proxies=("127.0.0.1",))))
    near = await away.request("PROPFIND", "/caldav/")
    far = await away.request("PROPFIND", "/caldav/", headers={"X-Forwarded-For": "203.0.113.9"})

    assert (401, 403) == (near.status, far.status)
    assert "calendar-access" in (await away.options("/caldav/")).headers["DAV"]
