"""A whole server: ready, watched, mended, stopped, and refused with one clear line."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from telegut.cli.exits import Exit
from tests.cli.running import DEADLINE_S, Server, children, command_line, serving, telegut

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes under /proc")


@pytest.fixture(scope="module")
async def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server") / "data folder"


@pytest.fixture(scope="module")
async def server(data: Path) -> AsyncIterator[Server]:
    async with serving(data) as running:
        yield running


async def test_it_is_ready_when_it_says_so(server: Server) -> None:
    assert await server.status("/readyz") == 200
    assert await server.status("/livez") == 200


async def test_processes_are_told_apart_by_their_titles(server: Server) -> None:
    titles = sorted(command_line(pid) for pid in children(server.process.pid))

    assert command_line(server.process.pid) == "telegut serve"
    assert [one for one in titles if one.startswith("telegut")] == ["telegut media", "telegut web", "telegut worker"]
    assert [one for one in titles if "postgres" in one] == titles[:1]


async def test_the_root_key_is_for_our_eyes_only(server: Server, data: Path) -> None:
    key = data / "keys" / "root.key"

    assert key.stat().st_mode & 0o777 == 0o600
    assert data.stat().st_mode & 0o777 == 0o700


async def test_a_killed_web_process_is_replaced_and_nobody_is_turned_away(server: Server) -> None:
    killed = server.child("telegut web")
    os.kill(killed, signal.SIGKILL)

    # The socket is the supervisor's: whoever comes now waits in the queue and is answered by the next process.
    answers = [await server.status("/livez") for _ in range(3)]

    assert answers == [200, 200, 200]
    assert await server.new_child("telegut web", killed) != killed
    assert "web ended (signal SIGKILL); starting it again" in server.said()


async def test_a_killed_worker_and_a_killed_media_process_are_replaced(server: Server) -> None:
    for title in ("telegut worker", "telegut media"):
        killed = server.child(title)
        os.kill(killed, signal.SIGKILL)
        assert await server.new_child(title, killed) != killed


async def test_a_killed_database_comes_back_and_the_server_finds_it(server: Server) -> None:
    (database,) = [pid for pid in children(server.process.pid) if "postgres" in command_line(pid)]
    os.kill(database, signal.SIGKILL)

    async with asyncio.timeout(DEADLINE_S):
        while "the database ended; starting it again" not in server.said():
            await asyncio.sleep(0.05)
        while await server.status("/readyz") != 200:
            await asyncio.sleep(0.05)


async def test_a_second_telegut_on_the_data_folder_is_refused(server: Server, data: Path) -> None:
    second = await telegut("serve", "--data", str(data), "--listen", "127.0.0.1:0")

    assert second.code == Exit.DATA_IN_USE
    assert second.err == (
        f"telegut serve: another telegut (process {server.process.pid}) is using {data}. "
        "Stop it first, or choose another folder with --data.\n"
    )


async def test_a_taken_port_is_named(server: Server, tmp_path: Path) -> None:
    port = server.url.rsplit(":", 1)[1]
    second = await telegut("serve", "--data", str(tmp_path / "other"), "--listen", f"127.0.0.1:{port}")

    assert second.code == Exit.ADDRESS_TAKEN
    assert f"another program uses port {port}" in second.err
    assert not (tmp_path / "other" / "postgres").exists()


async def test_one_process_alone_joins_the_running_database(server: Server, data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "telegut", "serve", "--only", "web", "--data", str(data), "--listen", address),
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with aiohttp.ClientSession() as session, asyncio.timeout(DEADLINE_S):
            while not await answers(session, f"http://{address}/readyz"):
                await asyncio.sleep(0.05)
    finally:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == Exit.DONE


async def answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as answer:
            return answer.status == 200
    except aiohttp.ClientConnectionError:
        return False


async def test_migrate_looks_at_the_running_servers_database(server: Server, data: Path) -> None:
    looked = await telegut("migrate", "--check", "--json", "--data", str(data))

    assert (looked.code, '"state": "current"' in looked.out) == (Exit.DONE, True)


async def test_the_next_start_works_after_telegut_was_killed_and_a_signal_stops_it_cleanly(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as killed:
        orphans = children(killed.process.pid)
        await killed.stop(signal.SIGKILL)
    async with serving(tmp_path / "data") as server:
        stopped = children(server.process.pid)
        assert await server.status("/readyz") == 200
        ended = await server.stop(signal.SIGINT)

    assert [command_line(pid) for pid in orphans if command_line(pid).startswith("telegut")] == []
    assert (ended.code, len(stopped)) == (Exit.DONE, 4)
    assert [command_line(pid) for pid in stopped if command_line(pid)] == []
    assert "Traceback" not in ended.err


async def test_a_lost_key_is_not_replaced_by_a_new_one(tmp_path: Path) -> None:
    import asyncpg

    from telegut.db.embedded import EmbeddedPostgres
    from telegut.migrations.runner import migrate

    async with EmbeddedPostgres(tmp_path / "data" / "postgres") as postgres:
        await migrate(postgres.url)
        connection = await asyncpg.connect(postgres.url)
        await connection.execute(
            "INSERT INTO db_patient_key (patient, wrapped, root, created_at)"
            " VALUES (gen_random_uuid(), 'x', gen_random_uuid(), now())"
        )
        await connection.close()
    refused = await telegut("serve", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0")

    assert refused.code == Exit.KEYS_MISSING
    assert "the database holds sealed records" in refused.err
    assert not (tmp_path / "data" / "keys").exists()
