"""
A visit's media by our forwarder, seen from web: who may connect to it, what it tells, and that nobody stays who is out.

The forwarder (`rooms/media`) knows opaque names. Rights are here: only who is inside has a connection, and whoever is
not inside any more loses it, whichever web process made it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from telegut import logs
from telegut.errors import Invalid, NotFound, TelegutError
from telegut.rooms import rules
from telegut.rooms.media.control import MediaAway
from telegut.rooms.media.link import MediaLink
from telegut.rooms.rules import Phase, Place
from telegut.rooms.signalling import Member, Switchboard
from telegut.rooms.store import Room

log = logs.get("rooms")

STAYS: Final = {Place.INSIDE, Place.AWAY}
"""Who keeps a connection: when only the page's socket is lost, picture and sound go on."""
LOOK_EVERY: Final = 10
"""Beats after which rooms without a socket here are looked at too: half a minute."""
KEYS_AT_ONCE: Final = 64
"""What a page says of hidden or small pictures names at most so many."""


class Forwarding:
    """The forwarder's rooms, for one web process."""

    def __init__(self, board: Switchboard, socket: Path) -> None:
        self.board = board
        self.link = MediaLink(socket, self._heard, self._again)
        self._beats = 0
        self._tasks: set[asyncio.Task[None]] = set()
        board.when_read = self._read

    # --- what people ask

    def knows(self, kind: str) -> bool:
        """Whether a message of this type is for the forwarder."""
        return kind in {"forward", "look", "direct"}

    async def say(self, member: Member, message: dict[str, Any]) -> None:
        """
        Do what *member* asks.

        Raises:
            NotInside: they are not in the room. Invalid: it makes no sense. MediaAway: the forwarder does not answer.
        """
        visit, me = member.connection.visit, member.account
        self.board.check_inside(member)
        match message["type"]:
            case "direct":
                self.board.hear_room(visit, await self.board.rooms.act(visit, rules.Forward(me)))
            case "forward":
                await self._connect(member, message)
            case "look":
                hidden, small = (_keys(message.get(name, [])) for name in ("hidden", "small"))
                await self.link.do(do="look", room=str(visit), seat=str(me), hidden=hidden, small=small)

    async def _connect(self, member: Member, message: dict[str, Any]) -> None:
        offer, sends, shows = message.get("offer"), message.get("sends"), message.get("shows")
        if not isinstance(offer, str) or not isinstance(sends, dict) or not isinstance(shows, list):
            raise Invalid("A connection to the forwarder has an offer, what is sent, and places.")
        body = {"offer": offer, "sends": sends, "shows": shows}
        said = await self.link.do(do="join", room=str(member.connection.visit), seat=str(member.account), **body)
        member.send({"type": "forwarder", "event": "answer", "answer": said["answer"]})

    # --- what it tells

    def _heard(self, room: str, seat: str, event: dict[str, Any]) -> None:
        with contextlib.suppress(ValueError, NotFound):
            member = self.board.member(UUID(room), UUID(seat))
            if member is not None:
                member.send({**event, "type": "forwarder", "event": event["type"]})

    def _again(self) -> None:
        """The forwarder is there, perhaps another one: whoever it does not know connects anew."""
        self._do(self._call_back)

    async def _call_back(self) -> None:
        state = await self.link.state()
        for visit, room in self.board.tables():
            if room.visit.forwarded:
                known = state.get(str(visit), [])
                for seat in room.visit.inside():
                    member = self.board.member(visit, seat.account)
                    if member is not None and str(seat.account) not in known:
                        member.send({"type": "forwarder", "event": "again"})

    # --- that nobody stays who is out

    def _read(self, visit: UUID, room: Room) -> None:
        """A visit was read: whoever left it, or was sent out, is cut off."""
        if room.visit.forwarded and self.link.up:
            gone = [seat.account for seat in room.visit.seats if seat.state not in STAYS]
            if gone or room.visit.phase is Phase.ENDED:
                self._do(lambda: self._cut(visit, room))

    async def _cut(self, visit: UUID, room: Room) -> None:
        if room.visit.phase is Phase.ENDED:
            await self.link.do(do="leave", room=str(visit))
            return
        stay = {str(seat.account) for seat in room.visit.seats if seat.state in STAYS}
        for seat in (await self.link.state()).get(str(visit), []):
            if seat not in stay:
                await self.link.do(do="leave", room=str(visit), seat=seat)

    async def beat(self) -> None:
        """Once in a while: look at rooms whose people have no socket here, and cut off whoever is out."""
        self._beats += 1
        if self._beats % LOOK_EVERY or not self.link.up:
            return
        with contextlib.suppress(MediaAway):
            for name in await self.link.state():
                with contextlib.suppress(ValueError, NotFound):
                    await self._cut(UUID(name), await self.board.rooms.look(UUID(name)))

    def _do(self, work: Callable[[], Any]) -> None:
        task = asyncio.create_task(self._quietly(work), name="forwarder")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @staticmethod
    async def _quietly(work: Callable[[], Any]) -> None:
        try:
            await work()
        except (TelegutError, SQLAlchemyError, OSError) as exc:
            # The next reading, or the next connection to the forwarder, does it.
            log.info("forwarder not asked", error=type(exc).__name__)

    def start(self) -> None:
        """Connect to the forwarder, and stay so."""
        self.link.start()

    async def stop(self) -> None:
        """Let go of it; calls go on."""
        await self.link.stop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _keys(value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > KEYS_AT_ONCE or not all(isinstance(one, str) for one in value):
        raise Invalid("hidden and small are lists of names.")
    return [str(one)[:80] for one in value]
