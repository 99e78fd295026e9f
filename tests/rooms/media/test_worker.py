"""The media process: it answers, says that it is well, and minds no garbage."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aioice import stun as protocol

from telegut.app import build_app
from telegut.rooms.media import control, worker
from telegut.settings import Settings
from tests.rooms.visits import PATIENCE_S, eventually


async def well(settings: Settings) -> control.Health | None:
    """How the media process is, None while it does not answer."""
    try:
        return await control.ask_health(control.socket_path(settings.data))
    except control.MediaAway:
        return None


@pytest.fixture
async def media(tmp_path: Path) -> AsyncIterator[Settings]:
    """A media process (in this process) with its own data folder."""
    settings = Settings(mode="test", data=tmp_path)
    task = asyncio.create_task(worker.run(settings))
    await eventually(lambda: well(settings), "it answers")
    yield settings
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def ask(port: int, datagram: bytes) -> bytes:
    """Send a datagram, again and again as STUN clients do, until one comes back."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as speaking:
        speaking.setblocking(False)
        speaking.bind(("127.0.0.1", 0))
        while True:
            await loop.sock_sendto(speaking, datagram, ("127.0.0.1", port))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    return await loop.sock_recv(speaking, 2048)


async def test_it_answers_among_ten_thousand_datagrams_of_garbage(media: Settings) -> None:
    health = await well(media)
    assert health is not None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as rude:
        for number in range(10_000):
            rude.sendto(number.to_bytes(4) * (number % 40), ("127.0.0.1", health.udp_port))
            if number % 500 == 0:
                await asyncio.sleep(0)  # let the receiver empty its buffer
    request = bytes(protocol.Message(protocol.Method.BINDING, protocol.Class.REQUEST))
    async with asyncio.timeout(PATIENCE_S):
        said = protocol.parse_message(await ask(health.udp_port, request))

    assert "127.0.0.1" == said.attributes["XOR-MAPPED-ADDRESS"][0]
    assert (await control.ask_health(control.socket_path(media.data))).answered >= 1


async def test_the_control_socket_is_ours_alone_and_minds_no_garbage(media: Settings) -> None:
    path = control.socket_path(media.data)
    for line in (b"", b"\n", b"[]\n", b"{}\n", b"\xff\xfe\n", b"x" * 10_000):
        reader, writer = await asyncio.open_unix_connection(str(path))
        writer.write(line)
        writer.write_eof()
        await reader.read()
        writer.close()

    assert 0o600 == path.stat().st_mode & 0o777
    assert await well(media) is not None


async def test_a_stopped_process_leaves_nothing_but_its_key(tmp_path: Path) -> None:
    settings = Settings(mode="test", data=tmp_path)
    task = asyncio.create_task(worker.run(settings))
    await eventually(lambda: well(settings), "it answers")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert await well(settings) is None
    assert ["media.key"] == [left.name for left in (tmp_path / "run").iterdir()]


async def test_a_socket_that_a_killed_process_left_is_replaced(tmp_path: Path) -> None:
    settings = Settings(mode="test", data=tmp_path)
    path = control.socket_path(settings.data)
    path.parent.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    task = asyncio.create_task(worker.run(settings))

    assert await eventually(lambda: well(settings), "it answers")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_a_long_folder_name_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("a long name " * 9) / "data"
    path = control.socket_path(deep)

    assert len(str(path)) <= control.SOCKET_PATH_BYTES
    assert path == control.socket_path(deep)
    assert path != control.socket_path(tmp_path / ("another name " * 9))


async def test_web_is_ready_only_with_media_and_names_its_port(settings: Settings) -> None:
    beside = replace(settings, media=True)
    async with TestClient[Any, Any](TestServer(build_app(beside), host="127.0.0.1")) as client:
        without = await client.get("/readyz")
        assert (503, "failed") == (without.status, (await without.json())["checks"]["media"])

        task = asyncio.create_task(worker.run(beside))
        await eventually(lambda: well(beside), "it answers")
        await eventually(lambda: _ready(client), "web is ready")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _ready(client: TestClient[Any, Any]) -> bool:
    return (await client.get("/readyz")).status == 200
