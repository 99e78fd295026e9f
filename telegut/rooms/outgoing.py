"""
What one room's socket is told: gathered for a turn of the loop, then written in one piece.

A change of a visit is several messages to each of its people, and what one page says is often answered with more than
one. Mostly the other side has read what it got before, and all of it leaves in one write, without a task. Whoever reads
slowly is waited for by a task that lives as long as that, up to a bounded number of messages.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any, Final

from telegut.web.sockets import Socket

_TEXT: Final = json.JSONEncoder(default=str)


class Outgoing:
    """Messages on their way to one *socket*; at most *most* of them wait."""

    def __init__(self, socket: Socket, most: int) -> None:
        self._socket = socket
        self._most = most
        self._waiting: deque[str] = deque()
        self._ending: tuple[int, bytes] | None = None
        self._soon: asyncio.Handle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._stopped = False

    def put(self, message: dict[str, Any]) -> bool:
        """Have *message* written; False when so many wait that it is not."""
        if len(self._waiting) >= self._most:
            return False
        self._waiting.append(_TEXT.encode(message))
        self._write_soon()
        return True

    def end(self, code: int, why: bytes) -> None:
        """Close the socket after what was put before."""
        self._ending = self._ending or (code, why)
        self._write_soon()

    def stop(self) -> None:
        """Write nothing any more: the socket is closed."""
        self._stopped = True
        for one in (self._soon, self._writing):
            if one is not None:
                one.cancel()

    def _write_soon(self) -> None:
        if self._soon is None and self._writing is None and not self._stopped:
            self._soon = asyncio.get_running_loop().call_soon(self._write)

    def _write(self) -> None:
        self._soon = None
        if self._waiting and self._socket.push(self._waiting):
            self._waiting.clear()
        if self._waiting or self._ending:
            self._writing = asyncio.create_task(self._write_waiting(), name="room writer")

    async def _write_waiting(self) -> None:
        """The other side has not read enough yet, or is to go."""
        try:
            while self._waiting:
                await self._socket.send_json(None, self._waiting.popleft())
        except ConnectionError:
            self._waiting.clear()
        if self._ending is not None:
            await self._socket.close(*self._ending)
            self._stopped = True
        self._writing = None
