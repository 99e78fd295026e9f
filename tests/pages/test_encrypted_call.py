"""A visit encrypted end to end, in real browsers: frames flow, and open neither on the way nor without a key."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from telegut.db.engine import Database
from telegut.rooms.media.worker import Worker
from telegut.settings import Settings
from tests.pages.calls import (
    LENA,
    SMALL,
    address,
    admits,
    all_by_forwarder,
    browser,
    by_forwarder,
    gets_ready,
    is_in_the_room,
    joint,
    link,
    received,
    sees_and_hears,
    somebody,
)
from tests.rooms.media.callers import media
from tests.rooms.visits import Agreed, at, eventually

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.long]

NO_KEYS = """
const tell = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (told) { if (!told.take) tell.call(this, told); };
null;
"""
"""Somebody whose browser is never given the others' keys."""
START_CODE = bytes((0x9D, 0x01, 0x2A))
"""In the clear bytes of every VP8 key frame, from its fourth on (RFC 6386, section 9.1)."""
SIX_BYTES_OF_KEY_ID = 0xD0
"""The first bits of an SFrame header with a key id of six bytes (RFC 9605, section 4.3)."""


async def opens_menu(page: Page) -> None:
    """Look at who can see and hear this person."""
    if await page.locator("[data-privacy]").get_attribute("open") is None:
        await page.locator("[data-privacy] > summary").click()


async def encrypts(host: Page, *, on: bool) -> None:
    """The host switches it in the visit."""
    await opens_menu(host)
    switch = host.locator("[data-privacy] [data-encrypt]")
    await switch.click()
    await expect(switch).to_be_checked(checked=on)
    await expect(switch).to_be_enabled()


async def said_words(page: Page) -> str:
    """The three words that this person sees."""
    await opens_menu(page)
    words = page.locator("[data-said-words]")
    await expect(words).to_have_count(1)
    return await words.inner_text()


def senders_marks(worker: Worker, visit: Agreed) -> dict[str, set[bytes]]:
    """By sender, the seven bytes where SFrame headers begin, in all the packets that the forwarder has kept."""
    found: dict[str, set[bytes]] = {}
    room = worker.forwarder.rooms[str(visit.id)]  # the checks before it have rooms of their own
    for seat, session in room.sessions.items():
        marks = found.setdefault(seat, set())
        for layer in (layer for track in session.tracks.values() for layer in track.layers.values()):
            kept = [one[3] for number in range(65536) if (one := layer.kept(number)) is not None]
            if layer.codec == "opus":
                marks |= {payload[1:8] for payload in kept}
            else:
                starts = [(payload, payload.find(START_CODE, 0, 20)) for payload in kept]
                marks |= {payload[at + 7 : at + 14] for payload, at in starts if at > 0}
    return found


async def three(
    open_now: AsyncExitStack, house: TestServer, browser: Browser, visit: Agreed, *, third: str = ""
) -> list[Page]:
    """A consultant and a patient who talk, then a second practitioner; *third*: run in the third page before."""
    here = await open_now.enter_async_context(at(address(house)))
    host = await open_now.enter_async_context(
        somebody(browser, await link(here, visit.consultant, visit), before=SMALL)
    )
    guest = await open_now.enter_async_context(somebody(browser, await link(here, visit.patient, visit), before=SMALL))
    await gets_ready(guest)
    await admits(host, LENA)
    await asyncio.gather(*(is_in_the_room(page) for page in (host, guest)))
    assert await said_words(host) == await said_words(guest)

    page = await open_now.enter_async_context(
        somebody(browser, await link(here, visit.practitioners[1], visit), before=SMALL + third)
    )
    await is_in_the_room(page)
    return [host, guest, page]


async def test_sealed_frames_flow_and_the_forwarder_cannot_open_them(
    house: TestServer, beside: Settings, db: Database, browser: Browser
) -> None:
    visit = await joint(db)
    async with AsyncExitStack() as open_now:
        worker = await open_now.enter_async_context(media(beside))
        pages = await three(open_now, house, browser, visit)
        host, guest, second = pages
        await all_by_forwarder(pages)
        plain = senders_marks(worker, visit)
        assert all(len(marks) > 1 for marks in plain.values())  # as sound and pictures are: never the same bytes

        await encrypts(host, on=True)
        await expect(guest.locator("[data-privacy-label]")).to_have_text("End to end encrypted")
        await all_by_forwarder(pages)

        async def only_sealed() -> bool:
            marks = senders_marks(worker, visit)
            return len(marks) == 3 and all(_sealed_under_few(found) for found in marks.values())

        await eventually(only_sealed, "all that the forwarder has is sealed, each sender's under a key of theirs")
        before = set().union(*senders_marks(worker, visit).values())
        await second.reload()
        await is_in_the_room(second)
        await all_by_forwarder(pages)

        async def other_keys() -> bool:
            return all(found - before for found in senders_marks(worker, visit).values())

        await eventually(other_keys, "everybody has made another key")
        await second.get_by_role("button", name="Leave").first.click()
        await second.get_by_role("dialog").get_by_role("button", name="Leave").click()
        await asyncio.gather(sees_and_hears(host), sees_and_hears(guest))

        await encrypts(host, on=False)
        await expect(guest.locator("[data-privacy-label]")).to_have_text("Encrypted on the way")
        await asyncio.gather(sees_and_hears(host), sees_and_hears(guest))


async def test_whoever_has_no_key_decodes_nothing(
    house: TestServer, beside: Settings, db: Database, browser: Browser
) -> None:
    visit = await joint(db)
    async with AsyncExitStack() as open_now:
        await open_now.enter_async_context(media(beside))
        host, guest, without = await three(open_now, house, browser, visit, third=NO_KEYS)
        await encrypts(host, on=True)
        for page in (guest, without):  # what came before they heard of it was for everybody to see
            await expect(page.locator("[data-privacy-label]")).to_have_text("End to end encrypted")
        await asyncio.gather(*(by_forwarder(page) for page in (host, guest, without)))
        await asyncio.gather(sees_and_hears(host), sees_and_hears(guest))

        arrived = (await received(without))["packets"]
        await eventually(lambda: _more_packets(without, arrived + 200), "packets reach whoever has no key")
        assert 0 == (await received(without))["frames"]
        assert 0 == (await received(without))["energy"]
        await asyncio.gather(sees_and_hears(host), sees_and_hears(guest))


def _sealed_under_few(marks: set[bytes]) -> bool:
    """Whether all are SFrame headers, and of the same few keys."""
    return 0 < len({mark[1:] for mark in marks}) <= 3 and all(mark[0] & 0xF0 == SIX_BYTES_OF_KEY_ID for mark in marks)


async def _more_packets(page: Page, than: float) -> bool:
    return (await received(page))["packets"] > than
