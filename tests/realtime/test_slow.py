"""Sockets under stress: readers who stop reading, peers who vanish, everybody coming back at once."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import socket as sockets
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import aiohttp
import pytest

from telegut.db.caller import Caller
from telegut.db.embedded import running_url
from telegut.db.engine import Database
from telegut.realtime import outbox
from telegut.realtime.events import Event
from telegut.web import sockets as limits
from telegut.web.admission import AGAIN_AFTER_S, Admission, Busy
from telegut.web.sockets import SOCKETS, TOO_SLOW
from tests import build
from tests.build import Account
from tests.cli.running import serving
from tests.conftest import Serve
from tests.flows.servers import data_folder

SYSTEM = Caller.system("test")
DEADLINE_S = 60
PADDING = "a" * 6_000
HINT = re.compile(r"; retry_ms=(\d+)$")


async def tell(db: Database, account: UUID, numbers: range) -> None:
    """Put events into the mailbox of *account*: large ones, so that not many fit on the way."""
    async with db.begin(SYSTEM) as tx:
        told = [(Event("test.happened", facts={"n": n, "padding": PADDING}), [account]) for n in numbers]
        await outbox.append_each(tx, told)


async def _opened(url: str, who: Account, cursor: str | None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """
    ``/events`` by hand, with little room for what was not read.

    Twice a segment of loopback: into less than one, TCP sends a little each 200 ms, and no farewell comes in time.
    """
    parts = urlsplit(url)
    made = sockets.socket()
    made.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 131_072)
    made.setblocking(False)
    await asyncio.get_running_loop().sock_connect(made, (parts.hostname, parts.port))
    reader, writer = await asyncio.open_connection(sock=made, limit=65_536)
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        "GET /events HTTP/1.1",
        f"Host: {parts.netloc}",
        *("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}"),
        f"Authorization: {who.bearer['Authorization']}",
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    assert b" 101 " in answer, answer
    hello = f'{{"type": "hello", "cursor": {"null" if cursor is None else chr(34) + cursor + chr(34)}}}'.encode()
    mask = b"\0\0\0\0"
    writer.write(bytes([0x81, 0x80 | len(hello)]) + mask + hello)
    return reader, writer


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not true():
            await asyncio.sleep(0.02)


async def _frames(reader: asyncio.StreamReader) -> list[tuple[int, bytes]]:
    """Everything that comes until the end: opcodes and what they carry (RFC 6455, section 5.2)."""
    found = []
    try:
        while True:
            head = await reader.readexactly(2)
            length = head[1] & 0x7F
            if length == 126:
                length = int.from_bytes(await reader.readexactly(2), "big")
            elif length == 127:
                length = int.from_bytes(await reader.readexactly(8), "big")
            found.append((head[0] & 0x0F, await reader.readexactly(length)))
    except (asyncio.IncompleteReadError, ConnectionError):
        return found


async def _since(client: Any, who: Account, cursor: str) -> list[Any]:
    """What the twin without a socket gives from *cursor* on."""
    items: list[Any] = []
    while True:
        page = await (await client.get("/api/v1/events", params={"cursor": cursor}, headers=who.bearer)).json()
        assert page["resync_required"] is False
        if not page["items"]:
            return items
        items, cursor = items + page["items"], page["cursor"]


def _is_told_goodbye(app: Any, account: UUID) -> bool:
    """Whether the server has begun to close the socket of *account*; what it wrote before may still be on its way."""
    return all(one.stream.closed for one in app[SOCKETS].of(account))


@pytest.mark.long
async def test_who_stops_reading_is_cut_with_a_code_and_resumes_without_a_loss(
    client: Any, app: Any, server_of: Callable[[], str], db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "STALLED_S", 0.3)
    me = await build.person(db)
    begin = (await (await client.get("/api/v1/events", headers=me.bearer)).json())["cursor"]
    reader, writer = await _opened(server_of(), me, begin)
    await _until(lambda: app[SOCKETS].count == 1)
    for first in range(0, 1_500, 250):  # nine megabytes: more than the ways between have room for
        await tell(db, me.id, range(first, first + 250))
    await _until(lambda: _is_told_goodbye(app, me.id))
    frames = await _frames(reader)
    writer.close()

    texts = [content for opcode, content in frames if opcode == 1]
    (closing,) = [content for opcode, content in frames if opcode == 8]
    cursors = re.findall(rb'"cursor": "([^"]+)"', texts[-1])
    assert (TOO_SLOW, True) == (int.from_bytes(closing[:2], "big"), HINT.search(closing[2:].decode()) is not None)
    assert len(texts) < 1_500
    following = await _since(client, me, cursors[0].decode())
    assert list(range(len(texts) - 1, 1_500)) == [one["n"] for one in following]


@pytest.fixture
def server_of(client: Any) -> Callable[[], str]:
    """The address behind `client`."""
    return lambda: str(client.make_url("")).rstrip("/")


async def test_a_peer_that_vanished_is_noticed(serve: Serve, db: Database, settings: Any) -> None:
    from dataclasses import replace

    from aiohttp.test_utils import TestServer

    from telegut.app import build_app

    app = build_app(replace(settings, heartbeat_s=0.2))
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    _, writer = await _opened(str(server.make_url("")).rstrip("/"), await build.person(db), None)
    await _until(lambda: app[SOCKETS].count == 1)

    await _until(lambda: app[SOCKETS].count == 0)

    writer.close()
    await server.close()


async def test_a_restart_asks_everybody_back_at_another_moment(client: Any, app: Any, db: Database) -> None:
    people = [await build.person(db) for _ in range(6)]
    open_ones = [await client.ws_connect("/events", headers=one.bearer) for one in people]
    closing = asyncio.create_task(app[SOCKETS].close_all())
    ends = [await one.receive(timeout=10) for one in open_ones]
    await closing
    refused = await client.get("/events", headers={**people[0].bearer, "Connection": "Upgrade", "Upgrade": "websocket"})

    hints = [int(found[1]) for end in ends if (found := HINT.search(str(end.extra)))]
    assert [1012] * 6 == [end.data for end in ends]
    assert 6 == len(hints)
    assert all(1_000 <= one <= 10_000 for one in hints)
    assert 1 < len(set(hints))
    assert (503, True) == (refused.status, "Retry-After" in refused.headers)


def test_handshakes_beyond_the_rate_are_asked_to_come_again_at_different_times() -> None:
    now = 0.0
    door = Admission(per_s=10, burst=20, clock=lambda: now)
    waits = []
    for _ in range(100):
        try:
            door.admit()
        except Busy as busy:
            waits.append(busy.retry_after)
    now = 1.0
    for _ in range(10):
        door.admit()
    with pytest.raises(Busy):
        door.admit()

    assert 80 == len(waits)
    assert set(waits) <= set(range(AGAIN_AFTER_S[0], AGAIN_AFTER_S[1] + 1))
    assert 1 < len(set(waits))


async def _storm(url: str, db: Database, count: int) -> int:
    """*count* sockets are cut at once and come back with their cursors; how often somebody was told to wait."""
    people = [await build.person(db) for _ in range(20)]
    told = 0

    async def come(session: aiohttp.ClientSession, who: Account, cursor: str | None) -> Any:
        """Come as pages do: again after every refusal and every line that breaks; the socket and its welcome."""
        nonlocal told
        while True:
            try:
                opened = await session.ws_connect(f"{url}/events", headers=who.bearer)
                await opened.send_json({"type": "hello", "cursor": cursor})
                welcome = await opened.receive()
            except aiohttp.WSServerHandshakeError as refused:
                if refused.status != 503 or "Retry-After" not in (refused.headers or {}):
                    raise
                told += 1
                await asyncio.sleep(0.05)
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)
            else:
                if welcome.type is aiohttp.WSMsgType.TEXT:
                    return opened, welcome.json()

    patience = aiohttp.ClientTimeout(total=None, sock_connect=DEADLINE_S)
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=patience) as session,
        asyncio.timeout(DEADLINE_S * 5),
    ):
        everybody = [people[n % 20] for n in range(count)]
        first = await asyncio.gather(*(come(session, who, None) for who in everybody))
        cursors = [welcome["cursor"] for _, welcome in first]
        for one, _ in first:
            _cut(one)
        for who in people:
            await tell(db, who.id, range(3))
        back = await asyncio.gather(*(come(session, *one) for one in zip(everybody, cursors, strict=True)))
        for (one, welcome), cursor in zip(back, cursors, strict=True):
            assert {"type": "welcome", "cursor": cursor} == _without_account(welcome)
            assert [0, 1, 2] == [(await one.receive_json())["event"]["n"] for _ in range(3)]
        for one, _ in back:
            _cut(one)
    return told


def _cut(opened: aiohttp.ClientWebSocketResponse) -> None:
    """The network between goes away; nobody says goodbye."""
    opened.get_extra_info("socket").shutdown(sockets.SHUT_RDWR)


def _without_account(message: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name != "account"}


async def test_everybody_who_was_cut_comes_back_where_they_were(serve: Serve, db: Database) -> None:
    url = await serve(socket_handshakes_per_s=50.0, socket_handshakes_burst=20)

    assert await _storm(url, db, 40) > 0


@pytest.mark.long
async def test_five_thousand_who_were_cut_come_back_where_they_were(tmp_path: Path) -> None:
    async with serving(data_folder(tmp_path / "data"), TELEGUT_SOCKETS_PER_ACCOUNT="600") as server:
        url = await running_url(tmp_path / "data" / "postgres")
        assert url is not None
        db = Database(url)
        await _storm(server.url, db, 5_000)
        await db.dispose()
