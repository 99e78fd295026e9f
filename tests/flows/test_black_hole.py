"""The database is connected and silent: senders wait or are told to, nothing is lost or twice, all goes on after."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from telegut.app import build_app
from telegut.settings import Settings
from tests.flows.proxy import Proxy, proxy
from tests.flows.servers import Clinic, clinic, postgres, servers
from tests.flows.writing import Address, Reader, Sender, check, following, write_through

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="PostgreSQL is on a Unix socket")

KINDS = ["held up", "cut off without a word"]
Hole = Callable[[], Awaitable[None]]


async def _through(hole: Hole, here: Clinic, senders: list[Sender], address: Address) -> None:
    """Everybody writes and the readers read; in the middle of it the database is not to be reached."""
    readers = [Reader(who, here.places) for who in here.readers]
    async with following(address, readers):
        await write_through(lambda _: address, senders, 1, hole)
        logs = await check(address, senders)
        for reader in readers:
            await reader.has(logs)


def _hole(way: Proxy, seconds: float, *, forget: bool) -> Hole:
    async def hole() -> None:
        way.swallow()
        if forget:
            way.forget()
        await asyncio.sleep(seconds)
        way.release()

    return hole


@pytest.mark.long
@pytest.mark.parametrize("forget", [False, True], ids=KINDS)
async def test_a_silent_database_costs_no_message(forget: bool, settings: Settings, database_url: str) -> None:
    async with proxy(database_url) as way:
        beyond = replace(settings, database_url=way.url, message_retry_s=1.0)
        server = TestServer(build_app(beyond), host="127.0.0.1")
        await server.start_server()
        url = str(server.make_url("")).rstrip("/")
        try:
            here = await clinic(database_url, lambda: url, 2)
            senders = here.senders(60)
            await _through(_hole(way, 3.0, forget=forget), here, senders, lambda: url)
        finally:
            await server.close()  # whether somebody was refused in three seconds depends on where they stood


@pytest.mark.long
@pytest.mark.parametrize("forget", [False, True], ids=KINDS)
async def test_a_minute_without_the_database_costs_no_message(forget: bool, tmp_path: Path) -> None:
    async with postgres(tmp_path) as url, proxy(url) as way, servers(tmp_path, way.url) as running:
        here = await clinic(url, running.at(0), 20)
        senders = here.senders(500)  # 20 of them: 10,000 messages
        await _through(_hole(way, 60.0, forget=forget), here, senders, running.at(0))

    assert all(sender.refused for sender in senders)
