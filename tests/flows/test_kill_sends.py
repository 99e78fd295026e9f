"""A real server is killed while people write: what was acknowledged is there once, in order; nothing is twice."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from telegut.db.embedded import running_url
from tests.cli.running import Server, serving
from tests.flows.servers import Servers, clinic, data_folder, postgres, servers
from tests.flows.writing import Reader, check, following, write_through

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes under /proc")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder whose root key the tests know."""
    return data_folder(tmp_path / "data")


async def _embedded(data: Path) -> str:
    url = await running_url(data / "postgres")
    assert url is not None
    return url


@pytest.mark.long
async def test_a_web_process_that_is_killed_loses_and_doubles_no_message(data: Path) -> None:
    async with serving(data) as server:
        here = await clinic(await _embedded(data), lambda: server.url, 2)
        senders = here.senders(150)
        readers = [Reader(one, here.places) for one in here.readers]

        async def kill() -> None:
            web = server.child("telegut web")
            os.kill(web, signal.SIGKILL)
            await server.new_child("telegut web", instead_of=web)

        async with following(lambda: server.url, readers):
            await write_through(lambda _: lambda: server.url, senders, 3, kill)
            logs = await check(server.url, senders)
            for reader in readers:
                await reader.has(logs)


@pytest.mark.long
async def test_a_server_that_is_killed_whole_with_its_database_loses_and_doubles_nothing(data: Path) -> None:
    running: list[Server] = []

    async with AsyncExitStack() as stack:

        async def start() -> None:
            running.append(await stack.enter_async_context(serving(data)))

        async def kill() -> None:
            await running[-1].stop(signal.SIGKILL)
            await start()

        await start()
        here = await clinic(await _embedded(data), lambda: running[-1].url, 10)
        senders = here.senders(100)
        await write_through(lambda _: lambda: running[-1].url, senders, 5, kill)
        await check(running[-1].url, senders)


async def _fire(
    folder: Path, *, count: int, kills: int, alive: int, strike: Callable[[Servers], Awaitable[None]]
) -> None:
    """Twenty people write *count* messages each in twenty places while servers die; two read it all."""
    async with postgres(folder) as url, servers(folder, url, alive) as running:
        here = await clinic(url, running.at(0), 20)
        senders = here.senders(count)
        readers = [Reader(who, here.places) for who in here.readers]

        async def one_blow() -> None:
            await strike(running)

        async with following(running.anywhere(0), readers[:1]), following(running.anywhere(1), readers[1:]):
            await write_through(running.anywhere, senders, kills, one_blow)
            logs = await check(running.at(0), senders)
            for reader in readers:
                await reader.has(logs)
        assert 20 * count == sum(one["type"] == "message.sent" for log in logs.values() for one in log)


@pytest.mark.long
async def test_ten_thousand_sends_survive_a_hundred_kills_of_the_server(tmp_path: Path) -> None:
    await _fire(tmp_path, count=500, kills=100, alive=1, strike=lambda running: running.kill_and_start(0))


@pytest.mark.long
async def test_ten_thousand_sends_survive_the_deaths_of_one_of_two_servers(tmp_path: Path) -> None:
    await _fire(tmp_path, count=500, kills=10, alive=2, strike=lambda running: running.kill_and_start(1))
