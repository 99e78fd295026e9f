"""
Synapse, the Matrix homeserver, as the peer of messages: on loopback, with a database of its own on the same PostgreSQL.

It is installed at its first use, pinned by version and hash (``synapse.lock``), into an environment of its own under
the user's cache folder: telegut's own environment stays as it is. Its limits on rates are lifted, nothing else is
tuned.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import time
import venv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import aiohttp
import asyncpg

from telegut.cli.exits import CommandFailed, Exit

LOCK: Final = Path(__file__).with_name("synapse.lock")
NAME: Final = "telegut_bench_synapse"
READY_WITHIN_S: Final = 90.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_MANY: Final = "{per_second: 100000, burst_count: 100000}"


@dataclass(frozen=True, slots=True)
class Synapse:
    """A homeserver that is ready. secret: by which it takes new accounts."""

    url: str
    secret: str
    process: int

    def cpu_s(self) -> float:
        """Seconds that it has computed so far."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / _TICKS


@asynccontextmanager
async def synapse(postgres_url: str) -> AsyncIterator[Synapse]:
    """
    A homeserver on the database server at *postgres_url*.

    Raises:
        CommandFailed: it cannot be installed here, or does not become ready.
    """
    python = await _installed()
    with tempfile.TemporaryDirectory(prefix="telegut-bench-peer-") as folder:
        async with _database(postgres_url), _running(python, Path(folder), postgres_url) as found:
            yield found


async def _installed() -> Path:
    """The interpreter of Synapse's environment, which is made when there is none for the present lock."""
    kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "telegut"
    version = f"{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}-{sys.version_info[0]}.{sys.version_info[1]}"
    home = kept / f"synapse-{version}"
    python = home / "bin" / "python"
    if (home / "complete").exists():
        return python
    print("Installing the peer Synapse into an environment of its own …", file=sys.stderr, flush=True)
    shutil.rmtree(home, ignore_errors=True)
    try:
        await asyncio.to_thread(venv.create, home, with_pip=True)
    except Exception as error:  # ensurepip is missing, the disk is full, …
        raise _absent("an environment for it cannot be made here") from error
    process = await asyncio.create_subprocess_exec(
        *(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"),
        *("--require-hashes", "-r", str(LOCK)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    if process.returncode:
        print(said.decode(errors="replace"), file=sys.stderr, end="")
        raise _absent("it cannot be installed here")
    (home / "complete").touch()
    return python


def _absent(why: str) -> CommandFailed:
    return CommandFailed(Exit.FAILED, f"the peer Synapse is missing: {why}.")


@asynccontextmanager
async def _database(postgres_url: str) -> AsyncIterator[None]:
    owner = await asyncpg.connect(postgres_url)
    try:
        # Synapse insists on the locale: documentation of Synapse, "Using Postgres".
        await owner.execute(f"create database {NAME} encoding 'UTF8' lc_collate 'C' lc_ctype 'C' template template0")
        yield
    finally:
        await owner.execute(f"drop database if exists {NAME} with (force)")
        await owner.close()


@asynccontextmanager
async def _running(python: Path, folder: Path, postgres_url: str) -> AsyncIterator[Synapse]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    secret = secrets.token_hex(16)
    config = folder / "homeserver.yaml"
    config.write_text(_config(folder, port, secret, postgres_url))
    said = (folder / "said.txt").open("wb")
    arguments = [str(python), "-m", "synapse.app.homeserver", "--config-path", str(config)]
    keys = await asyncio.create_subprocess_exec(*arguments, "--generate-keys", stdout=said, stderr=said)
    await keys.wait()
    process = await asyncio.create_subprocess_exec(*arguments, stdout=said, stderr=said, cwd=folder)
    try:
        url = f"http://127.0.0.1:{port}"
        await _ready(url, process)
        yield Synapse(url, secret, process.pid)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()
        said.close()


def _config(folder: Path, port: int, secret: str, postgres_url: str) -> str:
    parts = urlsplit(postgres_url)
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    (folder / "log.yaml").write_text("version: 1\nroot: {level: ERROR}\n")
    return f"""
server_name: bench.example
pid_file: {folder}/homeserver.pid
listeners: [{{port: {port}, type: http, bind_addresses: ["127.0.0.1"], resources: [{{names: [client]}}]}}]
database:
  name: psycopg2
  args: {{user: "{parts.username or ""}", host: "{host}", dbname: {NAME}, cp_min: 5, cp_max: 10}}
log_config: {folder}/log.yaml
media_store_path: {folder}/media
signing_key_path: {folder}/signing.key
registration_shared_secret: {secret}
report_stats: false
trusted_key_servers: []
suppress_key_server_warning: true
rc_message: {_MANY}
rc_registration: {_MANY}
rc_joins: {{local: {_MANY}, remote: {_MANY}}}
rc_login: {{address: {_MANY}, account: {_MANY}, failed_attempts: {_MANY}}}
rc_room_creation: {_MANY}
"""


async def _ready(url: str, process: asyncio.subprocess.Process) -> None:
    until = time.monotonic() + READY_WITHIN_S
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < until and process.returncode is None:
            try:
                async with session.get(f"{url}/health") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.2)
    raise CommandFailed(Exit.FAILED, "the peer Synapse does not become ready.")
