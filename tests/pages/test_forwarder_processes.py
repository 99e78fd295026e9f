"""A call by the forwarder in real browsers while processes of the server die, drain and start again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Error, Page

from telegut.app import build_app
from telegut.db.engine import Database
from telegut.rooms.media.control import socket_path
from telegut.rooms.media.session import Session
from telegut.settings import Settings
from tests.cli.running import DEADLINE_S, clean_environment
from tests.pages.calls import (
    SMALL,
    admits,
    all_by_forwarder,
    browser,
    gets_ready,
    joint,
    link,
    received,
    sees_and_hears,
    somebody,
    until,
)
from tests.rooms.media.callers import media, well
from tests.rooms.visits import Agreed, at

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.long]

BACK_WITHIN_S = 15.0
"""After the death of a media process everybody is back in their seats. Pictures are small there (`SMALL`): what is
tried is how long it takes, not how many pictures a machine can encode."""
OLD = "window.old = window.connections.filter((one) => one.connectionState === 'connected'); null;"
SAME = (
    "window.connections.filter((one) => one.connectionState === 'connected').every((one) => window.old.includes(one))"
)


@pytest.fixture
def beside(settings: Settings) -> Settings:
    """Two media processes on this machine, told to end at once."""
    return replace(settings, media_processes=2, media_public_host="127.0.0.1", media_drain_s=1.0)


@dataclass
class Process:
    """A media process of its own."""

    number: int
    child: asyncio.subprocess.Process

    async def has(self, settings: Settings, visit: Agreed) -> bool:
        """Whether it has the room of *visit*; the checks before visits have rooms of their own."""
        try:
            reader, writer = await asyncio.open_unix_connection(str(socket_path(settings.data, self.number)))
        except OSError:
            return False
        try:
            writer.write(b'{"ask": "state"}\n')
            while "state" not in (said := json.loads(await reader.readline() or b'{"state": {}}')):
                pass  # an event may come before the answer
        finally:
            writer.close()
        return bool(said["state"].get(str(visit.id)))


@asynccontextmanager
async def process(settings: Settings, number: int) -> AsyncIterator[Process]:
    """Media process *number*, from the moment it answers."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "telegut", "serve", "--only", "media", "--data", str(settings.data)),
        env=clean_environment(
            {
                "TELEGUT_MODE": "demo",
                "TELEGUT_MEDIA_PUBLIC_HOST": "127.0.0.1",
                "TELEGUT_MEDIA_NUMBER": str(number),
                "TELEGUT_MEDIA_DRAIN_S": "1",
            }
        ),
    )
    try:
        async with asyncio.timeout(DEADLINE_S):
            while await well(settings, number) is None:
                await asyncio.sleep(0.05)
        yield Process(number, child)
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


@asynccontextmanager
async def house(settings: Settings, port: int = 0) -> AsyncIterator[TestServer]:
    """A web process."""
    server = TestServer(build_app(settings), host="127.0.0.1", port=port)
    await server.start_server()
    try:
        yield server
    finally:
        await server.close()


async def call(
    open_now: AsyncExitStack,
    server: TestServer,
    db: Database,
    browser: Browser,
    visit: Agreed | None = None,
    before: str = "",
) -> list[Page]:
    """Three people who see and hear each other by the forwarder; the second is the patient. before: see `somebody`."""
    visit = visit or await joint(db)
    here = await open_now.enter_async_context(at(str(server.make_url("")).rstrip("/")))
    pages = [
        await open_now.enter_async_context(somebody(browser, await link(here, person, visit), before=before))
        for person in (visit.consultant, visit.patient, visit.practitioners[1])
    ]
    await gets_ready(pages[1])
    await admits(pages[0], "Lena Hartmann")
    await all_by_forwarder(pages)
    return pages


async def are_back(pages: Sequence[Page], began: float) -> None:
    """Everybody sees and hears each other again, so soon after *began* as is promised."""
    async with asyncio.timeout(BACK_WITHIN_S - (time.monotonic() - began)):
        await all_by_forwarder(pages)
    print(f"everybody sees and hears each other again after {time.monotonic() - began:.1f} s")


async def test_of_two_media_processes_one_is_killed_and_everybody_is_back_at_the_other(
    beside: Settings, db: Database, browser: Browser
) -> None:
    visit = await joint(db)
    async with AsyncExitStack() as open_now:
        two = [await open_now.enter_async_context(process(beside, number)) for number in range(2)]
        server = await open_now.enter_async_context(house(beside))
        pages = await call(open_now, server, db, browser, visit, SMALL)
        (dying,) = [one for one in two if await one.has(beside, visit)]
        (other,) = [one for one in two if one is not dying]
        began = time.monotonic()
        dying.child.send_signal(signal.SIGKILL)

        async with asyncio.timeout(BACK_WITHIN_S):
            while not await other.has(beside, visit):
                await asyncio.sleep(0.05)
        await are_back(pages, began)


async def test_the_only_media_process_is_killed_and_started_again(
    beside: Settings, db: Database, browser: Browser
) -> None:
    alone = replace(beside, media_processes=1)
    async with AsyncExitStack() as open_now:
        server = await open_now.enter_async_context(house(alone))
        async with process(alone, 0) as dying:
            pages = await call(open_now, server, db, browser, before=SMALL)
            began = time.monotonic()
            os.kill(dying.child.pid, signal.SIGKILL)
        await open_now.enter_async_context(process(alone, 0))
        await are_back(pages, began)


async def test_a_media_process_that_drains_hands_the_call_over_and_ends(
    beside: Settings, db: Database, browser: Browser
) -> None:
    visit = await joint(db)
    async with AsyncExitStack() as open_now:
        two = [await open_now.enter_async_context(process(beside, number)) for number in range(2)]
        server = await open_now.enter_async_context(house(beside))
        pages = await call(open_now, server, db, browser, visit)
        (draining,) = [one for one in two if await one.has(beside, visit)]
        draining.child.terminate()
        async with asyncio.timeout(DEADLINE_S):
            assert 0 == await draining.child.wait()
        await all_by_forwarder(pages)


async def test_web_starts_again_in_the_middle_of_a_call_and_pictures_flow_all_the_while(
    beside: Settings, db: Database, browser: Browser, tmp_path: Path
) -> None:
    alone, visit = replace(beside, media_processes=1), await joint(db)
    async with AsyncExitStack() as open_now:
        worker = await open_now.enter_async_context(media(alone))
        async with AsyncExitStack() as first:
            server = await first.enter_async_context(house(alone))
            port = server.port
            pages = await call(open_now, server, db, browser, visit)
            for page in pages:
                await page.evaluate(OLD)
            sessions = dict(worker.forwarder.rooms[str(visit.id)].sessions)
        before = [await received(page) for page in pages]
        await asyncio.gather(*(sees_and_hears(page) for page in pages))  # nobody is there but the media process

        assert port is not None
        await open_now.enter_async_context(house(alone, port))
        for page in pages:
            await until(page, "document.querySelector('#stage') !== null")
        await asyncio.gather(*(sees_and_hears(page) for page in pages))
        for page, earlier in zip(pages, before, strict=True):
            assert await page.evaluate(SAME), "no connection was made anew"
            assert (await received(page))["frames"] > earlier["frames"]
        assert sessions == worker.forwarder.rooms[str(visit.id)].sessions


class Packets:
    """How many packets this person's connection has brought to the forwarder, and been sent by it; even afterwards."""

    def __init__(self, session: Session) -> None:
        self._brought = [layer for track in session.tracks.values() for layer in track.layers.values()]
        self._sent = list(session.places.values())

    def counts(self) -> tuple[int, int]:
        """Now."""
        return sum(one.packets for one in self._brought), sum(one.packets for one in self._sent)


async def lets_go(page: Page) -> bool:
    """Whether this page has no connection, or is being left for another one, which ends them."""
    try:
        return (await received(page))["live"] == 0
    except Error:
        return True


async def sends_out(host: Page, name: str) -> None:
    """By the list of people."""
    await host.get_by_role("button", name="People").click()
    people = host.get_by_role("dialog", name="Who is in this visit")
    await people.get_by_role("button", name=f"Send out {name}").click()
    await host.get_by_role("dialog", name=f"Send {name} out?").get_by_role("button", name="Send out").click()


async def test_two_seconds_after_somebody_was_sent_out_nothing_of_theirs_flows_either_way(
    beside: Settings, db: Database, browser: Browser
) -> None:
    alone, visit = replace(beside, media_processes=1), await joint(db)
    async with AsyncExitStack() as open_now:
        worker = await open_now.enter_async_context(media(alone))
        server = await open_now.enter_async_context(house(alone))
        host, guest, second = await call(open_now, server, db, browser, visit)
        theirs = worker.forwarder.rooms[str(visit.id)].sessions[str(visit.patient.id)]
        packets = Packets(theirs)
        flowing = packets.counts()
        await sees_and_hears(guest)
        assert all(since > before for since, before in zip(packets.counts(), flowing, strict=True)), "they flow"

        async def stopped() -> tuple[float, float]:
            """When the last packet passed, and when their browser had no connection any more."""
            began = last = time.monotonic()
            closed, seen = 0.0, packets.counts()
            while time.monotonic() - last < 4 or not closed:
                assert time.monotonic() - began < DEADLINE_S
                if packets.counts() != seen:
                    last, seen = time.monotonic(), packets.counts()
                if not closed and await lets_go(guest):
                    closed = time.monotonic()
                await asyncio.sleep(0.02)
            return last - began, closed - began

        await sends_out(host, "Lena Hartmann")
        last, closed = await stopped()
        print(f"sent out: the last packet after {last:.2f} s, their browser let go after {closed:.2f} s (goal: 2 s)")
        assert last < 2
        assert closed < 2
        assert str(visit.patient.id) not in worker.forwarder.rooms[str(visit.id)].sessions
        await asyncio.gather(sees_and_hears(host), sees_and_hears(second))
