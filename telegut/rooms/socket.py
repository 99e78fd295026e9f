"""The ``/rooms`` socket: a ticket first, then one message after the other, each answered by what it changed."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from aiohttp import WSCloseCode, WSMsgType, web

from telegut import logs
from telegut.db.caller import Caller
from telegut.errors import Invalid, TelegutError, TooMany, Unavailable
from telegut.rooms.entry import TicketSpent
from telegut.rooms.forwarding import Forwarding
from telegut.rooms.outgoing import Outgoing
from telegut.rooms.paths import Paths
from telegut.rooms.presence import Arrival, SeatElsewhere
from telegut.rooms.signalling import ELSEWHERE, SEVERAL, Member, Switchboard
from telegut.rooms.views import ice_answers
from telegut.rooms.visitors import ENTRY
from telegut.web import problems
from telegut.web.identity import ANONYMOUS, REQUEST_ID, identify, uses_cookie
from telegut.web.keys import SETTINGS
from telegut.web.parse import check_text, read_json
from telegut.web.security import check_origin
from telegut.web.sockets import SOCKETS, Socket

log = logs.get("rooms")

SWITCHBOARD: web.AppKey[Switchboard] = web.AppKey("rooms_switchboard")
PATHS: web.AppKey[Paths] = web.AppKey("rooms_paths")
FORWARDING: web.AppKey[Forwarding] = web.AppKey("rooms_forwarding")

NO_TICKET: Final = 4400
FLOOD: Final = 4429
DEVICE_LENGTH: Final = 64
"""A page's name for itself, in characters; longer is taken for none."""
PATIENCE: Final = 10
"""Messages above the limit that are refused one by one, in seconds' worth, before the socket is closed."""


async def get_rooms_socket(request: web.Request) -> web.StreamResponse:
    """One seat's socket. The ticket says whose; a foreign page is refused at the handshake."""
    settings = request.app[SETTINGS]
    if "Origin" not in request.headers:  # a page's browser sends it: then who comes with a cookie makes no difference
        check_origin(request, required=uses_cookie(request) and (await identify(request)).account is not None)
    check_origin(request, required=False)
    sockets = request.app[SOCKETS]
    sockets.check_room(ANONYMOUS)
    stream = web.WebSocketResponse(
        heartbeat=settings.room_heartbeat_s, max_msg_size=settings.socket_message_bytes, compress=False
    )
    await stream.prepare(request)
    socket = Socket(stream, ANONYMOUS, request.transport)
    sockets.add(socket)
    code = WSCloseCode.INTERNAL_ERROR  # until it is known to be over: 1000 tells a page to stay away
    try:
        await _Guest(request, socket).run()
        code = WSCloseCode.OK
    finally:
        sockets.remove(socket)
        if not stream.closed:
            await socket.close(code)
    return stream


class _Guest:
    """One socket from its first message to its last."""

    def __init__(self, request: web.Request, socket: Socket) -> None:
        self.app = request.app
        self.socket = socket
        self.request_id = request.get(REQUEST_ID, "")
        self.board = request.app[SWITCHBOARD]
        self.settings = request.app[SETTINGS]
        self.allowance = Allowance(self.settings.room_messages_per_s)
        self.outgoing = Outgoing(socket, self.settings.room_queue)

    async def run(self) -> None:
        try:
            member = await self._join()
        except SeatElsewhere:
            await self.socket.close(ELSEWHERE, b"elsewhere")
            return
        except TelegutError as refusal:
            await self._refuse("join", refusal)
            await self.socket.close(NO_TICKET, refusal.code.encode())
            return
        except TimeoutError:
            await self.socket.close(NO_TICKET, b"no ticket")
            return
        try:
            await self._listen(member)
        finally:
            self.outgoing.stop()
            self.board.depart(member)

    async def _join(self) -> Member:
        async with asyncio.timeout(self.settings.room_join_s):
            first = await self.socket.stream.receive()
        message = parse(first.data if first.type is WSMsgType.TEXT else "")
        if message["type"] != "join":
            raise Invalid("The first message shows a ticket.")
        ticket = message.get("ticket")
        if not isinstance(ticket, str):
            raise TicketSpent
        redeemed = await self.app[ENTRY].redeem(ticket)
        self._count_as(Caller(account=redeemed.account, session=redeemed.session, request_id=self.request_id))
        member = await self.board.join(
            redeemed.visit, redeemed.account, redeemed.link, self.outgoing, _arrival(message), redeemed.room
        )
        member.unrecorded = not redeemed.recorded
        return member

    def _count_as(self, caller: Caller) -> None:
        """From now on the socket is somebody's, and ends with their sign-in."""
        sockets = self.app[SOCKETS]
        sockets.check_room(caller)
        sockets.remove(self.socket)
        self.socket.caller = caller
        sockets.add(self.socket)

    async def _listen(self, member: Member) -> None:
        async for message in self.socket.stream:
            if message.type is not WSMsgType.TEXT:
                await self._answer(member, "", Invalid("Messages here are JSON text."))
                continue
            if not self.allowance.take():
                if self.allowance.flooded:
                    await self.socket.close(FLOOD, b"too many messages")
                    return
                await self._answer(member, "", TooMany(retry_after=1))
                continue
            await self._read(member, message.data)

    async def _read(self, member: Member, text: str) -> None:
        try:
            said = parse(text)
            messages = parts(said) if said["type"] == "several" else [said]
            self.allowance.spend(len(messages) - 1)
        except TelegutError as refusal:
            await self._answer(member, "", refusal)
            return
        for message in messages:
            await self._hear(member, message)

    async def _hear(self, member: Member, message: dict[str, Any]) -> None:
        kind = message["type"]
        try:
            if kind == "ice":
                await self._tell_paths(member)
            elif self.app[FORWARDING].knows(kind):
                await self.app[FORWARDING].say(member, message)
            else:
                await self.board.say(member, message)
        except TelegutError as refusal:
            await self._answer(member, kind, refusal)
        except Exception as exc:  # one message must not end a call
            log.error("message of a room failed", error=type(exc).__name__, where=logs.where(exc))
            await self._answer(member, kind, Unavailable())

    async def _tell_paths(self, member: Member) -> None:
        found = await self.app[PATHS].servers(member.connection.visit, member.account)
        servers = [one.model_dump(mode="json") for one in ice_answers(found)]
        member.send({"type": "ice", "ice_servers": servers, "ice_transport_policy": found.policy})

    async def _answer(self, member: Member, kind: str, refusal: TelegutError) -> None:
        member.send({"type": "refused", "of": kind, "problem": problems.of(refusal)})

    async def _refuse(self, kind: str, refusal: TelegutError) -> None:
        try:
            await self.socket.send_json({"type": "refused", "of": kind, "problem": problems.of(refusal)})
        except ConnectionError:
            return


def _arrival(message: dict[str, Any]) -> Arrival:
    device = message.get("device")
    named = isinstance(device, str) and 0 < len(device) <= DEVICE_LENGTH
    return Arrival(str(device) if named else None, returns=named and message.get("returns") is True)


def parse(text: str) -> dict[str, Any]:
    """
    One message.

    Raises:
        Invalid: not a JSON object with a type.
    """
    try:
        message = read_json(text)
        check_text(message)
    except (ValueError, RecursionError) as exc:
        raise Invalid("This message is not JSON.") from exc
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise Invalid("A message is an object with a type.")
    return message


def parts(said: dict[str, Any]) -> list[dict[str, Any]]:
    """
    The messages in one message: what a page says in one moment.

    Raises:
        Invalid: they are none, too many, or not built as messages are.
    """
    messages = said.get("messages")
    if not isinstance(messages, list) or not 1 <= len(messages) <= SEVERAL:
        raise Invalid(f"Up to {SEVERAL} messages can be said in one.")
    for message in messages:
        if not isinstance(message, dict) or not isinstance(message.get("type"), str) or message["type"] == "several":
            raise Invalid("Each of several messages is an object with a type.")
    return messages


class Allowance:
    """How many messages a socket may send: *per_s* on average, with two seconds' worth saved up."""

    def __init__(self, per_s: float) -> None:
        self._per_s = per_s
        self._left = 2 * per_s
        self._at = time.monotonic()
        self._refused = 0.0

    def take(self) -> bool:
        """Spend one; False when there is none."""
        now = time.monotonic()
        gained = (now - self._at) * self._per_s
        self._at = now
        self._left = min(2 * self._per_s, self._left + gained)
        self._refused = max(0.0, self._refused - gained)
        if self._left < 1:
            self._refused += 1
            return False
        self._left -= 1
        return True

    def spend(self, more: int) -> None:
        """Count *more* than the one that was taken; what is owed is saved up again first."""
        self._left -= more

    @property
    def flooded(self) -> bool:
        """Whether refusing did not help."""
        return self._refused > PATIENCE * self._per_s
