"""A screen that is shared, in real browsers: from browser to browser and by the forwarder, with leave."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from telegut.db.engine import Database
from telegut.settings import Settings
from tests.pages.calls import (
    AMARA,
    LENA,
    PATIENCE_MS,
    admits,
    browser,
    by_forwarder,
    gets_ready,
    is_in_the_room,
    is_kind_to_everybody,
    joint,
    link,
    sees_and_hears,
    somebody,
    until,
)
from tests.rooms.media.callers import media
from tests.rooms.visits import agree, at

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.long]

A_SCREEN = """
navigator.mediaDevices.getDisplayMedia = async () => {
  const canvas = document.createElement('canvas');
  canvas.width = 1600;
  canvas.height = 900;
  const pen = canvas.getContext('2d');
  let number = 0;
  pen.font = '90px sans-serif';
  setInterval(() => {
    pen.clearRect(0, 0, 1600, 900);
    pen.fillText(String(number++), 80, 200);
  }, 100);
  window.shared = canvas.captureStream(10);
  return window.shared;
};
null;
"""
"""A headless browser has no screen to choose: a picture of the size of one, on which something moves."""


async def is_shown_a_screen(page: Page, name: str) -> None:
    """Wait until this page shows somebody's screen, at its own size and moving."""
    await expect(page.locator("[data-screen-name]")).to_have_text(f"Screen of {name}", timeout=PATIENCE_MS)
    video = "document.querySelector('[data-screen-video]')"
    await until(page, f"{video}.videoWidth >= 800")
    await until(page, f"(window.was ??= {video}.currentTime) < {video}.currentTime - 0.5")
    await page.evaluate("delete window.was")


async def is_shown_none(page: Page) -> None:
    """Wait until no screen is shown."""
    await expect(page.locator("[data-screen]")).to_be_hidden(timeout=PATIENCE_MS)


async def test_two_share_in_turn_from_browser_to_browser(house: TestServer, db: Database, browser: Browser) -> None:
    visit = await agree(db)
    async with AsyncExitStack() as open_now:
        here = await open_now.enter_async_context(at(str(house.make_url("")).rstrip("/")))
        host = await open_now.enter_async_context(somebody(browser, await link(here, visit.consultant, visit)))
        guest = await open_now.enter_async_context(somebody(browser, await link(here, visit.patient, visit)))
        for page in (host, guest):
            await page.evaluate(A_SCREEN)
        await gets_ready(guest)
        await admits(host, LENA)
        await asyncio.gather(is_in_the_room(host), is_in_the_room(guest))
        await asyncio.gather(sees_and_hears(host), sees_and_hears(guest))

        await host.get_by_role("button", name="Share screen").click()
        await is_shown_a_screen(guest, AMARA)
        await asyncio.gather(sees_and_hears(host), sees_and_hears(guest))
        await asyncio.gather(is_kind_to_everybody(host), is_kind_to_everybody(guest))

        # A guest asks, and whoever shares gives it up kindly.
        await guest.get_by_role("button", name="Share screen").click()
        await host.get_by_role("button", name=f"Let {LENA} take over").click()
        await guest.get_by_role("button", name="Choose what to share").click()
        await is_shown_a_screen(host, LENA)
        await is_shown_none(guest)

        # The browser's own button.
        await guest.evaluate("window.shared.getTracks()[0].dispatchEvent(new Event('ended'))")
        await is_shown_none(host)
        await host.get_by_role("button", name="Share screen").click()
        await is_shown_a_screen(guest, AMARA)
        await host.get_by_role("button", name="Stop sharing").first.click()
        await is_shown_none(guest)
        await sees_and_hears(guest)
        await until(guest, "window.connections.filter((one) => one.connectionState === 'connected').length === 1")


async def test_a_screen_goes_by_the_forwarder_to_two(
    house: TestServer, beside: Settings, db: Database, browser: Browser
) -> None:
    visit = await joint(db)
    async with AsyncExitStack() as open_now:
        await open_now.enter_async_context(media(beside))
        here = await open_now.enter_async_context(at(str(house.make_url("")).rstrip("/")))
        pages = []
        for person in (visit.consultant, visit.patient, visit.practitioners[1]):
            pages.append(await open_now.enter_async_context(somebody(browser, await link(here, person, visit))))
        host, guest, second = pages
        for page in pages:
            await page.evaluate(A_SCREEN)
        await gets_ready(guest)
        await admits(host, LENA)
        await asyncio.gather(*(by_forwarder(page) for page in pages))
        await asyncio.gather(*(sees_and_hears(page) for page in pages))

        await host.get_by_role("button", name="Share screen").click()
        await asyncio.gather(is_shown_a_screen(guest, AMARA), is_shown_a_screen(second, AMARA))
        await second.reload()
        await second.evaluate(A_SCREEN)
        await is_in_the_room(second)
        await is_shown_a_screen(second, AMARA)

        # The other practitioner takes over.
        await second.get_by_role("button", name="Share screen").click()
        await host.get_by_role("button", name="Let Jonas Lindqvist take over").click()
        await second.get_by_role("button", name="Choose what to share").click()
        await asyncio.gather(is_shown_a_screen(guest, "Jonas Lindqvist"), is_shown_a_screen(host, "Jonas Lindqvist"))
        await second.get_by_role("button", name="Stop sharing").first.click()
        await asyncio.gather(is_shown_none(guest), is_shown_none(host))
        await asyncio.gather(*(sees_and_hears(page) for page in pages))
