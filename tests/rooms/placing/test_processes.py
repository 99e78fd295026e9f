"""Two web processes and two media processes: rooms are pinned, moved and refused, and everybody finds theirs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
from aiohttp.test_utils import TestServer

from telegut.app import build_app
from telegut.db.engine import Database
from telegut.rooms.media.aiortc_private import Certificate
from telegut.rooms.media.worker import Worker
from telegut.settings import Settings
from tests import build
from tests.build import Account
from tests.rooms.media.callers import Somebody, hears, media
from tests.rooms.visits import Agreed, At, Seat, agree, at, eventually


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Two media processes on this machine."""
    return replace(settings, media_processes=2, media_drain_s=0.0, media_public_host="127.0.0.1")


@pytest.fixture
async def webs(settings: Settings) -> AsyncIterator[list[str]]:
    """The addresses of two web processes."""
    servers = [TestServer(build_app(settings), host="127.0.0.1") for _ in range(2)]
    for server in servers:
        await server.start_server()
    yield [str(server.make_url("")).rstrip("/") for server in servers]
    for server in servers:
        await server.close()


@dataclass
class Called:
    """Somebody with a seat at a web process and a call at a media process."""

    account: Account
    seat: Seat
    who: Somebody

    async def forward(self) -> None:
        """Connect, as a page does when it is told to."""
        await eventually(lambda: self.seat.visit.get("forwarded"), "the call goes by the forwarder")
        said = len(self.seat.heard)
        await self.seat.say("forward", **self.who.offers().body)

        def answered() -> dict[str, Any] | None:
            return next((m for m in self.seat.heard[said:] if m.get("event") == "answer" or m.get("of")), None)

        answer = await eventually(answered, "forward is answered")
        assert answer["type"] == "forwarder", answer
        await self.who.caller.connect(answer["answer"], offered=False)

    async def close(self) -> None:
        """Hang up."""
        await self.who.caller.close()

    async def again(self, certificate: Certificate) -> None:
        """Wait until this is called for, then connect anew in the same seat."""
        await self.seat.hears("forwarder", event="again")
        await self.who.caller.close()
        self.who = Somebody(certificate, self.who.ssrc + 1)
        self.seat.heard.clear()
        await self.forward()


async def enters(here: At, who: Account, visit: Agreed, host: Seat | None) -> Seat:
    """Take a seat, and be let in."""
    seat = await here.join(who, visit)
    if host is not None:
        await seat.say("knock")
        await host.sees(who.id, "waiting")
        await host.say("admit", participant=str(who.id))
    await seat.sees(who.id, "inside")
    return seat


async def begin(open_now: AsyncExitStack, db: Database, webs: list[str], certificate: Certificate) -> list[Called]:
    """A joint visit of three, at two web processes, by the forwarder."""
    consultant = await build.person(db, "consultant", "Amara Okafor")
    visit = await agree(db, None, consultant, await build.person(db, "nutritionist", "Jonas Lindqvist"))
    one, other = [await open_now.enter_async_context(at(url)) for url in webs]
    host = await enters(one, visit.consultant, visit, None)
    second = await enters(one, visit.practitioners[1], visit, None)
    guest = await enters(other, visit.patient, visit, host)
    seats = zip((visit.consultant, visit.practitioners[1], visit.patient), (host, second, guest), strict=True)
    made = [Called(who, seat, Somebody(certificate, 100 * n)) for n, (who, seat) in enumerate(seats, 1)]
    for called in made:
        await called.forward()
        open_now.push_async_callback(called.close)
    return made


def where(workers: list[Worker], visit: UUID | str) -> list[Worker]:
    """The media processes with this room."""
    return [one for one in workers if str(visit) in one.forwarder.rooms]


async def all_hear_each_other(people: list[Called]) -> None:
    """Each hears each other."""
    for one in people:
        for other in people:
            if one is not other:
                await hears(one.who, other.who)


async def test_a_room_is_at_one_media_process_for_all_web_processes_and_moves_when_that_ends(
    webs: list[str], settings: Settings, db: Database
) -> None:
    certificate = Certificate()
    async with AsyncExitStack() as open_now:
        dying = AsyncExitStack()
        first = await dying.enter_async_context(media(settings, 0))
        people = await begin(open_now, db, webs, certificate)
        visit = people[0].seat.visit["id"]
        second = await open_now.enter_async_context(media(settings, 1))
        assert [first] == where([first, second], visit), "pinned, however idle the other one is"
        await all_hear_each_other(people)

        await dying.aclose()
        await asyncio.gather(*(one.again(certificate) for one in people))

        await all_hear_each_other(people)
        assert [second] == where([first, second], visit)
        assert {one.seat.me for one in people} == set(second.forwarder.rooms[visit].sessions)


@pytest.mark.long
async def test_a_media_process_that_is_told_to_end_hands_its_rooms_over(
    webs: list[str], settings: Settings, db: Database
) -> None:
    certificate = Certificate()
    async with AsyncExitStack() as open_now:
        first = await open_now.enter_async_context(media(settings, 0))
        people = await begin(open_now, db, webs, certificate)
        visit = people[0].seat.visit["id"]
        second = await open_now.enter_async_context(media(settings, 1))
        first.drain()
        await asyncio.gather(*(one.again(certificate) for one in people))

        await all_hear_each_other(people)
        assert visit in second.forwarder.rooms
        await eventually(lambda: not first.forwarder.rooms, "it is empty, and ends")


@pytest.mark.long
async def test_a_web_process_that_starts_again_finds_the_call_where_it_is(
    webs: list[str], settings: Settings, db: Database
) -> None:
    certificate = Certificate()
    async with AsyncExitStack() as open_now:
        worker = await open_now.enter_async_context(media(settings, 0))
        people = await begin(open_now, db, webs, certificate)
        visit = people[0].seat.visit["id"]
        sessions = dict(worker.forwarder.rooms[visit].sessions)
        async with TestServer(build_app(settings), host="127.0.0.1") as restarted:
            here = await open_now.enter_async_context(at(str(restarted.make_url("")).rstrip("/")))
            back = await here.join(people[2].account, visit)
            await back.sees(UUID(people[2].seat.me), "inside")
            await back.say("look", hidden=[], small=[])
            await all_hear_each_other(people)

        assert sessions == worker.forwarder.rooms[visit].sessions
        assert not [m for m in back.heard if m.get("event") == "again" or m["type"] == "refused"]


async def test_a_full_forwarder_says_so_and_the_call_goes_on_directly(
    webs: list[str], settings: Settings, db: Database
) -> None:
    async with AsyncExitStack() as open_now:
        full = replace(settings, media_most_rooms=0)
        await open_now.enter_async_context(media(full, 0))
        await open_now.enter_async_context(media(full, 1))
        people: list[Called] = []
        with pytest.raises(AssertionError, match="media_full"):
            people = await begin(open_now, db, webs, Certificate())
        assert not people


@pytest.mark.long
async def test_metrics_tell_how_each_media_process_is_and_nobody_who_is_in_a_call(
    webs: list[str], settings: Settings, db: Database
) -> None:
    async with AsyncExitStack() as open_now:
        await open_now.enter_async_context(media(settings, 0))
        people = await begin(open_now, db, webs, Certificate())
        here = await open_now.enter_async_context(at(webs[0]))

        async def told() -> str:
            async with here.session.get(f"{webs[0]}/metrics") as answer:
                said = await answer.text()
            return said if 'telegut_media_seats{process="media-0"} 3.0' in said else ""

        said = await eventually(told, "three seats are reported")
        assert 'telegut_media_up{process="media-1"} 0.0' in said
        assert not any(known in said for one in people for known in (one.seat.me, one.seat.visit["id"]))
