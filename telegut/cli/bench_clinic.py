"""A server of its own with the acceptance clinic, for benchmarks: on a temporary folder that is gone afterwards."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from telegut.cli.exits import CommandFailed, Exit
from telegut.cli.itself import COMMAND
from telegut.db.binaries import child_setup
from telegut.db.embedded import running_url

READY_WITHIN_S: Final = 120.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Clinic:
    """A server that is ready. facts: what ``telegut seed --fixture acceptance`` said. process: of the supervisor."""

    data: Path
    host: str
    port: int
    facts: Mapping[str, Any]
    process: int

    def accounts(self, role: str) -> list[Mapping[str, Any]]:
        """Everybody of one role."""
        return [one for one in self.facts["accounts"] if one["role"] == role]

    async def database_url(self) -> str:
        """Where its database listens."""
        url = await running_url(self.data / "postgres")
        if url is None:
            raise CommandFailed(Exit.NO_DATABASE, "the server's database is gone.")
        return url

    def process_of(self, title: str) -> int:
        """
        The first of its processes whose command line begins with *title*.

        Raises:
            CommandFailed: there is none, or this machine does not show processes under /proc.
        """
        found = next((pid for pid in _family(self.process) if _title(pid).startswith(title)), None)
        if found is None:
            raise CommandFailed(Exit.FAILED, f"no process {title} is shown under /proc; Linux alone is measured.")
        return found

    def cpu_s(self, *titles: str) -> float:
        """Seconds that the server's processes whose command lines begin with one of *titles* have computed so far."""
        return sum(_cpu_s(pid) for pid in _family(self.process) if _title(pid).startswith(titles))

    def ran_ms(self, *titles: str) -> float:
        """As `cpu_s`, in milliseconds and to the scheduler's nanosecond, without children that have ended."""
        return sum(_ran_ms(pid) for pid in _family(self.process) if _title(pid).startswith(titles))


@asynccontextmanager
async def clinic(**settings: str) -> AsyncIterator[Clinic]:
    """
    Seed and start a server; *settings* are environment variables besides the defaults.

    Raises:
        CommandFailed: it does not become ready.
    """
    with tempfile.TemporaryDirectory(prefix="telegut-bench-") as folder:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TELEGUT_")}
        environment |= settings
        facts = json.loads(await _said(environment, ["seed", "--fixture", "acceptance", "--json", "--data", folder]))
        async with _serving(environment, folder) as (process, url):
            address = urlsplit(url)
            yield Clinic(Path(folder), address.hostname or "", address.port or 0, facts, process)


async def _said(environment: Mapping[str, str], arguments: Sequence[str]) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env=environment
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise CommandFailed(Exit.FAILED, f"telegut {arguments[0]} did not work.")
    return said


@asynccontextmanager
async def _serving(environment: Mapping[str, str], folder: str) -> AsyncIterator[tuple[int, str]]:
    process = await asyncio.create_subprocess_exec(
        *(*COMMAND, "serve", "--data", folder, "--listen", "127.0.0.1:0"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment,
        preexec_fn=child_setup(None, signal.SIGTERM),  # however the bench ends, it stops too
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(READY_WITHIN_S):
            said = (await process.stdout.readline()).decode()
        if not said.startswith("ready "):
            raise CommandFailed(Exit.FAILED, "the server does not become ready.")
        yield process.pid, said.split()[1]
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


def _family(parent: int) -> list[int]:
    """*parent*, its children, theirs …: as far as this machine shows them under /proc."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [parent]
    for one in found:
        found += children.get(one, [])
    return found


def _title(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _ran_ms(pid: int) -> float:
    """The time on a CPU of each of its threads: the first field of schedstat (Linux, scheduler/sched-stats)."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(_first_field_ns(one) for one in threads) / 1e6


def _first_field_ns(path: Path) -> int:
    try:
        return int(path.read_text().split()[0])
    except (OSError, IndexError):
        return 0


def _cpu_s(pid: int) -> float:
    """User and system time, its own and that of children it has waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS
