"""A call by our forwarder, in real browsers: three people, a direct way that fails, a forwarder that goes and comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page

from telegut.app import build_app
from telegut.db.engine import Database
from telegut.rooms.media import control
from telegut.rooms.media.worker import Worker
from telegut.settings import Settings
from tests import build
from tests.pages.calls import admits, gets_ready, is_in_the_room, link, sees_and_hears, somebody, until
from tests.rooms.visits import Agreed, agree, at, eventually

pytestmark = [pytest.mark.browser, pytest.mark.long]

NO_DIRECT_WAY = """
const Plain = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Plain {
  addIceCandidate() { return Promise.resolve(); }
  set onicecandidate(ignored) { }
};
null;
"""
"""Candidates get lost on the way: browsers never find each other, but the forwarder's answer names its address."""


async def _well(settings: Settings) -> bool:
    try:
        await control.ask_health(control.socket_path(settings.data))
    except control.MediaAway:
        return False
    return True


@pytest.fixture
def browser(browser_with_camera: Browser) -> Browser:
    """Calls need a camera."""
    return browser_with_camera


@asynccontextmanager
async def media(settings: Settings) -> AsyncIterator[Worker]:
    """A media process, in this one."""
    worker = Worker(settings)
    task = asyncio.create_task(worker.run())
    await eventually(lambda: _well(settings), "the forwarder answers")
    try:
        yield worker
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def beside(settings: Settings) -> Settings:
    """Settings of a server with a media process beside it, reached at this machine's own address."""
    return replace(settings, media_public_host="127.0.0.1")


@pytest.fixture
async def house(beside: Settings) -> AsyncIterator[TestServer]:
    """A server beside that."""
    server = TestServer(build_app(beside), host="127.0.0.1")
    await server.start_server()
    yield server
    await server.close()


async def joint(db: Database) -> Agreed:
    """A visit of a patient with two practitioners."""
    consultant = await build.person(db, "consultant", "Amara Okafor")
    return await agree(db, None, consultant, await build.person(db, "nutritionist", "Jonas Lindqvist"))


async def by_forwarder(page: Page) -> None:
    """Wait until this page's only connection is the one to the forwarder."""
    await until(
        page,
        "window.connections.filter((one) => one.connectionState === 'connected').length === 1 && "
        "window.connections.every((one) => one.signalingState === 'closed' || one.getTransceivers().length > 2)",
    )


async def test_three_people_are_connected_by_the_forwarder(
    house: TestServer, beside: Settings, db: Database, browser: Browser
) -> None:
    visit = await joint(db)
    async with AsyncExitStack() as open_now:
        worker = await open_now.enter_async_context(media(beside))
        here = await open_now.enter_async_context(at(str(house.make_url("")).rstrip("/")))
        people = [visit.consultant, visit.patient, visit.practitioners[1]]
        pages = []
        for person in people:
            pages.append(await open_now.enter_async_context(somebody(browser, await link(here, person, visit))))
        host, guest, second = pages
        await gets_ready(guest)
        await admits(host, "Lena Hartmann")
        await asyncio.gather(*(is_in_the_room(page) for page in pages))
        await asyncio.gather(*(by_forwarder(page) for page in pages))
        await asyncio.gather(*(sees_and_hears(page) for page in pages))

        room = worker.forwarder.rooms[str(visit.id)]  # the checks before it have rooms of their own
        assert {str(person.id) for person in people} == set(room.sessions)
        before = worker.port.sent
        await asyncio.gather(*(sees_and_hears(page) for page in pages))
        assert worker.port.sent > before

        await second.reload()
        await is_in_the_room(second)
        await by_forwarder(second)
        await asyncio.gather(*(sees_and_hears(page) for page in pages))


async def test_two_whose_direct_way_fails_meet_at_the_forwarder(
    house: TestServer, beside: Settings, db: Database, browser: Browser
) -> None:
    visit = await agree(db)
    async with AsyncExitStack() as open_now:
        await open_now.enter_async_context(media(beside))
        here = await open_now.enter_async_context(at(str(house.make_url("")).rstrip("/")))
        host = await open_now.enter_async_context(somebody(browser, await link(here, visit.consultant, visit)))
        guest = await open_now.enter_async_context(somebody(browser, await link(here, visit.patient, visit)))
        for page in (host, guest):
            await page.evaluate(NO_DIRECT_WAY)
        await gets_ready(guest)
        await admits(host, "Lena Hartmann")
        await asyncio.gather(by_forwarder(host), by_forwarder(guest))
        await asyncio.gather(sees_and_hears(host), sees_and_hears(guest))


async def test_a_forwarder_that_was_killed_has_everybody_back_in_their_seats(
    house: TestServer, beside: Settings, db: Database, browser: Browser
) -> None:
    visit = await joint(db)
    async with AsyncExitStack() as open_now:
        here = await open_now.enter_async_context(at(str(house.make_url("")).rstrip("/")))
        pages = []
        async with media(beside):
            for person in (visit.consultant, visit.patient, visit.practitioners[1]):
                pages.append(await open_now.enter_async_context(somebody(browser, await link(here, person, visit))))
            await gets_ready(pages[1])
            await admits(pages[0], "Lena Hartmann")
            await asyncio.gather(*(by_forwarder(page) for page in pages))
            await asyncio.gather(*(sees_and_hears(page) for page in pages))
        async with media(beside):
            await asyncio.gather(*(by_forwarder(page) for page in pages))
            await asyncio.gather(*(sees_and_hears(page) for page in pages))
