"""Reading calendars of others without a database: where a fetch may go, and what counts as busy."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver
from aiohttp.test_utils import TestServer
from hypothesis import given, settings
from hypothesis import strategies as st

from telegut.errors import Invalid
from telegut.scheduling import zones
from telegut.scheduling.busy import expanding
from telegut.scheduling.busy.fetching import Asked, Fetcher
from telegut.scheduling.busy.isolation import Expander
from telegut.scheduling.busy.ranges import cut, merged
from telegut.scheduling.busy.rules import Failure, Unreadable, checked_address
from telegut.scheduling.diary import Diary, Engagement
from telegut.scheduling.refusals import Reason
from telegut.scheduling.slots import Offer, Question
from telegut.scheduling.windows import Hours, Window
from telegut.web.outward import may_connect

_TIMES = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 40)), max_size=8)
_BUFFER = st.sampled_from([0, 600, 900])
FETCHER = Fetcher(time_s=60, bytes_at_most=100_000, on_loopback=True)
STRICT = Fetcher(time_s=60, bytes_at_most=100_000)

INSIDE = [
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0",
    "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::", "2001:0:7f00:1::", "2001:db8::1",
    "nonsense", "",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_not_the_public_network_is_never_connected_to(address: str) -> None:
    assert not may_connect(address, on_loopback=False)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "my.localhost.", "[::1]", "[::ffff:10.0.0.1]", "192.168.1.1", "0x7f.1", "10.0.0.1."],
)
def test_an_address_that_names_a_private_network_is_refused_at_once(host: str) -> None:
    with pytest.raises(Invalid) as refusal:
        checked_address(f"https://{host}/calendar.ics", on_loopback=False)

    assert ["url"] == [one.field for one in refusal.value.errors]


def test_names_and_public_addresses_are_taken_and_loopback_only_by_a_setting() -> None:
    for host in ("calendar.example", "1.1.1.1", "[2606:4700:4700::1111]"):
        checked_address(f"https://{host}/calendar.ics", on_loopback=False)
    for host in ("localhost", "127.0.0.1", "[::1]"):
        checked_address(f"http://{host}:8000/calendar.ics", on_loopback=True)


def test_the_public_network_is_and_loopback_only_by_a_setting() -> None:
    for address in ("1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"):
        assert may_connect(address, on_loopback=False)
    assert may_connect("127.0.0.1", on_loopback=True)
    assert not may_connect("192.168.1.1", on_loopback=True)
    assert not may_connect("::ffff:10.0.0.1", on_loopback=True)


class Doors:
    """A server with every trick in it, and how often its secret was read."""

    def __init__(self) -> None:
        self.secrets = 0
        self.headers: list[dict[str, str]] = []
        self.app = web.Application()
        self.app.router.add_get("/secret", self.secret)
        self.app.router.add_get("/to", self.to)
        self.app.router.add_get("/large", self.large)
        self.app.router.add_get("/loop", self.loop)

    async def secret(self, request: web.Request) -> web.Response:
        """What nobody may reach from outside."""
        self.secrets += 1
        self.headers.append(dict(request.headers))
        return web.Response(text="metadata")

    async def to(self, request: web.Request) -> web.Response:
        """Somewhere else."""
        return web.Response(status=302, headers={"Location": request.query["url"]})

    async def loop(self, _: web.Request) -> web.Response:
        """Here again."""
        return web.Response(status=302, headers={"Location": "/loop"})

    async def large(self, _: web.Request) -> web.Response:
        """Small on the wire, large when unpacked."""
        answer = web.Response(body=b"\0" * 5_000_000)
        answer.enable_compression()
        return answer


@pytest.fixture
async def doors() -> AsyncIterator[tuple[Doors, str]]:
    """The server and its address."""
    made = Doors()
    async with TestServer(made.app, host="127.0.0.1") as server:
        yield made, str(server.make_url("")).rstrip("/")


async def failure(fetcher: Fetcher, url: str, **more: Any) -> Failure:
    """Why *url* cannot be read."""
    with pytest.raises(Unreadable) as caught:
        await fetcher.fetch(Asked(url, **more))
    return caught.value.failure


async def test_no_way_of_writing_an_address_leads_inside(doors: tuple[Doors, str]) -> None:
    made, url = doors
    port = url.rsplit(":", 1)[1]
    for host in ("127.1", "2130706433", "0", "0177.0.0.1"):
        # aiohttp takes these for no address at all; the gate would take them for none of the public network.
        await failure(STRICT, f"https://{host}:{port}/secret")
    hosts = ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0x7f000001", "169.254.169.254", "10.0.0.1"]
    for host in [*hosts, "[::ffff:a9fe:a9fe]"]:
        assert Failure.NOT_ALLOWED == await failure(STRICT, f"https://{host}:{port}/secret")
    assert Failure.NOT_ALLOWED == await failure(STRICT, f"{url}/secret")
    assert 0 == made.secrets


async def test_a_redirect_is_checked_like_an_address(doors: tuple[Doors, str]) -> None:
    made, url = doors
    for target in ("https://169.254.169.254/latest/meta-data", "http://10.0.0.1/", "file:///etc/passwd", "gopher://a/"):
        assert Failure.NOT_ALLOWED == await failure(FETCHER, f"{url}/to?url={target}")
    assert Failure.WRONG_ANSWER == await failure(FETCHER, f"{url}/loop")
    assert b"metadata" == (await FETCHER.fetch(Asked(f"{url}/to?url=/secret"))).body
    assert 1 == made.secrets


async def test_a_name_that_leads_inside_is_not_followed(
    doors: tuple[Doors, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, url = doors

    async def resolve(
        _: ThreadedResolver, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """A name of the public network with an address of ours."""
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)]

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)
    port = url.rsplit(":", 1)[1]

    assert Failure.NOT_ALLOWED == await failure(STRICT, f"https://calendar.example:{port}/secret")
    assert 0 == made.secrets


async def test_a_password_stays_with_the_host_it_was_given_for(doors: tuple[Doors, str]) -> None:
    made, url = doors
    elsewhere = url.replace("127.0.0.1", "localhost")
    await FETCHER.fetch(Asked(f"{url}/secret", user="amara", password="sesame"))
    await FETCHER.fetch(Asked(f"{elsewhere}/to?url={url}/secret", user="amara", password="sesame"))

    assert [True, False] == ["Authorization" in one for one in made.headers]


async def test_size_counts_after_unpacking(doors: tuple[Doors, str]) -> None:
    assert Failure.TOO_LARGE == await failure(FETCHER, f"{doors[1]}/large")


# --- what counts


def seconds(text: str) -> int:
    """An instant in UTC."""
    return zones.seconds(datetime.fromisoformat(text).replace(tzinfo=UTC))


def order(**more: Any) -> dict[str, Any]:
    """Half a year of 2027."""
    return {
        "first": seconds("2027-01-01"),
        "last": seconds("2027-07-01"),
        "zone": "Europe/Berlin",
        "own": ["amara@clinic.example"],
        "host": "clinic.example",
        "events": 1000,
        **more,
    }


def calendar(*events: str) -> bytes:
    """A file with these events, given without their frame."""
    frame = "BEGIN:VEVENT\nUID:{n}\nDTSTAMP:20260101T000000Z\n{body}\nEND:VEVENT"
    framed = (frame.format(n=n, body=body) for n, body in enumerate(events))
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *framed, "END:VCALENDAR", ""]).encode()


def starts(*events: str) -> list[str]:
    """When the busy times begin, in UTC."""
    return [f"{zones.instant(start):%m-%d %H:%M}" for start, _ in expanding.busy([calendar(*events)], order())]


MEETING = "DTSTART:20270301T090000Z\nDTEND:20270301T100000Z"


@pytest.mark.parametrize(
    "line",
    [
        "STATUS:CANCELLED",
        "TRANSP:TRANSPARENT",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:Amara@clinic.example",
    ],
)
def test_what_does_not_take_place_is_not_busy(line: str) -> None:
    assert ([], ["03-01 09:00"]) == (starts(f"{MEETING}\n{line}"), starts(MEETING))


def test_whole_days_and_our_own_invitations_are_not_busy() -> None:
    assert [] == starts("DTSTART;VALUE=DATE:20270301\nDTEND;VALUE=DATE:20270303")
    ours = calendar(MEETING).replace(b"UID:0", b"UID:0190@clinic.example")
    assert [] == expanding.busy([ours], order())
    assert ["03-01 09:00"] == starts(f"{MEETING}\nATTENDEE;PARTSTAT=DECLINED:mailto:jonas@clinic.example")


def test_floating_time_is_on_the_practitioners_wall() -> None:
    assert ["03-01 08:00", "06-01 07:00"] == starts(
        "DTSTART:20270301T090000\nDURATION:PT30M", "DTSTART:20270601T090000\nDURATION:PT30M"
    )


def test_a_weekly_meeting_keeps_its_wall_time_across_the_change() -> None:
    rule = "DTSTART;TZID=America/New_York:20270302T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=4\n"
    rule += "EXDATE;TZID=America/New_York:20270309T090000"

    assert ["03-02 14:00", "03-16 13:00", "03-23 13:00"] == starts(rule)


def test_an_end_inside_the_repeated_hour_and_a_moved_instance_are_right() -> None:
    until = "DTSTART;TZID=Europe/Berlin:20270326T100000\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20270329T080000Z"
    assert ["03-26 09:00", "03-27 09:00", "03-28 08:00", "03-29 08:00"] == starts(until)
    series = calendar("DTSTART:20270301T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2").decode()
    moved = "UID:0\nDTSTAMP:20260101T000000Z\nRECURRENCE-ID:20270302T090000Z\nDTSTART:20270302T150000Z\nDURATION:PT1H"
    whole = series.replace("END:VCALENDAR", f"BEGIN:VEVENT\n{moved}\nEND:VEVENT\nEND:VCALENDAR").encode()
    found = [f"{zones.instant(start):%m-%d %H:%M}" for start, _ in expanding.busy([whole], order())]
    assert ["03-01 09:00", "03-02 15:00"] == found


def test_busy_periods_without_events_count() -> None:
    lines = "BEGIN:VFREEBUSY\nUID:1\nDTSTAMP:20260101T000000Z\nFREEBUSY:20270304T090000Z/PT1H,20270305T090000Z/PT1H\n"
    lines += "FREEBUSY;FBTYPE=FREE:20270306T090000Z/PT1H\nEND:VFREEBUSY"
    file = f"BEGIN:VCALENDAR\nVERSION:2.0\n{lines}\nEND:VCALENDAR\n".encode()

    assert 2 == len(expanding.busy([file], order()))


EXPANDER = Expander(time_s=90, memory_bytes=512 * 1024**2, events=500, host="clinic.example")


async def read(file: bytes) -> Any:
    """What the process says of *file*: times, or the failure."""
    try:
        return await EXPANDER.times(
            [file], first=seconds("2027-01-01"), last=seconds("2027-07-01"), zone="Europe/Berlin", own=[]
        )
    except Unreadable as exc:
        return exc.failure


async def test_hostile_files_are_refused_or_harmless() -> None:
    assert Failure.NO_CALENDAR == await read(b"<html>sign in</html>")
    assert Failure.TOO_LARGE == await read(calendar(*[MEETING] * 501))
    assert [] == await read(calendar("DTSTART:20270101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY"))
    assert [] == await read(calendar("SUMMARY:no start"))
    good = [(seconds("2027-03-01T09:00"), seconds("2027-03-01T10:00"))]
    assert good == await read(calendar(MEETING, "DTSTART:20270105T000000Z\nRRULE:FREQ=WEEKLY;UNTIL=nonsense"))


@settings(deadline=None, max_examples=40)
@given(times=_TIMES, before=_BUFFER, after=_BUFFER)
def test_what_is_listed_is_bookable_beside_other_calendars(
    times: list[tuple[int, int]], before: int, after: int
) -> None:
    """Random busy times of ten minutes' grain; the list, the reasons and a slow look at each range agree."""
    elsewhere = merged((start * 600, (start + length) * 600) for start, length in times)
    duration = 1800
    question = Question(UUID(int=1), duration, before, after, 600, 0, 0, 10**6)
    window = Window(0, 150_000, 0, frozenset(), "UTC")
    offer = Offer(UUID(int=2), Hours((window,), ()), Diary([Engagement(6000, 9000, 6000, 9000)], elsewhere))
    listed = question.starts(offer, 0, 150_000)
    for start in range(0, 150_000, 600):
        reasons = question.reasons(start, offer)
        slowly = any(opens < start + duration + after and closes > start - before for opens, closes in elsewhere)
        assert (start in listed, slowly) == (not reasons, Reason.BUSY_ELSEWHERE in reasons)


def test_times_are_merged_and_cut() -> None:
    assert [(1, 5), (7, 9)] == merged([(7, 9), (3, 5), (1, 3), (2, 2), (2, 4)])
    assert [(3, 5), (7, 8)] == cut([(1, 5), (7, 9), (9, 12)], 3, 8)
