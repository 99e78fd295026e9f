"""A real telegut as a child process, and what can be seen of it from outside."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import aiohttp

from telegut.cli.exits import Exit

DEADLINE_S = 240.0


@dataclass
class Ended:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


@dataclass
class Server:
    """A server that is ready."""

    process: asyncio.subprocess.Process
    url: str
    errors: IO[bytes]

    async def status(self, path: str) -> int:
        """The status of a GET on a connection of its own."""
        limit = aiohttp.ClientTimeout(total=DEADLINE_S)
        async with aiohttp.ClientSession(timeout=limit) as session, session.get(f"{self.url}{path}") as answer:
            return answer.status

    def child(self, title: str) -> int:
        """The pid of the child whose command line begins with *title*."""
        for pid in children(self.process.pid):
            if command_line(pid).startswith(title):
                return pid
        raise LookupError(title)

    async def new_child(self, title: str, instead_of: int) -> int:
        """Wait until *title* runs again as another process."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                try:
                    if (pid := self.child(title)) != instead_of:
                        return pid
                except LookupError:
                    pass
                await asyncio.sleep(0.05)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> Ended:
        """Send a signal and wait for the end."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        async with asyncio.timeout(DEADLINE_S):
            code = await self.process.wait()
        return Ended(code, "", self.said())

    def said(self) -> str:
        """Standard error so far."""
        self.errors.seek(0)
        return self.errors.read().decode()


def children(parent: int) -> list[int]:
    """Direct children of *parent*."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            if f"PPid:\t{parent}\n" in status.read_text():
                found.append(int(status.parent.name))
        except OSError:
            continue
    return found


def command_line(pid: int) -> str:
    """The command line that other programs see, words apart by spaces."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").replace(b"\0", b" ").decode()
    except OSError:
        return ""


def clean_environment(more: Mapping[str, str]) -> dict[str, str]:
    """Ours without telegut's settings, and *more*."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TELEGUT_")} | dict(more)


async def telegut(*arguments: str, **environment: str) -> Ended:
    """Run a command to its end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "telegut", *arguments),
        env=clean_environment(environment),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(DEADLINE_S):
        out, err = await process.communicate()
    return Ended(process.returncode or 0, out.decode(), err.decode())


@asynccontextmanager
async def serving(data: Path, *arguments: str, command: str = "serve", **environment: str) -> AsyncIterator[Server]:
    """A server on a free port of loopback, from the moment it says that it is ready."""
    with TemporaryFile() as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "telegut", command, "--data", str(data), "--listen", "127.0.0.1:0", *arguments),
            env=clean_environment({"TELEGUT_MEDIA_PORT": "0", "TELEGUT_MEDIA_PROCESSES": "1", **environment}),
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
        server = Server(process, "", errors)
        try:
            assert process.stdout is not None
            async with asyncio.timeout(DEADLINE_S):
                said = (await process.stdout.readline()).decode().split()
            assert said[:1] == ["ready"], server.said()
            server.url = said[1]
            yield server
            ended = await server.stop()
            assert ended.code in (Exit.DONE, -signal.SIGKILL), ended.err
        finally:
            await server.stop()
