"""pgbench as a peer: rows of the same kind, each in a transaction of its own, and nothing else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import asyncpg

from telegut.cli.exits import CommandFailed, Exit
from telegut.db.binaries import find_root

CLIENTS: Final = 32
NAME: Final = "telegut_bench_peer"


@dataclass(frozen=True, slots=True)
class Script:
    """*tables* as they are made, and what is run again and again."""

    tables: str
    text: str


@dataclass(frozen=True, slots=True)
class Rate:
    """Transactions a second, and milliseconds that PostgreSQL computed for each."""

    per_s: float
    cpu_ms: float


BOOKING: Final = Script(
    """
create extension if not exists btree_gist;
create sequence place;
create table booking (
    id uuid primary key default gen_random_uuid(), person integer not null, during tstzrange not null,
    constraint no_overlap exclude using gist (person with =, during with &&)
);
""",
    r"""
insert into booking (person, during)
select n % 1000, tstzrange(at, at + interval '30 minutes')
from (select n, timestamptz '2027-01-01Z' + n / 1000 * interval '30 minutes' as at from nextval('place') as n) as next;
""",
)

_CONVERSATIONS: Final = """
create table conversation (id bigint primary key, last_seq bigint not null default 0, last_at timestamptz)
    with (fillfactor = 50);
create table message (
    conversation bigint not null references conversation, seq bigint not null, sender bigint not null,
    body text not null, client_id uuid not null, at timestamptz not null default now(),
    primary key (conversation, seq), unique (sender, client_id)
);
insert into conversation select id, 0 from generate_series(1, 1000) as id;
"""
_MAILBOXES: Final = """
create table audit (
    id uuid primary key default gen_random_uuid(), at timestamptz not null default now(), account bigint not null,
    action text not null, what text not null, patient bigint not null, session uuid, request_id text not null
);
create index on audit (patient, at);
create table mailbox (account bigint primary key, seq bigint not null default 0) with (fillfactor = 50);
create table item (
    account bigint not null, seq bigint not null, at timestamptz not null default now(), type text not null,
    patient bigint not null, facts jsonb not null, primary key (account, seq)
);
insert into mailbox select id, 0 from generate_series(1, 2000) as id;
"""
_HEAD: Final = r"""
\set sender random(1, 5000)
with head as (
    update conversation set last_seq = last_seq + 1, last_at = now() where id = :conversation returning last_seq
)"""
_SAID: Final = r"""
insert into message (conversation, seq, sender, body, client_id)
select :conversation, last_seq, :sender, repeat('All well since the last visit; sleep better. ', 5), gen_random_uuid()
from head returning seq
"""
_TO_TWO: Final = """), noted as (
    insert into audit (account, action, what, patient, session, request_id)
    select :sender, 'write', 'message', :conversation, gen_random_uuid(), 'pgbench' from said
), moved as (
    update mailbox set seq = seq + 1 where account in (:conversation, :conversation + 1000) returning account, seq
)
insert into item (account, seq, type, patient, facts)
select account, moved.seq, 'message.sent', :conversation,
    jsonb_build_object('conversation', :conversation::bigint, 'seq', said.seq)
from moved, said;
"""

MESSAGE: Final = Script(_CONVERSATIONS, r"\set conversation random(1, 1000)" + _HEAD + _SAID + ";")
"""A message and the number of its conversation, of which there are many: neither mailboxes nor an audit trail."""
MESSAGES: Final = Script(
    _CONVERSATIONS + _MAILBOXES, r"\set conversation random(1, 1000)" + _HEAD + ", said as (" + _SAID + _TO_TWO
)
"""The rows that a message of ours is: itself, its number, its audit entry, and its place in two people's mailboxes."""
HOT_THREAD: Final = Script(_CONVERSATIONS, r"\set conversation 1" + _HEAD + _SAID + ";")
"""A message and the number of one conversation, for which everybody waits."""


async def rate(
    script: Script, url: str, folder: Path, seconds: float, *, clients: int = CLIENTS, cpu_s: Callable[[], float]
) -> Rate:
    """
    How fast the database server at *url* does *script*, for *clients* at once.

    In a database beside the clinic's that is dropped afterwards. *folder*: for the script. *cpu_s*: what the server's
    processes have computed so far.

    Raises:
        CommandFailed: pgbench does not run here.
    """
    owner = await asyncpg.connect(url)
    await owner.execute(f"create database {NAME}")
    try:
        return await _run(script, urlsplit(url)._replace(path=f"/{NAME}").geturl(), folder, seconds, clients, cpu_s)
    finally:
        await owner.execute(f"drop database {NAME} with (force)")
        await owner.close()


async def _run(
    script: Script, url: str, folder: Path, seconds: float, clients: int, cpu_s: Callable[[], float]
) -> Rate:
    connection = await asyncpg.connect(url)
    await connection.execute(script.tables)
    await connection.close()
    file = folder / "peer.sql"
    file.write_text(script.text)
    arguments = ["-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(max(1, round(seconds)))]
    before = cpu_s()
    process = await asyncio.create_subprocess_exec(
        str(find_root() / "bin" / "pgbench"),
        *(*arguments, "-f", str(file), url),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said = (await process.communicate())[0].decode()
    spent = cpu_s() - before
    speed = re.search(r"tps = ([0-9.]+)", said)
    done = re.search(r"actually processed: ([0-9]+)", said)
    if process.returncode or speed is None or done is None:
        raise CommandFailed(Exit.FAILED, "pgbench does not run here, so there is no peer to measure beside.")
    return Rate(float(speed.group(1)), spent / int(done.group(1)) * 1000)
