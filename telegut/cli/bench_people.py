"""People in a visit, for benches of calls: Chromium without a window, and two who see each other."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from telegut.cli.bench_clinic import Clinic, clinic
from telegut.cli.bench_network import NoNetwork, own_network
from telegut.cli.bench_turn import NoTurn, Running, turn_server
from telegut.cli.exits import CommandFailed, Exit

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome")
FLAGS: Final = (
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
)
WITHIN_S: Final = 60.0
POLL_S: Final = 0.02

FIRST_PICTURE: Final = """
window.connections = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) { super(...given); window.connections.push(this); }
};
window.firstPicture = null;
const look = () => {
  const video = document.querySelector("#stage [data-tiles] .tile video");
  if (video) video.requestVideoFrameCallback(() => { window.firstPicture = performance.now(); });
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
"""Runs before the page's own script: when the first remote picture was shown, in ms since the link was opened."""
PICTURES: Final = """
(async () => {
  let frames = 0;
  for (const connection of window.connections) {
    if (connection.signalingState !== "closed") {
      let now = 0;
      for (const one of (await connection.getStats()).values())
        if (one.type === "inbound-rtp" && one.kind === "video") now += one.framesDecoded ?? 0;
      connection.frames = Math.max(connection.frames ?? 0, now);
    }
    frames += connection.frames ?? 0;
  }
  return frames;
})()
"""
"""Frames decoded so far, by connections that have ended since too: a new one begins at none."""
BY_FORWARDER: Final = """
window.connections.some((one) => one.connectionState === "connected" && one.getTransceivers().length > 4)
&& window.connections.filter((one) => one.connectionState === "connected").length === 1
"""


class Pair:
    """A practitioner and a patient in a call, each in a browser of their own. links: their addresses, host first."""

    def __init__(self, place: Clinic, host: Page, guest: Page, links: tuple[str, str]) -> None:
        self.place = place
        self.host = host
        self.guest = guest
        self.links = links

    @property
    def both(self) -> tuple[Page, Page]:
        """Host and guest."""
        return self.host, self.guest

    async def see(self) -> None:
        """Until both decode new pictures."""
        before = [await page.evaluate(PICTURES) for page in self.both]
        for page, count in zip(self.both, before, strict=True):
            await until(lambda page=page, count=count: _more(page, count), "pictures come")  # type: ignore[misc]

    async def go_by_forwarder(self) -> None:
        """Have the call go by the forwarder from now on."""
        await self.host.evaluate("window.telegutSocket.send(JSON.stringify({ type: 'direct' }))")
        for page in self.both:
            await until(lambda page=page: page.evaluate(BY_FORWARDER), "the forwarder carries it")  # type: ignore[misc]
        await self.see()


async def _more(page: Page, count: int) -> bool:
    return int(await page.evaluate(PICTURES)) > count


async def until(holds: Callable[[], Awaitable[Any]], what: str) -> Any:
    """
    Ask again and again; the answer once there is one.

    Raises:
        CommandFailed: there is none for a minute.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(WITHIN_S):
            while True:
                if found := await holds():
                    return found
                await asyncio.sleep(POLL_S)
    raise CommandFailed(Exit.FAILED, f"it does not come about that {what}.")


@contextlib.contextmanager
def said_plainly() -> Any:
    """What this machine lacks is one line, not a traceback."""
    try:
        yield
    except (NoNetwork, NoTurn) as exc:
        raise CommandFailed(Exit.FAILED, str(exc)) from exc


@contextlib.asynccontextmanager
async def two_in_a_call(browser: Browser, turn: Running | None = None) -> AsyncIterator[Pair]:
    """A server of its own with two people who see each other; with *turn* calls go through that server."""
    settings = {"TELEGUT_MEDIA_PUBLIC_HOST": "127.0.0.1"}
    if turn is not None:
        settings |= {"TELEGUT_TURN_URLS": ",".join(turn.urls), "TELEGUT_TURN_SECRET": turn.secret}
    async with clinic(**settings) as place, contextlib.AsyncExitStack() as held:
        meeting = next(one for one in place.facts["appointments"] if is_now(one) and len(one["practitioners"]) == 1)
        urls = {one["account"]: f"http://{place.host}:{place.port}{_path(one['url'])}" for one in meeting["links"]}
        links = (urls[meeting["practitioners"][0]], urls[meeting["patient"]])
        pages = [await _page(held, browser) for _ in links]
        pair = Pair(place, pages[0], pages[1], links)
        for page, link in zip(pages, links, strict=True):
            await page.goto(link)
        await pair.guest.get_by_role("button", name="I'm ready").click()
        await pair.host.locator("#strip button", has_text="Admit").first.click()
        await pair.see()
        yield pair


async def _page(held: contextlib.AsyncExitStack, browser: Browser) -> Page:
    context = await browser.new_context(permissions=["camera", "microphone"], service_workers="block")
    held.push_async_callback(context.close)
    await context.add_init_script(FIRST_PICTURE)
    await context.add_init_script(_WATCH_SOCKET)
    page = await context.new_page()
    page.set_default_timeout(WITHIN_S * 1000)
    return page


@contextlib.asynccontextmanager
async def another_page(beside: Page) -> AsyncIterator[Page]:
    """A page of a browser that has been nowhere yet, beside another one of the same program."""
    assert beside.context.browser is not None
    async with contextlib.AsyncExitStack() as held:
        yield await _page(held, beside.context.browser)


_WATCH_SOCKET: Final = """
window.WebSocket = class extends WebSocket {
  constructor(...given) { super(...given); if (String(given[0]).endsWith("/rooms")) window.telegutSocket = this; }
};
"""


def is_now(meeting: Any) -> bool:
    """Whether a visit (JSON of the demonstration) begins within a quarter of an hour of now."""
    start = datetime.fromisoformat(meeting["start"])
    return abs(start - datetime.now(UTC)) < timedelta(minutes=15)


def _path(url: str) -> str:
    return url if url.startswith("/") else "/" + url.split("/", 3)[3]


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """
    A browser with a camera and a microphone that need no hardware.

    Raises:
        CommandFailed: there is none here, or nothing to drive it.
    """
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        raise CommandFailed(Exit.FAILED, "no Chromium on this machine: install the package chromium.")
    try:
        from playwright.async_api import async_playwright
    except ImportError as exc:
        raise CommandFailed(
            Exit.FAILED, "nothing drives a browser here: ./run setup --all installs playwright."
        ) from exc
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, headless=True, args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


@contextlib.asynccontextmanager
async def relaying() -> AsyncIterator[Running]:
    """Our TURN server on a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="telegut-turn-") as folder:
        async with turn_server(Path(folder)) as running:
            yield running


def seconds() -> float:
    """A clock that only goes forward."""
    return time.perf_counter()


__all__ = [
    "Pair",
    "another_page",
    "chromium",
    "own_network",
    "relaying",
    "said_plainly",
    "seconds",
    "two_in_a_call",
    "until",
]
