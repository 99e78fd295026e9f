"""pgbench as the peer of booking: the same kind of insert under the same kind of constraint, and nothing else."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import asyncpg

from telegut.cli.exits import CommandFailed, Exit
from telegut.db.binaries import find_root

CLIENTS: Final = 32
NAME: Final = "telegut_bench_peer"

_TABLES: Final = """
create extension if not exists btree_gist;
create sequence place;
create table booking (
    id uuid primary key default gen_random_uuid(), person integer not null, during tstzrange not null,
    constraint no_overlap exclude using gist (person with =, during with &&)
);
"""
_SCRIPT: Final = r"""
insert into booking (person, during)
select n % 1000, tstzrange(at, at + interval '30 minutes')
from (select n, timestamptz '2027-01-01Z' + n / 1000 * interval '30 minutes' as at from nextval('place') as n) as next;
"""


async def inserts_per_s(url: str, folder: Path, seconds: float) -> float:
    """
    How many such inserts a second the database at *url* takes, each a transaction of its own.

    In a database beside the clinic's that is dropped afterwards. *folder*: for the script.

    Raises:
        CommandFailed: pgbench does not run here.
    """
    owner = await asyncpg.connect(url)
    await owner.execute(f"create database {NAME}")
    try:
        return await _run(_beside(url), folder, seconds)
    finally:
        await owner.execute(f"drop database {NAME} with (force)")
        await owner.close()


def _beside(url: str) -> str:
    return urlsplit(url)._replace(path=f"/{NAME}").geturl()


async def _run(url: str, folder: Path, seconds: float) -> float:
    connection = await asyncpg.connect(url)
    await connection.execute(_TABLES)
    await connection.close()
    script = folder / "peer.sql"
    script.write_text(_SCRIPT)
    arguments = ["-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(max(1, round(seconds)))]
    process = await asyncio.create_subprocess_exec(
        str(find_root() / "bin" / "pgbench"),
        *(*arguments, "-f", str(script), url),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said = (await process.communicate())[0].decode()
    found = re.search(r"tps = ([0-9.]+)", said)
    if process.returncode or found is None:
        raise CommandFailed(Exit.FAILED, "pgbench does not run here, so there is no peer to measure beside.")
    return float(found.group(1))
