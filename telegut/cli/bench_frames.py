"""The least a WebSocket client can do, so that a benchmark measures the server: text frames, no task for each socket.

Client frames carry the masking key 0, which leaves their bytes as they are (RFC 6455, section 5.3): a server cannot
tell, and unmasks as ever.
"""

from __future__ import annotations

import asyncio
import base64
import os
import re
import struct
from collections.abc import Callable
from typing import Final, cast

SMALL, MIDDLE = 126, 65_536
"""Lengths from which a frame's length takes two and eight bytes more; RFC 6455, section 5.2."""
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
"""Opcodes; RFC 6455, section 5.2."""

_AGAIN: Final = re.compile(rb"\r\nretry-after: *([0-9.]+)", re.IGNORECASE)


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """One whole frame from a client."""
    length = len(payload)
    if length < SMALL:
        head = bytes((0x80 | opcode, 0x80 | length))
    elif length < MIDDLE:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | SMALL, length)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0xFF, length)
    return head + b"\0\0\0\0" + payload


class Line(asyncio.Protocol):
    """
    One socket. *told*: called with each text that comes. *first*: what is said as soon as the door opens.

    ``opened`` is done with the status of the handshake, ``retry_after`` says when to come again after a 503; ``gone``
    with the close code, or None when there was none.
    """

    def __init__(self, path: str, token: str, told: Callable[[bytes], None], first: bytes = b"") -> None:
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[int] = loop.create_future()
        self.gone: asyncio.Future[int | None] = loop.create_future()
        self.transport: asyncio.Transport | None = None
        self.retry_after = 0.0
        self._hello = _handshake(path, token)
        self._first = first
        self._told = told
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is connected: knock."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own kind is none by its class
        self.transport.write(self._hello)

    def say(self, text: bytes) -> None:
        """Send one message."""
        assert self.transport is not None
        self.transport.write(frame(text))

    def data_received(self, data: bytes) -> None:
        """Some frames came, or the answer to our knock."""
        data = self._rest + data if self._rest else data
        at = 0
        if not self.opened.done():
            at = data.find(b"\r\n\r\n") + 4
            if at < 4:
                self._rest = data
                return
            again = _AGAIN.search(data, 0, at)
            self.retry_after = float(again.group(1)) if again else 1.0
            self.opened.set_result(int(data[9:12]))
            if self._first and data[9:12] == b"101":
                self.say(self._first)
        self._rest = data[self._frames(data, at) :]

    def _frames(self, data: bytes, at: int) -> int:
        """Tell of every whole frame in *data* from *at* on; return where the rest begins."""
        while len(data) - at >= 2:
            length, body = data[at + 1], at + 2
            if length == SMALL:
                if len(data) < at + 4:
                    break
                length, body = (data[at + 2] << 8) + data[at + 3], at + 4
            elif length > SMALL:
                if len(data) < at + 10:
                    break
                length, body = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
            if len(data) < body + length:
                break
            self._heard(data[at] & 0x0F, data[body : body + length])
            at = body + length
        return at

    def _heard(self, opcode: int, payload: bytes) -> None:
        assert self.transport is not None
        if opcode == TEXT:
            self._told(payload)
        elif opcode == PING:
            self.transport.write(frame(payload, PONG))
        elif opcode == CLOSE and not self.gone.done():
            self.gone.set_result(int.from_bytes(payload[:2], "big") or None)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is cut."""
        if not self.opened.done():
            self.opened.set_exception(exc or ConnectionResetError("the server closed the connection"))
            self.opened.exception()
        if not self.gone.done():
            self.gone.set_result(None)

    def cut(self) -> None:
        """End it without a word."""
        if self.transport is not None:
            self.transport.abort()


def _handshake(path: str, token: str) -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    ).encode()


async def line(
    host: str, port: int, token: str, told: Callable[[bytes], None], *, path: str = "/events", first: bytes = b""
) -> Line:
    """
    An open socket.

    Raises:
        ConnectionError: the server does not open it.
    """
    loop = asyncio.get_running_loop()
    _, made = await loop.create_connection(lambda: Line(path, token, told, first), host, port)
    status = await made.opened
    if status != 101:
        made.cut()
        raise ConnectionRefusedError(f"the server answered the handshake with {status}")
    return made
