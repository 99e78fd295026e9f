"""Load generators as processes of their own, so that a benchmark's own event loop is not what is measured."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from telegut.cli.exits import CommandFailed, Exit
from telegut.db.binaries import child_setup


class Driver:
    """A generator at work: *said* reads its next line."""

    def __init__(self, process: asyncio.subprocess.Process, module: str) -> None:
        self._process = process
        self._module = module

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    async def said(self) -> str:
        """
        What it says next.

        Raises:
            CommandFailed: it ended instead.
        """
        assert self._process.stdout is not None
        text = (await self._process.stdout.readline()).decode().strip()
        if not text:
            raise CommandFailed(Exit.FAILED, f"the load generator {self._module} failed; its own words are above.")
        return text

    async def result(self) -> dict[str, Any]:
        """Its last word, one JSON object."""
        found: dict[str, Any] = json.loads(await self.said())
        return found

    async def tell(self, text: str) -> None:
        """Let it go on."""
        assert self._process.stdin is not None
        self._process.stdin.write(text.encode() + b"\n")
        await self._process.stdin.drain()


@asynccontextmanager
async def driver(module: str, order: dict[str, Any]) -> AsyncIterator[Driver]:
    """Start the module of this package with *order* on its standard input; it is ended with the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", f"telegut.cli.{module}"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,
        preexec_fn=child_setup(None, signal.SIGKILL),  # however the bench ends, it ends too
    )
    made = Driver(process, module)
    try:
        await made.tell(json.dumps(order))
        yield made
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
