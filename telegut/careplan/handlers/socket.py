"""
``/notes/{plan}?audience=shared|team|own``: a live note over one socket. Binary y-protocols messages; see PROTOCOL.md.

Whoever must not see an audience gets 404 at the handshake, like for a plan that does not exist. A socket that sends
what is no message of the protocol is closed with 4400 and has changed nothing.
"""

from __future__ import annotations

import asyncio
from collections import deque
from uuid import UUID

from aiohttp import WSMsgType, web

from telegut.accounts.rules import Relation
from telegut.careplan.handlers.keys import CARE_PLANS, NOTES
from telegut.careplan.notebook import Place
from telegut.careplan.notes.live import LiveNote
from telegut.careplan.rules import Audience, NotYours
from telegut.careplan.seats import GONE, MALFORMED, NoteFull, ReadOnly, Seat, close_code
from telegut.errors import TelegutError, TooMany, Unauthenticated, Unparsable
from telegut.web.identity import identify
from telegut.web.keys import SETTINGS
from telegut.web.sockets import TOO_SLOW, Socket, open_socket

TOO_MANY = 4429


async def get_notes_socket(request: web.Request) -> web.StreamResponse:
    """The socket of one note."""
    caller = await identify(request)
    if caller.account is None:
        raise Unauthenticated
    plans, notes, settings = request.app[CARE_PLANS], request.app[NOTES], request.app[SETTINGS]
    place, relation = await plans.notes.open(caller, _plan(request), _audience(request))
    async with open_socket(request, caller, max_message_bytes=settings.notes_message_bytes) as socket:
        peer = SocketPeer(socket, limit_bytes=2 * settings.notes_document_bytes)
        seat = Seat(peer, caller, relation.writes, team=relation is Relation.CARE_TEAM)
        try:
            live = await notes.open(place, seat)
        except TooMany:
            await peer.stop()
            await socket.close(TOO_MANY, b"too many windows")
            return socket.stream
        watching = asyncio.create_task(_watch(request, socket, place), name="note watch")
        try:
            await _read(socket, live, seat)
        finally:
            live.rise(seat)
            watching.cancel()
            await peer.stop()
            await asyncio.gather(watching, return_exceptions=True)
        return socket.stream


async def _read(socket: Socket, live: LiveNote, seat: Seat) -> None:
    async for message in socket.stream:
        if message.type is not WSMsgType.BINARY:
            await socket.close(MALFORMED, b"binary messages only")
            return
        try:
            live.receive(seat, message.data)
        except (Unparsable, ReadOnly, NoteFull) as refusal:
            await socket.close(close_code(refusal), refusal.code.encode())
            return


async def _watch(request: web.Request, socket: Socket, place: Place) -> None:
    """Ask again and again whether this note is still theirs to see."""
    while True:
        await asyncio.sleep(request.app[SETTINGS].notes_recheck_s)
        try:
            admitted = await request.app[CARE_PLANS].notes.still_admits(socket.caller, place)
        except TelegutError:
            continue
        if not admitted:
            await socket.close(GONE, b"not yours any more")
            return


class SocketPeer:
    """Queues what a note says to one socket, and sends it in order; who reads too slowly is cut and can come back."""

    def __init__(self, socket: Socket, *, limit_bytes: int) -> None:
        self._socket = socket
        self._limit = limit_bytes
        self._queued: deque[bytes] = deque()
        self._bytes = 0
        self._something = asyncio.Event()
        self._code: int | None = None
        self._task = asyncio.create_task(self._run(), name="note peer")

    def send(self, frame: bytes) -> None:
        """Queue *frame*."""
        self._queued.append(frame)
        self._bytes += len(frame)
        if self._bytes > self._limit:
            self._queued.clear()
            self.close(TOO_SLOW)
        self._something.set()

    def close(self, code: int) -> None:
        """End the socket with *code*, after what is queued."""
        self._code = self._code or code
        self._something.set()

    async def stop(self) -> None:
        """Send nothing more."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            while self._queued:
                frame = self._queued.popleft()
                self._bytes -= len(frame)
                try:
                    await self._socket.send_bytes(frame)
                except (ConnectionError, RuntimeError):
                    return
            if self._code is not None:
                await self._socket.close(self._code)
                return


def _plan(request: web.Request) -> UUID:
    try:
        return UUID(request.match_info["plan"])
    except ValueError as exc:
        raise NotYours from exc


def _audience(request: web.Request) -> Audience:
    try:
        return Audience(request.query.get("audience", Audience.SHARED))
    except ValueError as exc:
        raise NotYours from exc
