"""A call by our forwarder, in real browsers: three people, a direct way that fails, a forwarder that goes and comes."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser

from telegut.db.engine import Database
from telegut.settings import Settings
from tests.pages.calls import (
    LENA,
    NO_DIRECT_WAY,
    address,
    admits,
    all_by_forwarder,
    browser,
    by_forwarder,
    come,
    gets_ready,
    is_in_the_room,
    joint,
    link,
    sees_and_hears,
    somebody,
)
from tests.rooms.media.callers import media
from tests.rooms.visits import agree, at

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.long]


async def test_three_people_are_connected_by_the_forwarder(
    house: TestServer, beside: Settings, db: Database, browser: Browser
) -> None:
    visit = await joint(db)
    async with AsyncExitStack() as open_now:
        worker = await open_now.enter_async_context(media(beside))
        here = await open_now.enter_async_context(at(address(house)))
        people = [visit.consultant, visit.patient, visit.practitioners[1]]
        pages = await come(open_now, browser, here, visit, people)
        await all_by_forwarder(pages)

        room = worker.forwarder.rooms[str(visit.id)]  # the checks before it have rooms of their own
        assert {str(person.id) for person in people} == set(room.sessions)
        before = worker.port.sent
        await asyncio.gather(*(sees_and_hears(page) for page in pages))
        assert worker.port.sent > before

        second = pages[2]
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
        here = await open_now.enter_async_context(at(address(house)))
        host = await open_now.enter_async_context(somebody(browser, await link(here, visit.consultant, visit)))
        guest = await open_now.enter_async_context(somebody(browser, await link(here, visit.patient, visit)))
        for page in (host, guest):
            await page.evaluate(NO_DIRECT_WAY)
        await gets_ready(guest)
        await admits(host, LENA)
        await all_by_forwarder([host, guest])


async def test_a_forwarder_that_was_killed_has_everybody_back_in_their_seats(
    house: TestServer, beside: Settings, db: Database, browser: Browser
) -> None:
    visit = await joint(db)
    async with AsyncExitStack() as open_now:
        here = await open_now.enter_async_context(at(address(house)))
        async with media(beside):
            people = [visit.consultant, visit.patient, visit.practitioners[1]]
            pages = await come(open_now, browser, here, visit, people)
            await all_by_forwarder(pages)
        async with media(beside):
            await all_by_forwarder(pages)
