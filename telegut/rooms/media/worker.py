"""
The media process: a STUN responder on one UDP port, and the control socket that says it is well.

Media itself goes from browser to browser. This process helps them find each other without asking a third party.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from telegut import logs
from telegut.rooms.media import control, stun
from telegut.settings import Settings

log = logs.get("media")


class StunServer(asyncio.DatagramProtocol):
    """Answers what `stun.answer` answers; *answered* counts."""

    def __init__(self) -> None:
        self.answered = 0
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """One datagram; whatever is in it, the next one is served."""
        reply = stun.answer(data, (addr[0], addr[1]))
        if reply is not None and self._transport is not None:
            self.answered += 1
            self._transport.sendto(reply, addr)

    def error_received(self, exc: Exception) -> None:
        """A peer that is gone (ICMP); nothing to do."""


async def run(settings: Settings) -> None:
    """Answer until cancelled."""
    loop = asyncio.get_running_loop()
    address = (settings.media_host, settings.media_port)
    transport, server = await loop.create_datagram_endpoint(StunServer, local_addr=address)
    port: int = transport.get_extra_info("sockname")[1]
    path = control.socket_path(settings.data)
    door = await control.serve(path, lambda: {"udp_port": port, "answered": server.answered})
    log.info("media listens", count=port)
    try:
        await asyncio.Event().wait()
    finally:
        door.close()
        transport.close()
        control.remove(path)
