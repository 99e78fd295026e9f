"""
Words for tests of a call in Chromium: people at their links, what they see, and what their connections carry.

The server is a fixture of conftest.py (`house`, told `beside`); a media process is `media` of rooms.media.callers.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from telegut.db.engine import Database
from tests import build
from tests.rooms.visits import Agreed, At, agree

PATIENCE_MS = 30_000
LENA, AMARA, JONAS = "Lena Hartmann", "Amara Okafor", "Jonas Lindqvist"
"""The patient and the consultant of `agree`; the nutritionist of `joint`."""

WATCH_CONNECTIONS = """
window.connections = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) { super(...given); window.connections.push(this); }
};
window.sockets = [];
window.WebSocket = class extends WebSocket {
  constructor(...given) { super(...given); if (String(given[0]).endsWith("/rooms")) window.sockets.push(this); }
};
window.received = async () => {
  const found = { frames: 0, samples: 0, energy: 0, packets: 0, live: 0 };
  for (const connection of window.connections) {
    if (connection.connectionState === "connected") {
      found.live += 1;
      const counted = (connection.counted = { frames: 0, samples: 0, energy: 0, packets: 0 });
      for (const one of (await connection.getStats()).values()) {
        if (one.type !== "inbound-rtp") continue;
        counted.packets += one.packetsReceived ?? 0;
        if (one.kind === "video") counted.frames += one.framesDecoded ?? 0;
        if (one.kind === "audio") counted.samples += one.totalSamplesReceived ?? 0;
        if (one.kind === "audio") counted.energy += one.totalAudioEnergy ?? 0;
      }
    }
    for (const [name, number] of Object.entries(connection.counted ?? {})) found[name] += number;
  }
  return JSON.stringify(found);
};
"""
"""Run before the page's own script, so that a test sees the connections that the page makes."""

BY_FORWARDER = """
window.connections.filter((one) => one.connectionState === "connected").length === 1 &&
window.connections.every((one) => one.signalingState === "closed" || one.getTransceivers().length > 5)
"""
"""One connection, and that to the forwarder: one from browser to browser has three lines, sound, camera and screen."""
STATES = "window.connections.map((one) => `${one.connectionState} ${one.getTransceivers().length}`).join(', ')"
NO_DIRECT_WAY = """
const Plain = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Plain {
  addIceCandidate() { return Promise.resolve(); }
  set onicecandidate(ignored) { }
  setRemoteDescription({ type, sdp }) {
    const lost = sdp.includes("a=ice-lite") ? sdp : sdp.replace(/^a=candidate:.*\\r\\n/gm, "");
    return super.setRemoteDescription({ type, sdp: lost });
  }
};
null;
"""
"""Candidates get lost on the way: browsers never find each other, but the forwarder's answer names its address."""
SMALL = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = (wanted) =>
  ask({ ...wanted, video: wanted.video ? { width: 320, height: 240, frameRate: 5 } : false });
"""
"""Small pictures: what is tried here is what happens to a frame, not how many a machine can carry."""
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def browser(browser_with_camera: Browser) -> Browser:
    """Calls need a camera: a module of them takes this in place of the `browser` of all others."""
    return browser_with_camera


def address(house: TestServer) -> str:
    """Where a server is."""
    return str(house.make_url("")).rstrip("/")


async def joint(db: Database) -> Agreed:
    """A visit of a patient with two practitioners, which goes by the forwarder."""
    consultant = await build.person(db, "consultant", AMARA)
    return await agree(db, None, consultant, await build.person(db, "nutritionist", JONAS))


@asynccontextmanager
async def somebody(
    browser: Browser, url: str, *, size: dict[str, int] = DESK, devices: bool = True, before: str = ""
) -> AsyncIterator[Page]:
    """A person at *url* in a browser of their own; without *devices* it allows neither. before: runs in each page."""
    context = await browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        permissions=["camera", "microphone"] if devices else [],
    )
    await context.add_init_script(WATCH_CONNECTIONS + before)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    await page.goto(url)
    try:
        yield page
        assert problems == []
    finally:
        await context.close()


async def link(here: At, who: Any, visit: Any) -> str:
    """Somebody's personal link, as an address."""
    async with here.session.get(f"{here.url}/api/v1/visits/{visit.id}/link", headers=who.bearer) as answer:
        return here.url + str((await answer.json())["url"])


async def received(page: Page) -> dict[str, float]:
    """What this person has received so far, by connections of before too; *live*: how many stand now."""
    return dict(json.loads(await page.evaluate("window.received()")))


async def sees_and_hears(page: Page, connections: int = 1) -> None:
    """Wait until pictures are decoded and sound arrives, on so many connections, and both go on arriving."""
    before = now = await received(page)
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_MS / 1000):
            while True:
                now = await received(page)
                flowing = now["frames"] > before["frames"] and now["samples"] > before["samples"] and now["energy"] > 0
                if flowing and now["live"] == connections:
                    return
                await asyncio.sleep(0.1)
    states = await page.evaluate(STATES)
    raise AssertionError(f"received {before}, then {now}; of {connections} wanted there are {states}")


async def by_forwarder(page: Page) -> None:
    """Wait until this page's only connection is the one to the forwarder."""
    await until(page, BY_FORWARDER)


async def all_by_forwarder(pages: Sequence[Page]) -> None:
    """Wait until everybody is connected by the forwarder alone, and sees and hears others."""
    await asyncio.gather(*(by_forwarder(page) for page in pages))
    await asyncio.gather(*(sees_and_hears(page) for page in pages))


async def until(page: Page, expression: str) -> None:
    """Wait until *expression* is true in the page. (Playwright's own way needs `eval`, which our policy forbids.)"""
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while not await page.evaluate(expression):
            await asyncio.sleep(0.1)


async def is_in_the_room(page: Page) -> None:
    """Wait for the room itself."""
    await expect(page.locator("#stage")).to_be_visible(timeout=PATIENCE_MS)


async def is_kind_to_everybody(page: Page) -> None:
    """Light and dark: nothing for axe, nothing that sticks out sideways."""
    for scheme in ("dark", "light"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = await Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


async def gets_ready(page: Page) -> None:
    """Check, then ask to come in."""
    await page.get_by_role("button", name="I'm ready").click()


async def admits(page: Page, name: str) -> None:
    """Let somebody in who waits."""
    await page.get_by_role("button", name=f"Admit {name}").click()


async def meet(host: Page, guest: Page, name: str = LENA) -> None:
    """The host is inside; the guest, called *name*, knocks and is let in."""
    await is_in_the_room(host)
    await gets_ready(guest)
    await admits(host, name)
    await is_in_the_room(guest)


async def come(
    open_now: AsyncExitStack, browser: Browser, here: At, visit: Agreed, people: Sequence[Any], *, before: str = ""
) -> list[Page]:
    """All these people at their links; the patient, if among them, knocks and the first one lets them in."""
    pages = [
        await open_now.enter_async_context(somebody(browser, await link(here, one, visit), before=before))
        for one in people
    ]
    for page, one in zip(pages, people, strict=True):
        if one.id == visit.patient.id:
            await gets_ready(page)
            await admits(pages[0], LENA)
    await asyncio.gather(*(is_in_the_room(page) for page in pages))
    return pages
