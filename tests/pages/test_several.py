"""Several people in one call, in real browsers: six of them, and pictures that nobody looks at."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from telegut.db.engine import Database
from telegut.settings import Settings
from tests import build
from tests.pages.calls import (
    PATIENCE_MS,
    SMALL,
    address,
    all_by_forwarder,
    browser,
    come,
    joint,
    sees_and_hears,
)
from tests.rooms.media.callers import media
from tests.rooms.visits import agree, at

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.long]

SIX_S: Final = 120.0
"""Six browsers with a camera each on two cores take their time; what is tried is that everybody comes to see all."""
STREAMS = """
(async () => {
  const found = { frames: [], video: 0, samples: 0 };
  for (const connection of window.connections) {
    if (connection.connectionState !== "connected") continue;
    for (const one of (await connection.getStats()).values()) {
      if (one.type !== "inbound-rtp") continue;
      if (one.kind === "video") { found.frames.push(one.framesDecoded ?? 0); found.video += one.packetsReceived ?? 0; }
      else found.samples += one.totalSamplesReceived ?? 0;
    }
  }
  return JSON.stringify(found);
})()
"""
LOOKED_AT = """
Object.defineProperty(document, "visibilityState", { configurable: true, value: "{state}" });
document.dispatchEvent(new Event("visibilitychange"));
null;
"""


@dataclass(frozen=True, slots=True)
class Streams:
    """What has come so far: frames of each picture, packets of all of them, samples of sound."""

    frames: list[int]
    video: int
    samples: int


async def streams(page: Page) -> Streams:
    """What has come to this person so far."""
    return Streams(**json.loads(await page.evaluate(STREAMS)))


async def sees(page: Page, others: int) -> None:
    """Wait until so many people's pictures move here."""
    async with asyncio.timeout(SIX_S):
        while True:
            before = await streams(page)
            await asyncio.sleep(2)
            now = await streams(page)
            if sum(new > old for old, new in zip(before.frames, now.frames, strict=False)) >= others:
                return


async def no_pictures_come(page: Page) -> None:
    """Wait until sound comes here and not one packet of a picture."""
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while True:
            before = await streams(page)
            await asyncio.sleep(1)
            now = await streams(page)
            if now.video == before.video and now.samples > before.samples:
                return


async def test_six_people_see_each_other(house: TestServer, beside: Settings, db: Database, browser: Browser) -> None:
    names = [("consultant", "Amara Okafor"), ("nutritionist", "Jonas Lindqvist"), ("consultant", "Mei Tanaka")]
    names += [("nutritionist", "Ravi Menon"), ("consultant", "Elif Demir")]
    team = [await build.person(db, role, name) for role, name in names]
    visit = await agree(db, None, *team)
    async with AsyncExitStack() as open_now:
        worker = await open_now.enter_async_context(media(beside))
        here = await open_now.enter_async_context(at(address(house)))
        pages = await come(open_now, browser, here, visit, [*team, visit.patient], before=SMALL)
        await asyncio.gather(*(sees(page, 5) for page in pages))
        for page in pages:
            await expect(page.locator("#stage [data-tile]")).to_have_count(5)
        room = worker.forwarder.rooms[str(visit.id)]
        assert {str(one.id) for one in (*team, visit.patient)} == set(room.sessions)


async def test_who_does_not_look_is_sent_no_pictures_and_sees_again_at_once(
    house: TestServer, beside: Settings, db: Database, browser: Browser
) -> None:
    visit = await joint(db)
    async with AsyncExitStack() as open_now:
        await open_now.enter_async_context(media(beside))
        here = await open_now.enter_async_context(at(address(house)))
        people = [visit.consultant, visit.patient, visit.practitioners[1]]
        pages = await come(open_now, browser, here, visit, people, before=SMALL)
        host, guest, second = pages
        await all_by_forwarder(pages)

        await guest.evaluate(LOOKED_AT.replace("{state}", "hidden"))
        await no_pictures_come(guest)
        await asyncio.gather(sees_and_hears(host), sees_and_hears(second))  # who looks sees, the hidden one too

        await guest.evaluate(LOOKED_AT.replace("{state}", "visible"))
        await asyncio.gather(*(sees_and_hears(page) for page in pages))
