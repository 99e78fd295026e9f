"""Sealed frames through the forwarder in Chromium, with nothing else around: they flow, and only with a key."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page

from telegut.rooms.media.forwarder import Forwarder
from telegut.rooms.media.port import Port
from telegut.rooms.media.session import Layout
from telegut.rooms.media.track import Kind
from tests.pages.calls import browser
from tests.rooms.visits import eventually

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.long]

STATIC = Path(__file__).parents[2] / "static"
PEOPLE = ("amara", "lena", "jonas")
START_CODE = bytes((0x9D, 0x01, 0x2A))
"""In the clear bytes of every VP8 key frame, from its fourth on (RFC 6386, section 9.1)."""
SIX_BYTES_OF_KEY_ID = 0xD0
"""The first bits of an SFrame header with a key id of six bytes (RFC 9605, section 4.3)."""


def bundled(entry: Path) -> str:
    """*entry* as browsers take it."""
    command = [str(STATIC / "node_modules/.bin/esbuild"), str(entry), "--bundle", "--format=esm", "--target=es2022"]
    return subprocess.run(command, capture_output=True, text=True, cwd=STATIC, check=True).stdout


@asynccontextmanager
async def pages() -> AsyncIterator[str]:
    """A server with the page, its script and the worker; its address."""
    scripts = {
        "/page.js": bundled(Path(__file__).parent / "sealed_frames.ts"),
        "/frame-worker.js": bundled(STATIC / "src/parts/frame-worker.ts"),
    }

    async def script(request: web.Request) -> web.Response:
        return web.Response(text=scripts[request.path], content_type="text/javascript")

    async def page(_: web.Request) -> web.Response:
        words = "<!doctype html><title>Frames</title><body><script type='module' src='/page.js'></script>"
        return web.Response(text=words, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    for path in scripts:
        app.router.add_get(path, script)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    yield str(server.make_url("/"))
    await server.close()


@asynccontextmanager
async def forwarding() -> AsyncIterator[Forwarder]:
    """A forwarder on a port of its own."""
    port = Port("127.0.0.1", 0)
    port.open()
    forwarder = Forwarder(port, [("127.0.0.1", port.number)], lambda room, seat, event: None)
    task = asyncio.create_task(forwarder.run())
    yield forwarder
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await forwarder.stop()
    port.close()


@asynccontextmanager
async def three(browser: Browser, forwarder: Forwarder, *, on: bool, deaf: str = "") -> AsyncIterator[Page]:
    """Three people in a room of *forwarder*, encrypted when *on*; *deaf* is never given a key."""

    async def join(seat: str, offer: str, sends: dict[str, Kind], shows: list[dict[Kind, str]]) -> str:
        return forwarder.join("room", seat, offer, Layout(sends, shows))

    async with pages() as address:
        context = await browser.new_context()
        page = await context.new_page()
        await page.expose_function("join", join)
        await page.goto(address)
        await eventually(lambda: page.evaluate("typeof window.enter === 'function'"), "the page is ready")
        for name in PEOPLE:
            await page.evaluate("([name, on, deaf]) => window.enter(name, on, deaf)", [name, on, deaf])
        yield page
        await context.close()


async def received(page: Page) -> dict[str, dict[str, int]]:
    """By person: packets of pictures that came, pictures that were decoded."""
    return dict(json.loads(await page.evaluate("window.received()")))


async def goes_on(page: Page, *names: str) -> None:
    """Wait until each of them has decoded ten pictures more."""
    before = await received(page)

    async def more() -> bool:
        now = await received(page)
        return all(now[name]["frames"] >= before[name]["frames"] + 10 for name in names)

    await eventually(more, "pictures are decoded")


def marks(forwarder: Forwarder) -> set[bytes]:
    """The seven bytes after the clear ones, of all key frames and sound that the forwarder holds."""
    found: set[bytes] = set()
    for session in forwarder.rooms["room"].sessions.values():
        for layer in (layer for track in session.tracks.values() for layer in track.layers.values()):
            kept = [one[3] for number in range(65536) if (one := layer.kept(number)) is not None]
            if layer.codec == "opus":
                found |= {payload[1:8] for payload in kept}
            else:
                starts = [(payload, payload.find(START_CODE, 0, 20)) for payload in kept]
                found |= {payload[at + 7 : at + 14] for payload, at in starts if at > 0}
    return found


async def test_sealed_frames_flow_and_the_forwarder_has_nothing_else(browser: Browser) -> None:
    async with forwarding() as forwarder, three(browser, forwarder, on=True) as page:
        await goes_on(page, *PEOPLE)
        found = marks(forwarder)
        assert all(mark[0] & 0xF0 == SIX_BYTES_OF_KEY_ID for mark in found)
        keys = {mark[1:] for mark in found}
        assert len(PEOPLE) <= len(keys) <= 3 * len(PEOPLE)  # a few each: not once the same by chance

        await page.evaluate("window.leave('jonas')")

        def another() -> bool:
            return len({mark[1:] for mark in marks(forwarder)} - keys) >= 2

        await eventually(another, "who stays has made another key")
        await goes_on(page, "amara", "lena")


async def test_without_a_key_packets_come_and_nothing_is_decoded(browser: Browser) -> None:
    async with forwarding() as forwarder, three(browser, forwarder, on=True, deaf="jonas") as page:
        await goes_on(page, "amara", "lena")

        async def packets_came() -> bool:
            return (await received(page))["jonas"]["packets"] > 20

        await eventually(packets_came, "packets come")
        assert 0 == (await received(page))["jonas"]["frames"]


async def test_what_is_not_encrypted_has_no_such_marks(browser: Browser) -> None:
    async with forwarding() as forwarder, three(browser, forwarder, on=False) as page:
        await goes_on(page, *PEOPLE)
        assert not all(mark[0] & 0xF0 == SIX_BYTES_OF_KEY_ID for mark in marks(forwarder))
