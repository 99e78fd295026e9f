"""A seat that survives, in real browsers: another device, a phone call."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect

from telegut.db.engine import Database
from tests.pages.calls import (
    PATIENCE_MS,
    PHONE,
    address,
    browser,
    come,
    is_in_the_room,
    link,
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

        mine = await link(here, visit.patient, visit)
        phone = await open_now.enter_async_context(somebody(browser, mine, size=PHONE))
        await phone.get_by_role("button", name="Move it here").click()
        await is_in_the_room(phone)
        await asyncio.gather(sees_and_hears(host), sees_and_hears(phone))

        await expect(laptop.locator("#next")).to_contain_text("The call goes on there")
        await until(laptop, ALL_CLOSED)
        await laptop.context.set_offline(True)  # its network goes and comes: it takes nothing back by itself
        await laptop.context.set_offline(False)
        await laptop.reload()
        await expect(laptop.locator("#next")).to_contain_text("on another device", timeout=PATIENCE_MS)
        await asyncio.gather(sees_and_hears(host), sees_and_hears(phone))

        await laptop.get_by_role("button", name="Move it here").click()
        await is_in_the_room(laptop)
        await asyncio.gather(sees_and_hears(host), sees_and_hears(laptop))
        await expect(phone.locator("#next")).to_contain_text("The call goes on there")


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
