"""How long a second start takes until it is ready, and how much memory an idle web process keeps.

The first start makes a fresh data folder and is not counted. There is no peer: no other server starts the same things.
"""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from telegut.cli.exits import CommandFailed, Exit
from telegut.cli.itself import COMMAND
from telegut.cli.measurement import Measurement

READY_WITHIN_S: Final = 120.0
IDLE_S: Final = 2.0
"""How long the server is left alone before its memory is read."""


async def measure() -> list[Measurement]:
    """Start a server twice on a folder of its own.

    Raises:
        CommandFailed: it does not become ready.
    """
    with tempfile.TemporaryDirectory(prefix="telegut-bench-") as folder:
        async with _server(Path(folder)):
            pass
        async with _server(Path(folder)) as (process, seconds):
            await asyncio.sleep(IDLE_S)
            resident = _resident_mib(process.pid, "telegut web")
    return [
        Measurement("start", "second_start", seconds, "s"),
        Measurement("start", "idle_memory_web", resident, "MiB"),
    ]


@asynccontextmanager
async def _server(folder: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, float]]:
    """A server on *folder*, from the moment it is ready, with the seconds that took."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TELEGUT_")}
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *(*COMMAND, "serve", "--data", str(folder), "--listen", "127.0.0.1:0"),
        stdout=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(READY_WITHIN_S):
            said = await process.stdout.readline()
        if not said.startswith(b"ready "):
            raise CommandFailed(Exit.FAILED, "the server does not become ready; its own words are above.")
        yield process, time.monotonic() - began
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


def _resident_mib(parent: int, title: str) -> float:
    """Resident memory of the child of *parent* whose title is *title*."""
    for pid in _children(parent):
        if Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").startswith(title):
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
            return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024
    raise CommandFailed(
        Exit.FAILED, "this machine does not show processes under /proc; memory is measured on Linux only."
    )


def _children(parent: int) -> Iterator[int]:
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = status.read_text().splitlines()
        except OSError:
            continue
        if f"PPid:\t{parent}" in lines:
            yield int(status.parent.name)
