"""Calls through bad networks, in real browsers: UDP blocked, a cut of ten seconds, packets lost."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from telegut.app import build_app
from telegut.cli.bench_network import Network, NoNetwork, own_network
from telegut.cli.bench_turn import NoTurn, Running, turn_server
from telegut.db.engine import Database
from telegut.rooms.media.worker import Worker
from telegut.rooms.rehearsal.rules import Grade, Trouble, Verdict
from telegut.rooms.rehearsal.service import verdicts
from telegut.settings import Settings
from tests.conftest import _launched, chromium_path
from tests.pages.calls import (
    PATIENCE_MS,
    admits,
    by_forwarder,
    gets_ready,
    is_in_the_room,
    joint,
    link,
    received,
    sees_and_hears,
    somebody,
    until,
)
from tests.rooms.media.callers import media
from tests.rooms.visits import SYSTEM, Agreed, agree, at

pytestmark = [pytest.mark.browser, pytest.mark.long]

CHOSEN_PAIRS = """
(async () => {
  const found = [];
  for (const connection of window.connections) {
    if (connection.connectionState !== "connected") continue;
    const stats = new Map((await connection.getStats()).entries());
    for (const one of stats.values()) {
      if (one.type !== "transport" || !one.selectedCandidatePairId) continue;
      const local = stats.get(stats.get(one.selectedCandidatePairId).localCandidateId);
      found.push([local.candidateType, local.relayProtocol ?? local.protocol]);
    }
  }
  return JSON.stringify(found);
})()
"""
"""Of each connection the pair that is in use; statistics go on to name one that was nominated before it."""
SOUND = """
(async () => {
  const found = { samples: 0, concealed: 0 };
  for (const connection of window.connections) {
    if (connection.connectionState !== "connected") continue;
    for (const one of (await connection.getStats()).values()) {
      if (one.type !== "inbound-rtp" || one.kind !== "audio") continue;
      found.samples += one.totalSamplesReceived ?? 0;
      found.concealed += (one.concealedSamples ?? 0) - (one.silentConcealedSamples ?? 0);
    }
  }
  return JSON.stringify(found);
})()
"""
WATCH_PICTURES = """
(() => {
  const video = document.querySelector("#stage [data-tiles] .tile video");
  let last = performance.now();
  let longest = 0;
  const seen = () => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
    video.requestVideoFrameCallback(seen);
  };
  video.requestVideoFrameCallback(seen);
  window.longestFreeze = () => Math.max(longest, performance.now() - last) / 1000;
})()
"""


@pytest.fixture
def network(settings: Settings) -> Iterator[Network]:
    """A network of the test's own; on a machine that makes none the test is skipped, with the reason."""
    if "host=/" not in settings.database_url and "%2F" not in settings.database_url:
        pytest.skip("the database is reached over a network, which is another one inside a namespace")
    try:
        with own_network() as made:
            yield made
    except NoNetwork as exc:
        pytest.skip(str(exc))


@pytest.fixture
async def browser(network: Network) -> AsyncIterator[Browser]:
    """A browser inside that network."""
    async with _launched(chromium_path()) as made:
        yield made


@pytest.fixture
async def turn(network: Network, tmp_path: Path) -> AsyncIterator[Running]:
    """Our TURN server inside it."""
    try:
        async with turn_server(tmp_path) as running:
            yield running
    except NoTurn as exc:
        pytest.skip(str(exc))


@asynccontextmanager
async def house(
    settings: Settings, turn: Running | None = None, *, tcp: bool = False
) -> AsyncIterator[tuple[TestServer, Worker]]:
    """A server with a media process, by UDP alone or *tcp* too, and with *turn* a TURN server, inside the network."""
    told = replace(settings, media_public_host="127.0.0.1", media_tcp=tcp)
    if turn is not None:
        told = replace(told, turn_urls=turn.urls, turn_secret=turn.secret)
    async with media(told) as worker:
        server = TestServer(build_app(told), host="127.0.0.1")
        await server.start_server()
        try:
            yield server, worker
        finally:
            await server.close()


async def come(open_now: AsyncExitStack, server: TestServer, browser: Browser, visit: Agreed) -> list[Page]:
    """Everybody of *visit* comes; whoever waits is let in."""
    here = await open_now.enter_async_context(at(str(server.make_url("")).rstrip("/")))
    people = [visit.consultant, visit.patient, *visit.practitioners[1:]]
    pages = [await open_now.enter_async_context(somebody(browser, await link(here, who, visit))) for who in people]
    await gets_ready(pages[1])
    await admits(pages[0], "Lena Hartmann")
    await asyncio.gather(*(is_in_the_room(page) for page in pages))
    return pages


async def goes_by(page: Page, kind: str, protocol: str) -> None:
    """Wait until the one path in use begins, on this side, with a candidate of this kind and protocol."""
    found = None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_MS / 1000):
            while (found := json.loads(await page.evaluate(CHOSEN_PAIRS))) != [[kind, protocol]]:
                await asyncio.sleep(0.2)
    assert found == [[kind, protocol]]


async def test_where_udp_is_blocked_and_there_is_no_turn_server_nobody_is_seen(
    network: Network, settings: Settings, db: Database, browser: Browser, turn: Running
) -> None:
    """The control for the test below: without it, that one would prove nothing."""
    visit = await agree(db)
    async with AsyncExitStack() as open_now:
        server, _ = await open_now.enter_async_context(house(settings))
        network.block_udp(turn.relays)
        pages = await come(open_now, server, browser, visit)
        await until(pages[1], "window.connections.length > 1")  # neither directly nor by the forwarder
        for page in pages:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(12):
                    await sees_and_hears(page)
            assert (await received(page))["live"] == 0
        assert network.dropped() > 0


@pytest.mark.parametrize("persons", [2, 3])
async def test_where_udp_is_blocked_and_there_is_no_turn_server_the_forwarder_is_reached_by_tcp(
    network: Network, settings: Settings, db: Database, browser: Browser, persons: int
) -> None:
    """The test above is the control: it differs in the TCP candidate alone."""
    visit = await agree(db) if persons == 2 else await joint(db)
    async with AsyncExitStack() as open_now:
        server, worker = await open_now.enter_async_context(house(settings, tcp=True))
        network.rules("meta l4proto udp")
        pages = await come(open_now, server, browser, visit)
        await asyncio.gather(*(by_forwarder(page) for page in pages))
        await asyncio.gather(*(sees_and_hears(page) for page in pages))
        for page in pages:
            await goes_by(page, "prflx", "tcp")  # a browser that connects has a port that nobody knew before
        assert network.dropped() > 0
        used = {session.path.address for session in worker.forwarder.rooms[str(visit.id)].sessions.values()}
        assert used <= worker.port.streams.connections.keys()
        seen = await asyncio.gather(*(longest_freeze(page, seconds=10) for page in pages))
        print("by TCP: longest freeze, sound concealed:", seen, "dropped:", worker.port.dropped)
        await asyncio.gather(*(sees_and_hears(page) for page in pages))


@pytest.mark.parametrize("persons", [2, 3])
async def test_where_udp_is_blocked_the_call_goes_over_tcp_by_our_turn_server(
    network: Network, settings: Settings, db: Database, browser: Browser, turn: Running, persons: int
) -> None:
    visit = await agree(db) if persons == 2 else await joint(db)
    async with AsyncExitStack() as open_now:
        server, _ = await open_now.enter_async_context(house(settings, turn))
        network.block_udp(turn.relays)
        pages = await come(open_now, server, browser, visit)
        await asyncio.gather(*(sees_and_hears(page) for page in pages))
        for page in pages:
            await goes_by(page, "relay", "tcp")
        assert network.dropped() > 0


async def test_two_see_no_address_of_each_other_where_there_is_a_turn_server(
    network: Network, settings: Settings, db: Database, browser: Browser, turn: Running
) -> None:
    visit = await agree(db)
    async with AsyncExitStack() as open_now:
        server, _ = await open_now.enter_async_context(house(settings, turn))
        pages = await come(open_now, server, browser, visit)
        await asyncio.gather(*(sees_and_hears(page) for page in pages))
        for page in pages:
            await goes_by(page, "relay", "udp")
            told = await page.evaluate(
                """window.connections.map((one) => one.remoteDescription?.sdp ?? "")
                  .filter((sdp) => !sdp.includes("a=ice-lite")).flatMap((sdp) => sdp.match(/a=candidate.*/g) ?? [])"""
            )  # the forwarder's own address, which the check before the visit goes to, is nobody's secret
            assert [one for one in told if " typ relay " not in one] == []


@pytest.mark.parametrize("by_the_forwarder", [False, True], ids=["directly", "by the forwarder"])
async def test_after_ten_seconds_without_network_everybody_is_back_in_their_seat(
    network: Network, settings: Settings, db: Database, browser: Browser, by_the_forwarder: bool
) -> None:
    visit = await joint(db) if by_the_forwarder else await agree(db)
    async with AsyncExitStack() as open_now:
        server, _ = await open_now.enter_async_context(house(settings))
        pages = await come(open_now, server, browser, visit)
        await asyncio.gather(*(sees_and_hears(page) for page in pages))
        if by_the_forwarder:
            await asyncio.gather(*(by_forwarder(page) for page in pages))
            await asyncio.gather(*(sees_and_hears(page) for page in pages))
        network.cut()
        await asyncio.sleep(10)
        assert network.dropped() > 0
        network.rules()
        loop = asyncio.get_running_loop()
        back = loop.time()
        await asyncio.gather(*(sees_and_hears(page) for page in pages))
        print(f"back after {loop.time() - back:.2f} s")
        for page in pages:
            await is_in_the_room(page)
        await expect(pages[0].locator("#strip")).to_be_hidden()  # nobody waits to be let in again


@pytest.mark.parametrize("by_the_forwarder", [False, True], ids=["directly", "by the forwarder"])
async def test_five_in_a_hundred_packets_lost_freeze_nothing_for_two_seconds(
    network: Network, settings: Settings, db: Database, browser: Browser, by_the_forwarder: bool
) -> None:
    visit = await agree(db)
    async with AsyncExitStack() as open_now:
        server, _ = await open_now.enter_async_context(house(settings))
        pages = await come(open_now, server, browser, visit)
        await asyncio.gather(*(sees_and_hears(page) for page in pages))
        if by_the_forwarder:
            await pages[0].evaluate("window.sockets.at(-1).send(JSON.stringify({ type: 'direct' }))")
            await asyncio.gather(*(by_forwarder(page) for page in pages))
            await asyncio.gather(*(sees_and_hears(page) for page in pages))
        network.lose(5)
        seen = await asyncio.gather(*(longest_freeze(page, seconds=30) for page in pages))
        print("longest freeze, sound concealed:", seen)
        assert network.dropped() > 0
        for longest, _concealed in seen:
            assert longest < 2


async def longest_freeze(page: Page, *, seconds: int) -> tuple[float, float]:
    """The longest time between two pictures here, in s by the page's own clock; the part of the sound made up."""
    await page.evaluate(WATCH_PICTURES)
    before = json.loads(await page.evaluate(SOUND))
    await asyncio.sleep(seconds)
    after = json.loads(await page.evaluate(SOUND))
    concealed, samples = (after[key] - before[key] for key in ("concealed", "samples"))
    return float(await page.evaluate("window.longestFreeze()")), round(concealed / max(samples, 1), 4)


async def test_the_check_before_a_visit_says_what_a_network_blocks(
    network: Network, settings: Settings, db: Database, browser: Browser, turn: Running
) -> None:
    visit = await agree(db)
    async with AsyncExitStack() as open_now:
        server, _ = await open_now.enter_async_context(house(settings, turn))
        here = await open_now.enter_async_context(at(str(server.make_url("")).rstrip("/")))
        guest = await open_now.enter_async_context(somebody(browser, await link(here, visit.patient, visit)))
        words = guest.locator("[data-way-words]")
        await expect(words).to_contain_text("Your connection works", timeout=PATIENCE_MS)
        assert await kept(db, visit) == Verdict(Grade.READY, ())
        network.block_udp(turn.relays)
        await guest.reload()
        await expect(words).to_contain_text("blocks the direct way for video", timeout=PATIENCE_MS)
        assert await kept(db, visit) == Verdict(Grade.RISKY, (Trouble.TCP,))
        network.rules("udp sport != 53", f"tcp dport {turn.plain_port}")
        await guest.get_by_role("button", name="Test the connection again").click()
        await expect(words).to_contain_text("lets no video call through", timeout=PATIENCE_MS)
        assert await kept(db, visit) == Verdict(Grade.RISKY, (Trouble.NO_WAY,))


async def kept(db: Database, visit: Agreed) -> Verdict:
    """What the visit's practitioners are told of the patient's check."""
    async with db.begin(SYSTEM) as tx:
        return (await verdicts(tx, [visit.id]))[visit.id][visit.patient.id]
