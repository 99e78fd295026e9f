"""What a line carries, in real browsers: it falls to a voice and to writing and climbs back, and a lost one is said."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Browser, Page, expect

from telegut.cli.bench_network import Network
from telegut.db.engine import Database
from telegut.settings import Settings
from tests.pages.calls import LENA, all_by_forwarder, joint, sees_and_hears, until
from tests.pages.test_networks import browser, come, house, network
from tests.rooms.visits import agree

__all__ = ["browser", "network"]
pytestmark = [pytest.mark.browser, pytest.mark.long]

STEPS_MS = 90_000
"""A rung is left after 4, 8 and 12 s of a line that is strained, or clear, without a break (call/ladder.ts)."""
LOST_IN_100 = 55
"""More than even a voice with its repeats bears (call/quality.ts)."""
PORTS = """
(async () => {
  const found = [];
  for (const connection of window.connections) {
    if (connection.connectionState !== "connected") continue;
    const stats = new Map((await connection.getStats()).entries());
    for (const one of stats.values()) {
      if (one.type !== "candidate-pair" || !one.nominated || one.state !== "succeeded") continue;
      found.push(stats.get(one.localCandidateId).port);
    }
  }
  return JSON.stringify(found);
})()
"""
WATCH_FOR_LOST = """
(() => {
  const tile = document.querySelector('[data-tile="{account}"]');
  const look = () => {
    if (tile.dataset.up !== "lost" || window.lostAt) return;
    window.lostAt = performance.timeOrigin + performance.now();
    window.lostWords = tile.innerText;
  };
  new MutationObserver(look).observe(tile, { attributes: true, attributeFilter: ["data-up"] });
})()
"""


async def port_of(page: Page) -> int:
    """By which port of this machine this person's one connection goes."""
    (found,) = json.loads(await page.evaluate(PORTS))
    return int(found)


def weaken(network: Network, port: int) -> None:
    """Much of the sound and the pictures sent from *port* is lost; what keeps a connection together passes."""
    media = "@th,64,2 2 @th,72,8 != 200-207"  # RTP's version, and none of RTCP's types (RFC 3550, RFC 5761)
    network.rules(f"udp sport {port} {media} numgen random mod 100 < {LOST_IN_100}")


async def test_a_weak_line_falls_to_a_voice_and_to_writing_and_climbs_back_and_both_sides_see_why(
    network: Network, settings: Settings, db: Database, browser: Browser
) -> None:
    visit = await agree(db)
    async with AsyncExitStack() as open_now:
        server, _ = await open_now.enter_async_context(house(settings))
        host, guest = await come(open_now, server, browser, visit)
        await asyncio.gather(sees_and_hears(host), sees_and_hears(guest))
        mine, theirs = guest.locator("[data-why]"), host.locator("[data-tile] .tile-note")
        stage = guest.locator("#stage")

        weaken(network, await port_of(guest))
        await expect(mine).to_contain_text("the others see a smaller picture", timeout=STEPS_MS)
        await expect(mine).to_contain_text("only your voice goes out", timeout=STEPS_MS)
        await expect(theirs).to_contain_text(f"{LENA}'s line is weak: only the voice comes", timeout=STEPS_MS)
        await expect(mine).to_contain_text("You can write to each other", timeout=STEPS_MS)
        await expect(theirs).to_contain_text("too weak for the voice. You can write to each other", timeout=STEPS_MS)
        await expect(guest.get_by_role("tab", name="Chat")).to_have_attribute("aria-selected", "true")
        assert network.dropped() > 0

        network.rules()
        await expect(stage).to_have_attribute("data-rung", "audio", timeout=STEPS_MS)
        await expect(theirs).to_contain_text("only the voice comes", timeout=STEPS_MS)
        await expect(stage).to_have_attribute("data-rung", "low", timeout=STEPS_MS)
        await expect(stage).to_have_attribute("data-rung", "video", timeout=STEPS_MS)
        await expect(mine).to_be_hidden()
        await expect(theirs).to_be_hidden()
        await asyncio.gather(sees_and_hears(host), sees_and_hears(guest))


@pytest.mark.parametrize("by_the_forwarder", [False, True], ids=["directly", "by the forwarder"])
async def test_somebody_whose_network_is_cut_is_said_to_be_lost(
    network: Network, settings: Settings, db: Database, browser: Browser, by_the_forwarder: bool
) -> None:
    visit = await joint(db) if by_the_forwarder else await agree(db)
    async with AsyncExitStack() as open_now:
        server, _ = await open_now.enter_async_context(house(settings))
        pages = await come(open_now, server, browser, visit)
        host, guest, *others = pages
        await asyncio.gather(*(sees_and_hears(page) for page in pages))
        if by_the_forwarder:
            await all_by_forwarder(pages)
        for page in (host, *others):
            await page.evaluate(WATCH_FOR_LOST.replace("{account}", str(visit.patient.id)))
        port = await port_of(guest)
        network.rules(f"udp sport {port}", f"udp dport {port}")
        cut = time.time()
        for page in (host, *others):
            await until(page, "window.lostAt !== undefined")
            print(f"said to be lost after {await page.evaluate('window.lostAt') / 1000 - cut:.2f} s (goal: 3 s)")
            assert f"We do not hear {LENA} right now" in await page.evaluate("window.lostWords")
        assert network.dropped() > 0

        network.rules()
        await asyncio.gather(*(sees_and_hears(page) for page in pages))
        await expect(host.locator("#strip")).to_be_hidden()  # nobody waits to be let in again
