"""
Asks clamd whether a file is known to be harmful. Protocol: clamd(8), ``zINSTREAM``: chunks with a 4-byte length in
network order, a chunk of length 0, one answer that ends with NUL.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from telegut.errors import Unavailable

_CHUNK_BYTES = 131_072
_ANSWER_BYTES = 4_096


class ScannerAway(Unavailable):
    """The virus scanner does not answer. Files wait until it does."""


@dataclass(frozen=True, slots=True)
class Clamd:
    """
    A clamd at *address*: a path of its socket, or ``host:port``.

    time_s: how long one scan may take in all.
    """

    address: str
    time_s: float

    async def harmful(self, data: bytes) -> bool:
        """
        Whether *data* has a signature that clamd knows.

        Raises:
            ScannerAway: no clear answer, for whatever reason.
        """
        try:
            async with asyncio.timeout(self.time_s), self._connection() as (reader, writer):
                await _hand_over(writer, data)
                answer = await reader.readuntil(b"\0")
        except (TimeoutError, OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as exc:
            raise ScannerAway from exc
        return _understood(answer)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        if "/" in self.address:
            reader, writer = await asyncio.open_unix_connection(self.address, limit=_ANSWER_BYTES)
        else:
            host, _, port = self.address.rpartition(":")
            reader, writer = await asyncio.open_connection(host, int(port), limit=_ANSWER_BYTES)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()


async def _hand_over(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(b"zINSTREAM\0")
    view = memoryview(data)
    for start in range(0, len(data), _CHUNK_BYTES):
        chunk = view[start : start + _CHUNK_BYTES]
        writer.write(len(chunk).to_bytes(4, "big") + bytes(chunk))
        await writer.drain()
    writer.write((0).to_bytes(4, "big"))
    await writer.drain()


def _understood(answer: bytes) -> bool:
    """``stream: OK`` or ``stream: NAME FOUND``; anything else is no answer (``… ERROR``: a limit of clamd's own)."""
    said = answer.rstrip(b"\0\n")
    if said == b"stream: OK":
        return False
    if said.startswith(b"stream: ") and said.endswith(b" FOUND"):
        return True
    raise ScannerAway
