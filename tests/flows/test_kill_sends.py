"""A real server is killed while people write: what was acknowledged is there once, in order; nothing is twice."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from telegut.db.embedded import running_url
from telegut.db.engine import Database
from tests import build
from tests.build import Account
from tests.cli.running import DEADLINE_S, Server, serving

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes under /proc")

WINDOW = 16
"""Sends that one socket has under way."""
PAUSE_S = 0.1


@dataclass
class Sender:
    """One person who says 0, 1, 2 … and repeats what was not answered, under the same ``client_id``."""

    who: Account
    conversation: str
    name: str
    count: int
    acknowledged: dict[str, int] = field(default_factory=dict)

    def said(self, n: int) -> dict[str, str]:
        """Message *n*."""
        return {"client_id": f"{self.name} {n}", "body": f"{self.name} {n}"}

    @property
    def missing(self) -> list[int]:
        """What was not answered yet, in order."""
        return [n for n in range(self.count) if f"{self.name} {n}" not in self.acknowledged]

    def note(self, client_id: str, seq: int) -> None:
        """An answer; a second one for the same message is the same."""
        assert seq == self.acknowledged.setdefault(client_id, seq)


async def over_http(address: Callable[[], str], sender: Sender) -> None:
    """One after the other; each is tried until it is stored."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session:
        for n in range(sender.count):
            while n in sender.missing:
                try:
                    await _post(session, address(), sender, n)
                except (aiohttp.ClientError, TimeoutError):
                    await asyncio.sleep(PAUSE_S)


async def _post(session: aiohttp.ClientSession, url: str, sender: Sender, n: int) -> None:
    path = f"{url}/api/v1/conversations/{sender.conversation}/messages"
    async with session.post(path, json=sender.said(n), headers=sender.who.bearer) as answer:
        if answer.status == 503:
            await asyncio.sleep(PAUSE_S)
            return
        assert 201 == answer.status, await answer.text()
        found = await answer.json()
        sender.note(found["client_id"], found["seq"])


async def over_a_socket(address: Callable[[], str], sender: Sender) -> None:
    """Many at a time; after a lost connection everything that was not answered is said again, in order."""
    async with aiohttp.ClientSession() as session:
        while sender.missing:
            try:
                async with session.ws_connect(f"{address()}/events", headers=sender.who.bearer) as socket:
                    await _converse(socket, sender)
            except (aiohttp.ClientError, ConnectionError, TimeoutError, asyncio.IncompleteReadError):
                await asyncio.sleep(PAUSE_S)


async def _converse(socket: aiohttp.ClientWebSocketResponse, sender: Sender) -> None:
    left, under_way = sender.missing, 0
    while sender.missing:
        while left and under_way < WINDOW:
            message = {"type": "send", "conversation": sender.conversation, **sender.said(left.pop(0))}
            await socket.send_str(json.dumps(message))
            under_way += 1
        heard = await socket.receive(timeout=15)
        if heard.type is not aiohttp.WSMsgType.TEXT:
            return
        answer = json.loads(heard.data)
        if answer["type"] == "refused":
            assert 503 == answer["problem"]["status"], answer
            return
        if answer["type"] == "sent":
            sender.note(answer["client_id"], answer["seq"])
            under_way -= 1


async def _clinic(data: Path, pairs: int) -> list[tuple[Account, Account]]:
    url = await running_url(data / "postgres")
    assert url is not None
    db = Database(url)
    found = []
    for _ in range(pairs):
        patient, helper = await build.person(db, "patient"), await build.person(db, "nutritionist")
        await build.care(db, patient, helper)
        found.append((patient, helper))
    await db.dispose()
    return found


async def _get(url: str, path: str, who: Account) -> Any:
    async with aiohttp.ClientSession() as session:
        async with asyncio.timeout(DEADLINE_S):
            while True:
                try:
                    async with session.get(f"{url}{path}", headers=who.bearer) as answer:
                        if answer.status == 200:
                            return await answer.json()
                        assert 503 == answer.status, await answer.text()
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(PAUSE_S)


async def _log(url: str, conversation: str, who: Account) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    while True:
        after = entries[-1]["seq"] if entries else 0
        page = await _get(url, f"/api/v1/conversations/{conversation}/events?after={after}&limit=500", who)
        if not page["items"]:
            return entries
        entries += page["items"]


async def _senders(url: str, data: Path, *, pairs: int, count: int) -> list[Sender]:
    senders = []
    for number, pair in enumerate(await _clinic(data, pairs)):
        (place,) = (await _get(url, "/api/v1/conversations", pair[0]))["items"]
        senders += [Sender(who, place["id"], f"{number} {who.role}", count) for who in pair]
    return senders


async def _check(url: str, senders: list[Sender]) -> None:
    for sender in senders:
        log = await _log(url, sender.conversation, sender.who)
        mine = [one for one in log if one["type"] == "message.sent" and one["sender"] == str(sender.who.id)]
        assert list(range(1, len(log) + 1)) == [one["seq"] for one in log]
        assert [f"{sender.name} {n}" for n in range(sender.count)] == [one["body"] for one in mine]
        assert sender.acknowledged == {one["client_id"]: one["seq"] for one in mine}


async def _write_through(
    address: Callable[[], str], senders: list[Sender], kills: int, kill: Callable[[], Awaitable[None]]
) -> None:
    """Everybody writes, half of them over HTTP; each time a share of it is acknowledged, *kill*."""
    ways = (over_http, over_a_socket)
    everything = sum(sender.count for sender in senders)
    async with asyncio.timeout(DEADLINE_S * 4), asyncio.TaskGroup() as group:
        for number, sender in enumerate(senders):
            group.create_task(ways[number % 2](address, sender))
        for turn in range(1, kills + 1):
            while sum(len(sender.acknowledged) for sender in senders) < everything * turn // (kills + 1):
                await asyncio.sleep(0.01)
            await kill()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder whose root key the tests know."""
    keys = tmp_path / "data" / "keys"
    keys.mkdir(parents=True)
    (tmp_path / "data").chmod(0o700)
    file = keys / "root.key"
    file.write_text(f"{build.ROOT_KEY.id} {build.ROOT_KEY.secret.hex()}\n")
    file.chmod(0o600)
    return tmp_path / "data"


async def test_a_web_process_that_is_killed_loses_and_doubles_no_message(data: Path) -> None:
    async with serving(data) as server:
        senders = await _senders(server.url, data, pairs=2, count=100)

        async def kill() -> None:
            web = server.child("telegut web")
            os.kill(web, signal.SIGKILL)
            await server.new_child("telegut web", instead_of=web)

        await _write_through(lambda: server.url, senders, 3, kill)
        await _check(server.url, senders)


@pytest.mark.long
async def test_a_server_that_is_killed_whole_loses_and_doubles_none_of_two_thousand(data: Path) -> None:
    running: list[Server] = []

    async with AsyncExitStack() as servers:

        async def start() -> None:
            running.append(await servers.enter_async_context(serving(data)))

        async def kill() -> None:
            await running[-1].stop(signal.SIGKILL)
            await start()

        await start()
        senders = await _senders(running[-1].url, data, pairs=10, count=100)
        await _write_through(lambda: running[-1].url, senders, 10, kill)
        await _check(running[-1].url, senders)
