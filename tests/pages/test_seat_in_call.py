"""A seat that survives, in real browsers: another device, another microphone, a phone call."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, Route, expect

from telegut.db.engine import Database
from tests.pages.calls import (
    LENA,
    PATIENCE_MS,
    PHONE,
    address,
    browser,
    come,
    is_in_the_room,
    link,
    received,
    sees_and_hears,
    somebody,
    until,
)
from tests.rooms.visits import agree, at

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.long]

ALL_CLOSED = "window.connections.every((one) => one.connectionState === 'closed' || one.signalingState === 'closed')"
THE_SYSTEM_TAKES_THE_MICROPHONE = """
window.before = window.connections.flatMap((one) => one.signalingState === 'closed' ? [] : one.getSenders())
  .map((sender) => sender.track).find((track) => track?.kind === 'audio');
Object.defineProperty(window.before, 'muted', { configurable: true, value: true });
window.before.dispatchEvent(new Event('mute'));
null;
"""
"""What a phone call does: the track stays live and silent, and nobody says when it is over."""
MICROPHONE = """
window.before = window.connections.flatMap((one) => one.signalingState === 'closed' ? [] : one.getSenders())
  .map((sender) => sender.track).find((track) => track?.kind === 'audio');
window.had = window.connections.length;
null;
"""
PULLED_OUT = """
window.before.stop();
window.before.dispatchEvent(new Event('ended'));
navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
null;
"""
"""What a headset that is pulled out does."""
COUNT_VOICES = """
window.most = 0;
setInterval(() => {
  const live = window.connections.filter((one) => one.connectionState === 'connected');
  window.most = Math.max(window.most, live.length);
}, 5);
null;
"""
"""The other side has one connection for each device that somebody speaks from."""
NOTHING_IS_KEPT = """
const refuse = () => { throw new DOMException("kept from", "SecurityError"); };
for (const name of ["sessionStorage", "localStorage"]) {
  Object.defineProperty(window, name, { configurable: true, get: refuse });
}
"""
"""As in a browser that blocks all cookies."""
ANOTHER_MICROPHONE = """
window.connections.flatMap((one) => one.signalingState === 'closed' ? [] : one.getSenders())
  .some((sender) => sender.track?.kind === 'audio' && sender.track !== window.before)
"""


async def test_a_second_device_takes_over_and_the_first_is_silent_until_it_takes_the_call_back(
    house: TestServer, db: Database, browser: Browser
) -> None:
    visit = await agree(db)
    async with AsyncExitStack() as open_now:
        here = await open_now.enter_async_context(at(address(house)))
        host, laptop = await come(open_now, browser, here, visit, [visit.consultant, visit.patient])
        await asyncio.gather(sees_and_hears(host), sees_and_hears(laptop))

        await host.evaluate(COUNT_VOICES)
        await laptop.evaluate(MICROPHONE)
        mine = await link(here, visit.patient, visit)
        phone = await open_now.enter_async_context(somebody(browser, mine, size=PHONE))
        await phone.get_by_role("button", name="Move it here").click()
        await is_in_the_room(phone)
        await asyncio.gather(sees_and_hears(host), sees_and_hears(phone))

        await expect(laptop.locator("#next")).to_contain_text("The call goes on there")
        await until(laptop, ALL_CLOSED)
        assert "ended" == await laptop.evaluate("window.before.readyState"), "its microphone is given back"
        await laptop.context.set_offline(True)  # its network goes and comes: it takes nothing back by itself
        await laptop.context.set_offline(False)
        await laptop.reload()
        await expect(laptop.locator("#next")).to_contain_text("on another device", timeout=PATIENCE_MS)
        await asyncio.gather(sees_and_hears(host), sees_and_hears(phone))

        await laptop.get_by_role("button", name="Move it here").click()
        await is_in_the_room(laptop)
        await asyncio.gather(sees_and_hears(host), sees_and_hears(laptop))
        await expect(phone.locator("#next")).to_contain_text("The call goes on there")
        assert 1 == await host.evaluate("window.most"), "never two voices of one person"

        # A page without a seat hears nothing of the visit: it asks when somebody looks at it again.
        await host.get_by_role("button", name="End visit").click()
        await host.get_by_role("dialog").get_by_role("button", name="End visit").click()
        await expect(laptop.get_by_role("heading", name="is over")).to_be_visible(timeout=PATIENCE_MS)
        await phone.evaluate("window.dispatchEvent(new Event('focus'))")
        await expect(phone.get_by_role("heading", name="is over")).to_be_visible(timeout=PATIENCE_MS)


async def test_a_phone_call_silences_the_microphone_both_sides_see_why_and_it_comes_back(
    house: TestServer, db: Database, browser: Browser
) -> None:
    visit = await agree(db)
    async with AsyncExitStack() as open_now:
        here = await open_now.enter_async_context(at(address(house)))
        host, guest = await come(open_now, browser, here, visit, [visit.consultant, visit.patient])
        await asyncio.gather(sees_and_hears(host), sees_and_hears(guest))

        await guest.evaluate(THE_SYSTEM_TAKES_THE_MICROPHONE)
        await expect(host.locator("[data-tile] .tile-note")).to_contain_text("perhaps a phone call")
        await expect(guest.locator("[data-why]")).to_contain_text("perhaps a phone call")

        await until(guest, ANOTHER_MICROPHONE)
        await expect(guest.locator("[data-why]")).to_be_hidden()
        await expect(host.locator("[data-tile] .tile-note")).to_be_hidden()
        await asyncio.gather(sees_and_hears(host), sees_and_hears(guest))


async def test_another_microphone_is_heard_on_the_same_connection_and_one_that_is_pulled_out_is_replaced(
    house: TestServer, db: Database, browser: Browser
) -> None:
    visit = await agree(db)
    async with AsyncExitStack() as open_now:
        here = await open_now.enter_async_context(at(address(house)))
        host, guest = await come(open_now, browser, here, visit, [visit.consultant, visit.patient])
        await asyncio.gather(sees_and_hears(host), sees_and_hears(guest))

        await guest.evaluate(MICROPHONE)
        await guest.get_by_text("More", exact=True).click()
        choice = guest.locator('#stage select[data-device="audio"]')
        await choice.select_option(index=await choice.locator("option").count() - 1)
        await until(guest, ANOTHER_MICROPHONE)
        await is_heard(host)

        await guest.evaluate(MICROPHONE)
        await guest.evaluate(PULLED_OUT)
        await until(guest, ANOTHER_MICROPHONE)
        await is_heard(host)
        await sees_and_hears(host)
        assert await guest.evaluate("window.connections.length === window.had"), "the same connection"


async def test_where_nothing_is_kept_the_page_says_so_and_does_not_load_itself_for_ever(
    house: TestServer, db: Database, browser: Browser
) -> None:
    async def without_ticket(route: Route) -> None:
        page = await route.fetch()
        await route.fulfill(response=page, body=(await page.text()).replace('id="ticket"', 'id="no-ticket"'))

    visit = await agree(db)
    async with at(address(house)) as here, AsyncExitStack() as open_now:
        context = await browser.new_context()
        open_now.push_async_callback(context.close)
        await context.add_init_script(NOTHING_IS_KEPT)
        await context.route("**/j/*", without_ticket)
        await context.route("**/tickets", lambda route: route.fulfill(status=401, json={"status": 401}))
        page = await context.new_page()
        loads: list[Page] = []

        def loaded(one: Page) -> None:
            loads.append(one)

        page.on("domcontentloaded", loaded)
        await page.goto(await link(here, visit.patient, visit))
        await expect(page.locator("#next")).to_contain_text("keeps no cookies", timeout=PATIENCE_MS)

        assert 2 == len(loads)


async def is_heard(page: Page) -> None:
    """Wait until a new sound comes here: the fake microphones beep once a second."""
    before = (await received(page))["energy"]
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while (await received(page))["energy"] <= before:
            await asyncio.sleep(0.1)


async def test_what_is_pressed_while_the_line_to_the_server_is_away_is_done_once_it_is_back(
    house: TestServer, db: Database, browser: Browser
) -> None:
    visit = await agree(db)
    async with AsyncExitStack() as open_now:
        here = await open_now.enter_async_context(at(address(house)))
        host, guest = await come(open_now, browser, here, visit, [visit.consultant, visit.patient])
        await asyncio.gather(sees_and_hears(host), sees_and_hears(guest))

        await host.context.set_offline(True)
        await expect(host.locator("[data-lost]")).to_contain_text("Picture and sound go on", timeout=PATIENCE_MS)
        await host.get_by_role("button", name="People").click()
        await host.get_by_role("button", name="Back to the waiting room").click()
        await expect(host.locator("#toasts").get_by_text("This is done as soon as it is back")).to_be_visible()
        await host.context.set_offline(False)
        await expect(guest.locator("#next")).to_contain_text("back in the waiting room", timeout=PATIENCE_MS)
        await host.get_by_role("button", name="Close").first.click()
        await host.get_by_role("button", name=f"Admit {LENA}").first.click()
        await asyncio.gather(sees_and_hears(host), sees_and_hears(guest))

        await guest.context.set_offline(True)
        await expect(guest.locator("[data-lost]")).to_be_visible(timeout=PATIENCE_MS)
        await guest.get_by_role("button", name="Leave", exact=True).click()
        await guest.get_by_role("dialog").get_by_role("button", name="Leave").click()
        await expect(guest.locator("#next")).to_contain_text("You have left")
        await until(guest, ALL_CLOSED)
        await guest.context.set_offline(False)
        await expect(host.locator("[data-tile]")).to_have_count(0, timeout=PATIENCE_MS)
        await expect(guest.locator("#stage")).to_be_hidden()
