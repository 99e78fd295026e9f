"""Where media may go: the STUN port of our media process as of now, and TURN credentials for one seat."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from telegut.clock import Clock
from telegut.rooms import ice
from telegut.rooms.ice import IceServers
from telegut.rooms.media import control

KEPT_S: Final = 2.0
"""The media process is asked again for its port after this long; a restarted one may have another."""


@dataclass(slots=True)
class Paths:
    """
    Finds the servers that a browser is told to use.

    host: the name of our media process for browsers. turn, secret, lifetime: of our TURN server, if there is one.
    """

    socket: Path
    host: str
    turn: tuple[str, ...]
    secret: str
    lifetime: timedelta
    now: Clock
    living: Callable[[], tuple[str, int] | None] = lambda: None
    """Where a media process that we are connected with answers STUN."""
    _port: int | None = field(default=None, init=False)
    _asked_at: float = field(default=-KEPT_S, init=False)

    async def servers(self, visit: UUID, account: UUID) -> IceServers:
        """The servers for one seat; without STUN while the media process is away."""
        return ice.servers(
            stun=await self._stun(),
            turn=self.turn if self.secret else (),
            secret=self.secret,
            visit=visit,
            account=account,
            now=self.now(),
            lifetime=self.lifetime,
        )

    async def _stun(self) -> str | None:
        if (found := self.living()) is not None:
            host, port = found[0] or self.host, found[1]
            return f"stun:[{host}]:{port}" if ":" in host else f"stun:{host}:{port}"
        if time.monotonic() - self._asked_at >= KEPT_S:
            self._asked_at = time.monotonic()
            try:
                self._port = (await control.ask_health(self.socket)).udp_port
            except control.MediaAway:
                self._port = None
        if self._port is None:
            return None
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"stun:{host}:{self._port}"

    async def well(self) -> bool:
        """Whether the media process answers."""
        try:
            await control.ask_health(self.socket)
        except control.MediaAway:
            return False
        return True
