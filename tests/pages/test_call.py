"""Two people in one call, in real browsers: let in, seen, heard, back after every kind of loss."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect

from telegut.app import build_app
from telegut.db.engine import Database
from telegut.rooms.socket import SWITCHBOARD
from telegut.settings import Settings
from tests.pages.calls import (
    PHONE,
    admits,
    gets_ready,
    is_in_the_room,
    link,
    sees_and_hears,
    somebody,
    until,
)
from tests.rooms.visits import agree, at, outcome_of

pytestmark = pytest.mark.browser

LENA, AMARA = "Lena Hartmann", "Amara Okafor"


@pytest.fixture
async def house(settings: Settings) -> AsyncIterator[TestServer]:
    """A server whose application a test can reach into."""
    server = TestServer(build_app(settings), host="127.0.0.1")
    await server.start_server()
    yield server
    await server.close()


def cut_line(app: web.Application, account: UUID) -> None:
    """The server loses the line to somebody, as when a proxy in between breaks."""
    for table in app[SWITCHBOARD]._tables.values():
        table.members[account].end(1012, b"cut")


async def test_a_visit_from_the_link_to_its_end(house: TestServer, db: Database, browser: Browser) -> None:
    """The whole way: check, ready, admitted, seen and heard, reload, a cut line, the end for both."""
    visit = await agree(db)
    async with at(str(house.make_url("")).rstrip("/")) as here:
        theirs, mine = await link(here, visit.consultant, visit), await link(here, visit.patient, visit)
        async with somebody(browser, theirs) as host, somebody(browser, mine, size=PHONE) as guest:
            await is_in_the_room(host)
            await expect(guest.get_by_role("heading", name=f"Your visit with {AMARA}")).to_be_visible()
            await gets_ready(guest)
            await expect(host.locator("#strip")).to_contain_text(LENA)
            await expect(guest.locator("#next")).to_contain_text(f"{AMARA} sees that you are waiting")
            await admits(host, LENA)
            await asyncio.gather(is_in_the_room(guest), sees_and_hears(host), sees_and_hears(guest))

            await expect(host.locator("#strip")).to_be_hidden()
            await expect(guest.locator(".tile-name", has_text=AMARA)).to_be_visible()

            await guest.reload()
            await is_in_the_room(guest)
            await asyncio.gather(sees_and_hears(host), sees_and_hears(guest))

            sockets = await guest.evaluate("window.sockets.length")
            cut_line(house.app, visit.patient.id)
            await until(guest, f"window.sockets.length > {sockets}")
            await asyncio.gather(sees_and_hears(host), sees_and_hears(guest))
            assert await guest.evaluate("window.connections.length") == 1  # the same connection carried on

            await host.get_by_role("button", name="End visit").click()
            await host.get_by_role("dialog").get_by_role("button", name="End visit").click()
            await expect(guest.get_by_role("heading", name="is over")).to_be_visible()
            await expect(host.get_by_role("heading", name="is over")).to_be_visible()

        assert ("completed", "attended") == await outcome_of(db, visit)
