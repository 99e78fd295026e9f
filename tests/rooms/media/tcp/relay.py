"""Somebody in a network without UDP: what a caller sends as datagrams goes over one TCP connection, and back."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from telegut.rooms.media.tcp.framing import framed

RECEIVES = 4096
"""Bytes that the system keeps for who does not read; it may give a little more."""


class Relay(asyncio.DatagramProtocol):
    """Between a UDP socket and a stream. *number* is the port for the caller."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.reading = asyncio.Event()
        self.reading.set()
        self.torn = False
        """Send each byte by itself."""
        self.number = 0
        self.got = 0
        self._out: asyncio.DatagramTransport | None = None
        self._caller: tuple[str, int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.DatagramProtocol`."""
        self._out = cast(asyncio.DatagramTransport, transport)
        self.number = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """See `asyncio.DatagramProtocol`."""
        self._caller = addr
        raw = framed([memoryview(data)])
        for part in (raw[at : at + 1] for at in range(len(raw))) if self.torn else (raw,):
            self.writer.write(part)

    async def run(self) -> None:
        """Hand back what comes, until the connection ends."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await self.reading.wait()
                frame = await self.reader.readexactly(int.from_bytes(await self.reader.readexactly(2)))
                self.got += 1
                if self._out is not None and self._caller is not None:
                    self._out.sendto(frame, self._caller)


@asynccontextmanager
async def relay(port: int) -> AsyncIterator[Relay]:
    """A connection with the media process at *port*."""
    loop = asyncio.get_running_loop()
    way = socket.socket()
    way.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVES)
    way.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    way.setblocking(False)
    await loop.sock_connect(way, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=way, limit=RECEIVES)
    transport, made = await loop.create_datagram_endpoint(lambda: Relay(reader, writer), local_addr=("127.0.0.1", 0))
    running = asyncio.create_task(made.run())
    try:
        yield made
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        transport.close()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
