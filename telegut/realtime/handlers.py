"""
The ``/events`` socket and its twin without a socket.

A client says ``hello`` with its cursor and gets ``welcome`` or ``resync_required``; then events come, each with the
cursor to keep. Other domains add commands of their own (``send``, ``typing``) with `command`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from aiohttp import WSMsgType, web
from pydantic import Field

from telegut import logs
from telegut.errors import FieldError, Invalid, TelegutError, Unauthenticated
from telegut.realtime import feed as positions
from telegut.realtime.bus import Bus
from telegut.realtime.hub import Fresh, Hub, Listener, Waiting
from telegut.realtime.service import Feed
from telegut.web import problems
from telegut.web.api import Answer, Call, Endpoints, Query
from telegut.web.identity import identify
from telegut.web.parse import read_json
from telegut.web.sockets import SOCKETS, Socket, open_socket

Command = Callable[[Socket, dict[str, Any]], Awaitable[None]]

FEED: web.AppKey[Feed] = web.AppKey("feed")
HUB: web.AppKey[Hub] = web.AppKey("hub")
BUS: web.AppKey[Bus] = web.AppKey("bus")
COMMANDS: web.AppKey[dict[str, Command]] = web.AppKey("commands")

POLL_LIMIT_S = 25.0
log = logs.get("events")
api = Endpoints("events")


def install(app: web.Application, feed: Feed, hub: Hub, bus: Bus) -> None:
    """Serve the feed in *app*."""
    app[FEED], app[HUB], app[BUS] = feed, hub, bus
    app[COMMANDS] = {}
    api.install(app)
    app.router.add_get("/events", get_events_socket)


def command(app: web.Application, name: str, handler: Command) -> None:
    """Let clients say ``{"type": name, …}`` on ``/events``; *handler* answers on the socket itself, in order."""
    app[COMMANDS][name] = handler


async def get_events_socket(request: web.Request) -> web.StreamResponse:
    """The socket."""
    request.app[SOCKETS].admission.admit()
    caller = await identify(request)
    if caller.scope is not None and not caller.scope.admitted:
        raise Unauthenticated
    async with open_socket(request, caller) as socket:
        await _Conversation(request.app, socket).run()
        return socket.stream


class _Conversation(Listener):
    """
    One client on one socket.

    The mailbox is read by a task that lives only as long as there may be something to read: most sockets are idle.
    """

    __slots__ = ("acknowledged", "again", "app", "epoch", "pump", "socket")

    def __init__(self, app: web.Application, socket: Socket) -> None:
        assert socket.caller.account is not None
        super().__init__(socket.caller.account)
        self.app = app
        self.socket = socket
        self.pump: asyncio.Task[None] | None = None
        self.again = False
        self.epoch: UUID | None = None
        self.acknowledged = 0

    async def run(self) -> None:
        try:
            async for message in self.socket.stream:
                if message.type is WSMsgType.TEXT:
                    await self._heard(message.data)
                elif message.type is WSMsgType.BINARY:
                    await self._refuse(None, Invalid("Messages here are JSON text."))
        finally:
            self.app[HUB].remove(self)
            if self.pump is not None:
                self.pump.cancel()
                await asyncio.gather(self.pump, return_exceptions=True)

    async def _heard(self, text: str) -> None:
        message: Any = None
        try:
            message = read_json(text)
            if not isinstance(message, dict) or not isinstance(message.get("type"), str):
                raise Invalid("A message is an object with a type.")
            await self._obey(message)
        except TelegutError as exc:
            await self._refuse(message, exc)
        except (ValueError, RecursionError):
            await self._refuse(None, Invalid("This message is not JSON."))

    async def _obey(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "hello":
                _only(message, "cursor")
                await self._hello(message.get("cursor"))
            case "ack":
                _only(message, "cursor")
                await self._ack(message.get("cursor"))
            case "ping":
                _only(message)
                # The pings of the protocol are nothing that a page's script could see or send.
                await self.socket.send_json({"type": "pong"})
            case name if name in self.app[COMMANDS]:
                await self.app[COMMANDS][name](self.socket, message)
            case _:
                raise Invalid("This type of message is not known here.")

    async def _hello(self, cursor: Any) -> None:
        if cursor is not None and not isinstance(cursor, str):
            raise Invalid("A cursor is text, or null.")
        if self.epoch is not None:
            raise Invalid("Hello was said before.")
        # From here on rings are remembered, so that nothing is missed between the question and the welcome.
        self.app[HUB].add(self)
        mailbox = await self.app[FEED].mailbox(self.account)
        after = positions.resume(cursor, mailbox, self.account)
        kind = "welcome" if after is not None else "resync_required"
        self.sent = mailbox.seq if after is None else after
        # For whom: a page that another account has signed in beside must not go on as somebody else.
        known = positions.encode(positions.Cursor(mailbox.epoch, self.sent), self.account)
        await self.socket.send_json({"type": kind, "cursor": known, "account": str(self.account)})
        self.epoch = mailbox.epoch
        if self.again or self.sent < mailbox.seq:
            self.ring()

    def _cursor(self, seq: int) -> str:
        assert self.epoch is not None
        return positions.encode(positions.Cursor(self.epoch, seq), self.account)

    def take(self, events: Sequence[Fresh]) -> bool:
        """
        Deliver what follows at once on what was sent, unless the mailbox is being read or the peer is slow.

        Somebody on a personal link sees less than a mailbox holds: for them it is always read.
        """
        if self.epoch is None or self.pump is not None or self.socket.caller.scope is not None:
            return False
        fresh = [one for one in events if one.seq > self.sent]
        if not fresh or fresh[0].seq != self.sent + 1:
            return not fresh
        texts = [self._text(one.seq, one.event) for one in fresh if one.event is not None]
        if len(texts) < len(fresh) or not self.socket.push(texts):
            return False
        self.sent = fresh[-1].seq
        return True

    def _text(self, seq: int, event: str) -> str:
        return f'{{"type": "event", "cursor": "{self._cursor(seq)}", "event": {event}}}'

    def ring(self) -> None:
        """Read the mailbox, once more if that is being done already."""
        self.again = True
        if self.pump is None and self.epoch is not None:
            self.pump = asyncio.create_task(self._pump(), name="feed pump")

    async def _pump(self) -> None:
        try:
            while self.again and not self.socket.stream.closed:
                self.again = False
                await self._drain()
        except (TelegutError, OSError) as exc:
            if not isinstance(exc, ConnectionError):
                # The database is away: the poll rings again, and nothing was skipped.
                log.warning("feed stalled", error=type(exc).__name__)
        except Exception as exc:
            log.error("feed failed", error=type(exc).__name__, where=logs.where(exc))
            await self.socket.close(1011, b"failed")
        finally:
            self.pump = None

    async def _drain(self) -> None:
        while self.whispers:
            await self.socket.send_json(self.whispers.popleft())
        while True:
            found = await self.app[FEED].after(self.socket.caller, self.sent)
            for one in found:
                if one.event is not None:
                    await self.socket.send_json(None, self._text(one.seq, json.dumps(one.event, default=str)))
                self.sent = one.seq
            if len(found) < self.app[FEED].page:
                return

    async def _ack(self, text: Any) -> None:
        cursor = positions.decode(text, self.account) if isinstance(text, str) else None
        if cursor is None or cursor.epoch != self.epoch or cursor.seq > self.sent:
            raise Invalid("This cursor was not sent here.")
        if cursor.seq > self.acknowledged:
            self.acknowledged = cursor.seq
            await self.app[FEED].acknowledge(self.account, cursor.seq)

    async def _refuse(self, message: Any, error: TelegutError) -> None:
        known = message if isinstance(message, dict) else {}
        answer: dict[str, Any] = {"type": "refused", "problem": problems.of(error)}
        if "client_id" in known:
            answer["client_id"] = known["client_id"]
        await self.socket.send_json(answer)


def _only(message: dict[str, Any], *names: str) -> None:
    for name in message:
        if name != "type" and name not in names:
            raise Invalid(errors=[FieldError(name, "is not a known field")])


class EventsQuery(Query):
    """Where to go on from, and how long to wait for something."""

    cursor: str | None = None
    wait: float = Field(default=0, ge=0, le=POLL_LIMIT_S)


class EventsAnswer(Answer):
    """What happened since; *resync_required* says that the cursor cannot be gone on from."""

    account: UUID
    items: list[dict[str, Any]]
    cursor: str
    resync_required: bool = False


@api.get("/api/v1/events", query=EventsQuery, answer=EventsAnswer, summary="The feed without a socket")
async def get_events(call: Call[None]) -> EventsAnswer:
    """
    The same stream as ``/events``; with *wait*, answers as soon as there is something.

    Who names a cursor keeps everything up to it: here there is no other word for it.
    """
    account = call.caller.account
    assert account is not None
    feed = call.app[FEED]
    mailbox = await feed.mailbox(account)
    after = positions.resume(call.query.cursor, mailbox, account)
    if after is None:
        present = _text(mailbox, mailbox.seq, account)
        return EventsAnswer(account=account, items=[], cursor=present, resync_required=True)
    if call.query.cursor is not None:
        await feed.acknowledge(account, after)
    found = await feed.after(call.caller, after)
    if not found and call.query.wait:
        await _wait(call, after)
        found = await feed.after(call.caller, after)
    last = found[-1].seq if found else after
    items = [one.event for one in found if one.event is not None]
    return EventsAnswer(account=account, items=items, cursor=_text(mailbox, last, account))


async def _wait(call: Call[None], after: int) -> None:
    assert call.caller.account is not None
    listener = Waiting(call.caller.account)
    listener.sent = after
    call.app[HUB].add(listener)
    try:
        async with asyncio.timeout(min(call.query.wait, POLL_LIMIT_S)):
            await listener.bell.wait()
    except TimeoutError:
        return
    finally:
        call.app[HUB].remove(listener)


def _text(mailbox: positions.Mailbox, seq: int, account: UUID) -> str:
    return positions.encode(positions.Cursor(mailbox.epoch, seq), account)
