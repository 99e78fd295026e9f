"""The embedded PostgreSQL: started, stopped, killed, adopted, locked and refused, as it happens to people."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from telegut.db import binaries
from telegut.db.binaries import Account, installation_for
from telegut.db.embedded import (
    DataFolderBusy,
    DataFolderUnusable,
    DiskFull,
    EmbeddedPostgres,
    EmbeddedPostgresError,
    running_url,
)

DEADLINE_S = 60.0
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another account")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")

HOLDER = """
import asyncio, sys
from pathlib import Path
from telegut.db.embedded import EmbeddedPostgres

async def main():
    postgres = EmbeddedPostgres(Path(sys.argv[1]), durable=False, follow=sys.argv[2] == "follow")
    await postgres.start()
    print(postgres.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
"""Another telegut: starts PostgreSQL and holds it until it is killed."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "a folder" / "postgres"


@pytest.fixture
async def running(home: Path) -> AsyncIterator[EmbeddedPostgres]:
    async with EmbeddedPostgres(home, durable=False) as postgres:
        yield postgres


async def ask(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def until_gone(pid: int) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while Path(f"/proc/{pid}").exists():
            await asyncio.sleep(0.02)


@contextlib.contextmanager
def another_telegut(home: Path, follow: str) -> Iterator[int]:
    """Another process that runs PostgreSQL in *home*, killed without a word on the way out; gives PostgreSQL's pid."""
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(home), follow], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        yield int(holder.stdout.readline())
    finally:
        holder.kill()
        holder.wait()


async def test_it_starts_knows_letters_and_has_the_extensions(running: EmbeddedPostgres) -> None:
    assert await ask(running.url, "SELECT upper('é') || lower('ÀÉ')") == "Éàé"
    for extension in ("btree_gist", "pg_trgm", "citext", "unaccent"):
        await ask(running.url, f"CREATE EXTENSION {extension}")
    assert await ask(running.url, "SHOW max_connections") == "200"


async def test_what_was_written_is_there_after_a_stop_and_a_start(home: Path) -> None:
    async with EmbeddedPostgres(home) as first:
        await ask(first.url, "CREATE TABLE kept AS SELECT 42 AS number")
    async with EmbeddedPostgres(home) as second:
        assert await ask(second.url, "SELECT number FROM kept") == 42
        assert await ask(second.url, "SHOW fsync") == "on"


async def test_nothing_is_left_running_after_a_stop(home: Path) -> None:
    async with EmbeddedPostgres(home, durable=False) as postgres:
        pid, sockets = postgres.pid, Path(postgres.url.split("host=")[1])

    assert pid is not None
    assert not Path(f"/proc/{pid}").exists()
    assert not sockets.exists()
    assert await running_url(home) is None


async def test_a_second_telegut_on_the_folder_is_told_who_uses_it(running: EmbeddedPostgres, home: Path) -> None:
    with pytest.raises(DataFolderBusy, match=rf"process {os.getpid()}\) is using"):
        await EmbeddedPostgres(home, durable=False).start()

    assert await running_url(home) == running.url


async def test_it_starts_after_the_server_was_killed(home: Path) -> None:
    killed = EmbeddedPostgres(home)
    await killed.start()
    await ask(killed.url, "CREATE TABLE kept AS SELECT 42 AS number")
    assert killed.pid is not None
    os.kill(killed.pid, signal.SIGKILL)
    await killed.stop()

    async with EmbeddedPostgres(home) as again:
        assert await ask(again.url, "SELECT number FROM kept") == 42


async def test_a_killed_server_comes_back_at_the_same_address(running: EmbeddedPostgres) -> None:
    address = running.url
    assert running.pid is not None
    os.kill(running.pid, signal.SIGKILL)
    await until_gone_for(running)
    await running.restart(patience_s=DEADLINE_S)

    assert await ask(address, "SELECT 1") == 1


async def until_gone_for(postgres: EmbeddedPostgres) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while postgres.pid is not None:
            await asyncio.sleep(0.02)


@linux_only
async def test_the_server_follows_a_killed_telegut(home: Path) -> None:
    with another_telegut(home, "follow") as pid:
        pass
    await until_gone(pid)

    async with EmbeddedPostgres(home, durable=False) as next_one:
        assert await ask(next_one.url, "SELECT 1") == 1


@linux_only
async def test_a_server_that_survived_its_telegut_is_adopted(home: Path) -> None:
    with another_telegut(home, "stay") as pid, pytest.raises(DataFolderBusy):
        await EmbeddedPostgres(home, durable=False).start()

    async with EmbeddedPostgres(home, durable=False) as adopter:
        assert adopter.pid == pid
        assert await ask(adopter.url, "SELECT 1") == 1
    await until_gone(pid)


async def test_a_stale_process_id_that_now_belongs_to_somebody_else_is_no_obstacle(home: Path) -> None:
    async with EmbeddedPostgres(home, durable=False):
        stale = (home / "data" / "postmaster.pid").read_text().splitlines()
    (home / "data" / "postmaster.pid").write_text("\n".join([str(os.getppid()), *stale[1:]]) + "\n")

    async with EmbeddedPostgres(home, durable=False) as postgres:
        assert await ask(postgres.url, "SELECT 1") == 1


async def test_an_interrupted_first_start_leaves_nothing_half_made(home: Path) -> None:
    half = home / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    async with EmbeddedPostgres(home, durable=False) as postgres:
        assert await ask(postgres.url, "SELECT 1") == 1


async def test_a_cluster_of_another_version_is_named_and_left_alone(home: Path) -> None:
    async with EmbeddedPostgres(home, durable=False):
        pass
    (home / "data" / "PG_VERSION").write_text("16\n")

    with pytest.raises(DataFolderUnusable, match="made by PostgreSQL 16"):
        await EmbeddedPostgres(home, durable=False).start()


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    with pytest.raises(DataFolderUnusable, match="cannot write to"):
        await EmbeddedPostgres(tmp_path / "file" / "postgres").start()


async def test_an_account_that_is_not_there_is_named(home: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="no account named 'nobody-of-that-name'"):
        Account.named("nobody-of-that-name")


@root_only
async def test_a_full_disk_is_named(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("this machine does not let us mount a small disk")
    try:
        with pytest.raises(DiskFull, match="no space left on the disk"):
            await EmbeddedPostgres(disk / "postgres").start()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@root_only
async def test_root_runs_it_as_another_account_even_in_a_folder_out_of_its_reach(home: Path) -> None:
    home.parent.mkdir(mode=0o700)

    async with EmbeddedPostgres(home, durable=False) as postgres:
        assert postgres.pid is not None
        assert Path(f"/proc/{postgres.pid}").stat().st_uid == Account.named("nobody").uid
        assert str(await ask(postgres.url, "SHOW data_directory")).startswith("/proc/self/fd/")
        await ask(postgres.url, "CHECKPOINT")


@root_only
async def test_programs_out_of_its_reach_are_copied_to_where_it_can_run_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = binaries.find_root()
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    shutil.copytree(real, private / real.parent.name / real.name)
    shutil.copytree(real.parent.parent / f"{real.parent.name}.libs", private / f"{real.parent.name}.libs")
    monkeypatch.setattr(binaries, "find_root", lambda: private / real.parent.name / real.name)
    monkeypatch.setattr(binaries, "MACHINE_CACHE", private)
    nobody = Account.named("nobody")

    with pytest.raises(EmbeddedPostgresError, match="do not run here"):
        installation_for(nobody, private)

    monkeypatch.setattr(binaries, "MACHINE_CACHE", Path("/var/tmp") / f"telegut-test-{os.getpid()}")
    try:
        assert installation_for(nobody, private).root.is_relative_to(binaries.MACHINE_CACHE)
    finally:
        shutil.rmtree(binaries.MACHINE_CACHE)
