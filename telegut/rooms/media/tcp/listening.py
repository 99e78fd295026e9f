"""
The TCP side of a media process's port: who may connect, and for how long without showing a session's password.

A browser connects only where it was told to by an answer of ours, and shows the password at once. Strangers cost a
bounded number of connections, none of them for longer than `PROVE_WITHIN_S`.

Source: RFC 6544, section 5.2 (a passive candidate), section 10 (security).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from typing import Final, Protocol

from telegut import logs
from telegut.rooms.media.allowance import Allowance
from telegut.rooms.media.ice_lite import Address
from telegut.rooms.media.tcp.connection import Connection

log = logs.get("media")

MOST: Final = 1000
"""Connections of one process: more than the people one core can carry."""
MOST_OF_HOST: Final = 100
"""Of one address: a clinic behind one, each person with two (a browser tries beside UDP)."""
UNPROVEN: Final = 200
UNPROVEN_OF_HOST: Final = 20
EACH: Final = 50
"""New connections a second of one address that are looked at; those beyond are ended at once."""
ALL: Final = 500
PROVE_WITHIN_S: Final = 5.0
IDLE_S: Final = 30.0
"""Browsers ask for consent each few seconds; RFC 7675, section 5.1."""
SWEEP_S: Final = 1.0
BACKLOG: Final = 128


class Takes(Protocol):
    """The port: to whom frames belong."""

    def take(self, frame: memoryview, address: Address) -> bool:
        """Take a frame; whether its sender has shown a password, now or before."""

    def flush(self) -> None:
        """Send what was made of what was read."""


class Listener:
    """The connections of one port, by address. *refused* counts those that were not taken."""

    def __init__(self, takes: Takes) -> None:
        self.connections: dict[Address, Connection] = {}
        self.refused = 0
        self._takes = takes
        self._counted: set[Connection] = set()
        self._by_host: dict[str, int] = {}
        self._unproven: dict[str, int] = {}
        self._allowance = Allowance(EACH, ALL)
        self._server: asyncio.Server | None = None
        self._sweeping: asyncio.TimerHandle | None = None

    async def open(self, host: str, number: int) -> bool:
        """Take connections; False when the port is somebody else's."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        taken = socket.socket(family, socket.SOCK_STREAM)
        try:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                with contextlib.suppress(OSError):
                    taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            taken.bind((host, number))
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(lambda: Connection(self), sock=taken, backlog=BACKLOG)
        except OSError as exc:
            taken.close()
            log.warning("media takes no TCP", error=type(exc).__name__)
            return False
        self._sweeping = loop.call_later(SWEEP_S, self._sweep)
        return True

    def close(self) -> None:
        """Take no more, and end those that are there."""
        if self._server is not None:
            self._server.close()
        if self._sweeping is not None:
            self._sweeping.cancel()
        for one in list(self._counted):
            one.hang_up()

    # --- what connections say

    def opened(self, connection: Connection) -> bool:
        """See `connection.Door`."""
        host = connection.host
        welcome = (
            self._allowance.take(host, connection.made_at)
            and len(self._counted) < MOST
            and self._by_host.get(host, 0) < MOST_OF_HOST
            and self._unproven.get(host, 0) < UNPROVEN_OF_HOST
            and sum(self._unproven.values()) < UNPROVEN
        )
        if not welcome:
            self.refused += 1
            return False
        self.connections[connection.address] = connection
        self._counted.add(connection)
        _count(self._by_host, host, 1)
        _count(self._unproven, host, 1)
        return True

    def frame(self, connection: Connection, frame: memoryview) -> bool:
        """See `connection.Door`."""
        shown = self._takes.take(frame, connection.address)
        if shown and not connection.proven:
            connection.proven = True
            _count(self._unproven, connection.host, -1)
        return shown

    def read(self) -> None:
        """See `connection.Door`."""
        self._takes.flush()

    def closed(self, connection: Connection) -> None:
        """See `connection.Door`."""
        if connection not in self._counted:
            return
        self._counted.discard(connection)
        if self.connections.get(connection.address) is connection:
            del self.connections[connection.address]
        _count(self._by_host, connection.host, -1)
        if not connection.proven:
            _count(self._unproven, connection.host, -1)

    def _sweep(self) -> None:
        now = time.monotonic()
        for one in list(self._counted):
            late = not one.proven and now - one.made_at > PROVE_WITHIN_S
            if late or now - one.heard_at > IDLE_S or one.stuck(now):
                one.hang_up()
        self._sweeping = asyncio.get_running_loop().call_later(SWEEP_S, self._sweep)


def _count(counts: dict[str, int], host: str, by: int) -> None:
    counts[host] = counts.get(host, 0) + by
    if not counts[host]:
        del counts[host]
