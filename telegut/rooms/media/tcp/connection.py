"""
One connection of a browser by TCP: frames in, datagrams out, and what is done when it does not read.

What waits here is late. Media that finds more than `MEDIA_WAITS` waiting is dropped, as a full path drops datagrams:
the browser sees the gap, asks again, and its estimate of the path falls. Checks, DTLS and RTCP are never dropped:
whoever lets `MOST_WAITS` of it pile up, or reads nothing for `STUCK_S`, is hung up on.

Source: tcp(7), TCP_NODELAY, TCP_NOTSENT_LOWAT, TCP_USER_TIMEOUT.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import time
from typing import Final, Protocol, cast

from telegut.rooms.media.ice_lite import BY_TCP, Address
from telegut.rooms.media.tcp.framing import Broken, Frames, framed

MEDIA_WAITS: Final = 24 * 1024
"""Bytes: about a fifth of a second of a large picture. Beside it the system holds `UNSENT`."""
UNSENT: Final = 16 * 1024
"""Bytes that the system takes beyond what is on its way."""
MOST_WAITS: Final = 512 * 1024
"""Bytes; one batch of media for one browser is at most 384 KiB (`egress.SLOTS` packets), and is taken whole."""
STUCK_S: Final = 10.0
SEND_BUFFER: Final = 256 * 1024
"""Bytes on their way at most: 10 Mbit/s at 0.2 s there and back."""
GIVEN_UP_MS: Final = 15_000
"""What was sent and not acknowledged for so long ends the connection."""
_FIRST_RTP, _LAST_RTP = 128, 191
_FIRST_RTCP, _LAST_RTCP = 192, 223


class Door(Protocol):
    """Who takes connections and their frames."""

    def opened(self, connection: Connection) -> bool:
        """Whether *connection*, which has just been made, may stay."""

    def frame(self, connection: Connection, frame: memoryview) -> bool:
        """Take *frame*, which is good during this call; whether *connection* may stay."""

    def read(self) -> None:
        """Everything that had come was handed over."""

    def closed(self, connection: Connection) -> None:
        """It is gone."""


class Connection(asyncio.BufferedProtocol):
    """See above. Times are seconds of the process's monotonic clock."""

    def __init__(self, door: Door) -> None:
        self.address: Address = ("", 0)
        self.host = ""
        self.made_at = self.heard_at = time.monotonic()
        self.proven = False
        """It has shown the password of a session."""
        self._door = door
        self._frames = Frames()
        self._transport: asyncio.Transport | None = None
        self._full_since: float | None = None

    # --- in

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.BaseProtocol`."""
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        if not peer:  # it went before we looked
            self._transport.abort()
            return
        self.host = str(peer[0])
        self.address = (BY_TCP + self.host, int(peer[1]))
        if not self._door.opened(self):
            self.hang_up()
            return
        self._transport.set_write_buffer_limits(high=MOST_WAITS)
        _tune(transport.get_extra_info("socket"))

    def get_buffer(self, sizehint: int) -> memoryview:
        """See `asyncio.BufferedProtocol`."""
        return self._frames.room()

    def buffer_updated(self, nbytes: int) -> None:
        """See `asyncio.BufferedProtocol`."""
        self.heard_at = time.monotonic()
        try:
            for frame in self._frames.take(nbytes):
                if not self._door.frame(self, frame):
                    self.hang_up()
                    break
        except Broken:
            self.hang_up()
        self._door.read()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.BaseProtocol`."""
        self._transport = None
        self._door.closed(self)

    # --- out

    def media(self, packets: list[memoryview]) -> int:
        """Send them all or none; how many."""
        transport = self._transport
        if transport is None or transport.get_write_buffer_size() > MEDIA_WAITS:
            return 0
        transport.write(framed(packets))
        return len(packets)

    def send(self, datagram: bytes | memoryview) -> bool:
        """Send anything; whether it is on its way."""
        view, transport = memoryview(datagram), self._transport
        if _FIRST_RTP <= view[0] <= _LAST_RTP and not _FIRST_RTCP <= view[1] <= _LAST_RTCP:
            return self.media([view]) == 1
        if transport is None:
            return False
        if transport.get_write_buffer_size() > MOST_WAITS:
            self.hang_up()
            return False
        transport.write(framed([view]))
        return True

    def stuck(self, now: float) -> bool:
        """Whether it has not read for `STUCK_S`; asked once a second."""
        if self._transport is None or self._transport.get_write_buffer_size() <= MEDIA_WAITS:
            self._full_since = None
        elif self._full_since is None:
            self._full_since = now
        return self._full_since is not None and now - self._full_since >= STUCK_S

    def hang_up(self) -> None:
        """End it at once."""
        if self._transport is not None:
            self._transport.abort()


def _tune(taken: socket.socket) -> None:
    with contextlib.suppress(OSError):
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if sys.platform == "linux":
            taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)
            taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, GIVEN_UP_MS)
