"""
Sockets that are checked at the door, counted, bounded, and closed when their session ends.

Close codes of our own (RFC 6455, section 7.4.2 leaves 4000 to 4999 to applications):
4401 the session ended; 4408 the other side read too slowly; 4429 too many sockets; 1012 the server restarts.
"""

from __future__ import annotations

import asyncio
import random
import struct
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from aiohttp import WSCloseCode, web

from telegut.db.caller import Caller
from telegut.errors import TooMany, Unauthenticated, Unavailable
from telegut.web.admission import Admission
from telegut.web.identity import uses_cookie
from telegut.web.keys import SETTINGS
from telegut.web.security import check_origin

SESSION_ENDED = 4401
TOO_SLOW = 4408
STALLED_S = 30.0
"""A peer that has not drained a message for this long is cut; it can come back and resume."""
FAREWELL_S = 2.0
"""How long a peer may take over a close."""
SLOW_FAREWELL_S = 30.0
"""How long a peer that stalled may take to read what was written before its close, and so why it is cut."""
BACK_AFTER_RESTART_MS = (1_000, 10_000)
BACK_AFTER_STALLING_MS = (500, 2_000)
"""Between which times a peer is asked to come back: each at another one, so that they do not all come at once."""


PUSHED_BYTES = 65_536
"""Beyond so much that a peer has not read yet, nothing is pushed: it is sent, which waits for the peer."""
_SMALL, _MIDDLE, _TEXT = 126, 65_536, 0x81
"""Lengths from which a frame's length takes more bytes; a whole text message. RFC 6455, section 5.2."""


class Socket:
    """One open socket of one caller; *close* may be called from anywhere."""

    __slots__ = ("__weakref__", "_transport", "caller", "stream")

    def __init__(
        self, stream: web.WebSocketResponse, caller: Caller, transport: asyncio.Transport | None = None
    ) -> None:
        self.stream = stream
        self.caller = caller
        self._transport = transport

    def push(self, texts: Iterable[str]) -> bool:
        """
        Send whole messages at once, in one write, without waiting; False, and nothing was sent, when the peer has not
        read enough of what it got before, or is gone.
        """
        transport = self._transport
        if transport is None or transport.is_closing() or self.stream.closed:
            return False
        if transport.get_write_buffer_size() > PUSHED_BYTES:
            return False
        transport.write(b"".join([_frame(text.encode()) for text in texts]))
        return True

    async def send_json(self, message: Any, text: str | None = None) -> None:
        """Send one message; *text* is its JSON when the caller has it already."""
        import json

        await self._bounded(self.stream.send_str(text if text is not None else json.dumps(message, default=str)))

    async def send_bytes(self, message: bytes) -> None:
        """Send one binary message."""
        await self._bounded(self.stream.send_bytes(message))

    async def _bounded(self, sending: Any) -> None:
        try:
            async with asyncio.timeout(STALLED_S):
                await sending
        except TimeoutError:
            await self.close(TOO_SLOW, reason("too slow", BACK_AFTER_STALLING_MS), patience_s=SLOW_FAREWELL_S)

    async def close(self, code: int, why: bytes = b"", *, patience_s: float = FAREWELL_S) -> None:
        """End it with *code*; whoever does not answer within *patience_s* is cut."""
        try:
            async with asyncio.timeout(patience_s):
                await self.stream.close(code=code, message=why)
        except TimeoutError:
            transport = self.stream.get_extra_info("transport")
            if transport is not None:
                transport.abort()


def _frame(payload: bytes) -> bytes:
    """A whole text message as a server sends it: not masked, not compressed, which no socket here asks for."""
    length = len(payload)
    if length < _SMALL:
        return bytes((_TEXT, length)) + payload
    if length < _MIDDLE:
        return struct.pack("!BBH", _TEXT, 126, length) + payload
    return struct.pack("!BBQ", _TEXT, 127, length) + payload


def reason(why: str, between_ms: tuple[int, int]) -> bytes:
    """The reason of a close, with a hint when to come back that differs from peer to peer: ``why; retry_ms=N``."""
    return f"{why}; retry_ms={random.randint(*between_ms)}".encode()


class Sockets:
    """All open sockets of this process; *admission*: how many may come at once."""

    def __init__(self, *, per_account: int, per_process: int, admission: Admission) -> None:
        self.admission = admission
        self._by_account: defaultdict[UUID, set[Socket]] = defaultdict(set)
        self._per_account = per_account
        self._per_process = per_process
        self._open = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.closing = False

    @property
    def count(self) -> int:
        """How many are open."""
        return self._open

    def of(self, account: UUID) -> frozenset[Socket]:
        """The open sockets of *account* in this process."""
        return frozenset(self._by_account.get(account, ()))

    def check_room(self, caller: Caller) -> None:
        """
        See that one more fits.

        Raises:
            Unavailable: this process is full or stopping. TooMany: this account has enough of them.
        """
        if self.closing or self._open >= self._per_process:
            raise Unavailable(retry_after=5)
        if caller.account and len(self._by_account[caller.account]) >= self._per_account:
            raise TooMany("There are many telegut windows open. Please close one.")

    def add(self, socket: Socket) -> None:
        """Count it in."""
        self._open += 1
        if socket.caller.account:
            self._by_account[socket.caller.account].add(socket)

    def remove(self, socket: Socket) -> None:
        """Count it out."""
        self._open -= 1
        account = socket.caller.account
        if account:
            self._by_account[account].discard(socket)
            if not self._by_account[account]:
                del self._by_account[account]

    def end_session(self, account: UUID, session: UUID | None) -> None:
        """Close what *session* opened; every socket of the account when it is None."""
        for socket in list(self._by_account.get(account, ())):
            if session is None or socket.caller.session == session:
                self._end(socket)

    def end_visitor(self, account: UUID, visit: UUID) -> None:
        """Close what *account* opened by their personal link to *visit*."""
        for socket in list(self._by_account.get(account, ())):
            if socket.caller.scope is not None and socket.caller.scope.visit == visit:
                self._end(socket)

    def _end(self, socket: Socket) -> None:
        task = asyncio.ensure_future(socket.close(SESSION_ENDED, b"session ended"))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def visitors(self) -> set[tuple[UUID, UUID]]:
        """The visit and the account of everybody whose socket was opened by a personal link."""
        return {
            (socket.caller.scope.visit, account)
            for account, sockets in self._by_account.items()
            for socket in sockets
            if socket.caller.scope is not None
        }

    def sessions(self) -> dict[UUID, UUID]:
        """The sign-ins that sockets were opened with, each with its account."""
        return {
            socket.caller.session: account
            for account, sockets in self._by_account.items()
            for socket in sockets
            if socket.caller.session is not None
        }

    async def close_all(self) -> None:
        """Ask everybody to come back: the server restarts."""
        self.closing = True
        sockets = [one for many in self._by_account.values() for one in many]
        await asyncio.gather(*(_sent_away(one) for one in sockets))


def _sent_away(socket: Socket) -> Awaitable[None]:
    return socket.close(WSCloseCode.SERVICE_RESTART, reason("restart", BACK_AFTER_RESTART_MS))


SOCKETS: web.AppKey[Sockets] = web.AppKey("sockets")


@asynccontextmanager
async def open_socket(
    request: web.Request, caller: Caller, *, max_message_bytes: int | None = None
) -> AsyncIterator[Socket]:
    """
    Accept a socket of *caller* for the length of the block.

    Raises:
        Unauthenticated: nobody vouches for the request.
        ForeignOrigin: a cookie came without our own ``Origin``.
        TooMany, Unavailable: see `Sockets.check_room`.
    """
    settings = request.app[SETTINGS]
    sockets = request.app[SOCKETS]
    if caller.account is None:
        raise Unauthenticated
    if uses_cookie(request):
        check_origin(request, required=True)
    sockets.check_room(caller)
    stream = web.WebSocketResponse(
        heartbeat=settings.heartbeat_s,
        max_msg_size=max_message_bytes or settings.socket_message_bytes,
        compress=False,
    )
    await stream.prepare(request)
    socket = Socket(stream, caller, request.transport)
    sockets.add(socket)
    try:
        yield socket
    finally:
        sockets.remove(socket)
        if not stream.closed:
            await socket.close(WSCloseCode.OK)
