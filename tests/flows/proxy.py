"""A way between a server and its database that can become a black hole: connected, and nothing comes through."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, unquote, urlsplit

PIECE_BYTES = 65_536


class Proxy:
    """Takes connections on loopback and passes them on to the PostgreSQL at *url*, which is on a Unix socket."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._parts = parts
        self._path = f"{unquote(parse_qs(parts.query)['host'][0])}/.s.PGSQL.5432"
        self._open = asyncio.Event()
        self._open.set()
        self._ends = asyncio.Event()
        self._ends.set()
        self._passing: set[asyncio.Task[None]] = set()
        self._dead: list[asyncio.StreamWriter] = []
        self._living: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._taken, "127.0.0.1", 0)

    @property
    def url(self) -> str:
        """The database through here."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        return f"postgresql://{self._parts.username or 'telegut'}@127.0.0.1:{port}{self._parts.path}"

    def swallow(self) -> None:
        """From now on nothing comes through, either way; connections can still be made, and hear nothing."""
        self._open.clear()

    def forget(self) -> None:
        """What is connected now never hears anything again, not even that it is over."""
        for task in self._passing:
            task.cancel()
        self._passing.clear()
        self._dead += self._living
        self._living.clear()

    def hold_ends(self) -> None:
        """From now on what is said comes through, and not that a connection was closed after it."""
        self._ends.clear()

    def release(self) -> None:
        """Everything comes through again, what was held first."""
        self._open.set()
        self._ends.set()

    async def stop(self) -> None:
        """End every connection."""
        for task in self._passing:
            task.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)
        for writer in (*self._living, *self._dead):
            writer.close()
        if self._server is not None:
            self._server.close()

    async def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._living.append(writer)
        await self._open.wait()
        there_reader, there_writer = await asyncio.open_unix_connection(self._path)
        self._living.append(there_writer)
        for source, sink in ((reader, there_writer), (there_reader, writer)):
            task = asyncio.create_task(self._pass(source, sink))
            self._passing.add(task)
            task.add_done_callback(self._passing.discard)

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await source.read(PIECE_BYTES):
                await self._open.wait()
                sink.write(piece)
                await sink.drain()
        await self._open.wait()
        await self._ends.wait()
        sink.close()


@asynccontextmanager
async def proxy(url: str) -> AsyncIterator[Proxy]:
    """A way to the database at *url*."""
    made = Proxy(url)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()
