"""
A visit's media by our forwarder, seen from web: who may connect to it, what it tells, and that nobody stays who is out.

The forwarder (`rooms/media`) knows opaque names. Rights are here: only who is inside has a connection, and whoever is
not inside any more loses it, whichever web process made it. Which media process has a room is `whereabouts`' matter.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from telegut import logs
from telegut.errors import Invalid, NotFound, TelegutError
from telegut.rooms.media.control import MediaAway
from telegut.rooms.media.fleet import Fleet
from telegut.rooms.media.link import Busy, MediaLink
from telegut.rooms.placing.whereabouts import Whereabouts
from telegut.rooms.rules import commands
from telegut.rooms.rules.visit import Phase
from telegut.rooms.service import Publisher
from telegut.rooms.signalling import Member, Switchboard
from telegut.rooms.store import Room

log = logs.get("rooms")

MOVED: Final = "rooms.media_moved"
"""Bus fact ``{"visit"}``: its room is on another media process now; a lost one is made good by the next beat."""
LOOK_EVERY: Final = 10
"""Beats after which rooms without a socket here are looked at too: half a minute."""
KEYS_AT_ONCE: Final = 64
"""What a page says of hidden or small pictures names at most so many."""


class Forwarding:
    """The forwarder's rooms, for one web process."""

    def __init__(
        self, board: Switchboard, fleet: Callable[..., Fleet], where: Callable[[Fleet], Whereabouts], bus: Publisher
    ) -> None:
        self.board = board
        self.fleet = fleet(self._heard, self._back, self._lost)
        self.where = where(self.fleet)
        self._bus = bus
        self._beats = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.when_lost: Callable[[], None] = lambda: None
        """Called when a media process is away, before anybody knows for how long."""
        board.when_read = self._read

    def topics(self) -> dict[str, Callable[[dict[str, Any]], None]]:
        """What to listen to on the bus."""
        return {MOVED: lambda fact: self._do(lambda: self._gather(UUID(fact["visit"])))}

    # --- what people ask

    def knows(self, kind: str) -> bool:
        """Whether a message of this type is for the forwarder."""
        return kind in {"forward", "look", "direct"}

    async def say(self, member: Member, message: dict[str, Any]) -> None:
        """
        Do what *member* asks.

        Raises:
            NotInside: they are not in the room. Invalid: it makes no sense. MediaAway: the forwarder does not answer.
            Busy: no media process takes another room.
        """
        visit, me = member.connection.visit, member.account
        self.board.check_inside(member)
        match message["type"]:
            case "direct":
                self.board.hear_room(visit, await self.board.rooms.act(visit, commands.Forward(me)))
            case "forward":
                await self._connect(member, message)
            case "look":
                hidden, small = (_keys(message.get(name, [])) for name in ("hidden", "small"))
                link = await self.where.link_of(visit)
                await link.do(do="look", room=str(visit), seat=str(me), hidden=hidden, small=small)

    async def _connect(self, member: Member, message: dict[str, Any]) -> None:
        offer, sends, shows = message.get("offer"), message.get("sends"), message.get("shows")
        if not isinstance(offer, str) or not isinstance(sends, dict) or not isinstance(shows, list):
            raise Invalid("A connection to the forwarder has an offer, what is sent, and places.")
        body = {"offer": offer, "sends": sends, "shows": shows}
        said = await self._join(member.connection.visit, member.account, body)
        member.send({"type": "forwarder", "event": "answer", "answer": said["answer"]})

    async def _join(self, visit: UUID, account: UUID, body: dict[str, Any]) -> dict[str, Any]:
        """Have somebody connected where the room is; a process that takes no more rooms hands it to another one."""
        full: list[str] = []
        while True:
            link = await self.where.place(visit, full)
            try:
                return await link.do(do="join", room=str(visit), seat=str(account), **body)
            except Busy:
                full.append(link.instance)

    async def link_of(self, visit: UUID) -> MediaLink:
        """
        The media process that has the room of *visit*.

        Raises:
            MediaAway: it has none, or that cannot be reached.
        """
        return await self.where.link_of(visit)

    async def ask(self, visit: UUID, **body: Any) -> dict[str, Any]:
        """
        Have a command about the room of *visit* done by the media process that has it.

        Raises:
            MediaAway: none has it, or it cannot be reached. Invalid: it does not take the command.
        """
        return await (await self.where.link_of(visit)).do(room=str(visit), **body)

    # --- what it tells

    def _heard(self, link: MediaLink, room: str, seat: str, event: dict[str, Any]) -> None:
        with contextlib.suppress(ValueError, NotFound):
            if event.get("type") == "move":
                visit = UUID(room)
                self._do(lambda: self._move(visit, link.instance))
            elif self.where.is_at(UUID(room), link.instance):
                member = self.board.member(UUID(room), UUID(seat))
                if member is not None:
                    member.send({**event, "type": "forwarder", "event": event["type"]})

    # --- media processes that come and go

    def _back(self, link: MediaLink) -> None:
        """A media process is there, perhaps another one than before: whoever has no connection is called."""
        self._do(self._gather_all)

    def _lost(self, link: MediaLink) -> None:
        """A media process is away; if it stays so its rooms go elsewhere."""
        self.when_lost()
        self._do(self._place_elsewhere)

    async def _place_elsewhere(self) -> None:
        await asyncio.sleep(self.where.lost_s)
        await self._gather_all()

    async def _gather_all(self) -> None:
        for visit, room in self.board.tables():
            if room.visit.forwarded:
                with contextlib.suppress(MediaAway):
                    await self._gather(visit)

    async def _gather(self, visit: UUID) -> None:
        """Have everybody who is here in *visit* connected where its room is, and nowhere else."""
        if await self.where.read(visit) is None:
            return  # nobody has asked for it yet
        before = self.where.known(visit)
        link = await self.where.place(visit)
        if link.instance != before:
            self._bus.publish(MOVED, {"visit": str(visit)})
        for other in list(self.fleet.up()):
            if other is not link and str(visit) in await other.state():
                await other.do(do="leave", room=str(visit))
        await self._call(visit, link)

    async def _call(self, visit: UUID, link: MediaLink) -> None:
        here = (await link.state()).get(str(visit), [])
        room = next((room for one, room in self.board.tables() if one == visit), None)
        for seat in room.visit.inside() if room is not None else []:
            member = self.board.member(visit, seat.account)
            if member is not None and str(seat.account) not in here:
                member.send({"type": "forwarder", "event": "again"})

    async def _move(self, visit: UUID, away_from: str) -> None:
        """The process *away_from* ends soon and wants its rooms elsewhere."""
        placed = await self.where.read(visit)
        if placed is not None and placed.instance == away_from:
            await self.where.place(visit, [away_from])
            self._bus.publish(MOVED, {"visit": str(visit)})

    # --- that nobody stays who is out

    def _read(self, visit: UUID, room: Room) -> None:
        """
        A visit was read: whoever left it, was sent out, or sent back to wait, is cut off. Who only lost the socket of
        the page is not: picture and sound go on.
        """
        if room.visit.forwarded:
            gone = [seat.account for seat in room.visit.seats if not seat.seated]
            if gone or room.visit.phase is Phase.ENDED:
                self._do(lambda: self._cut(visit, room))

    async def _cut(self, visit: UUID, room: Room) -> None:
        stay = {str(seat.account) for seat in room.visit.seats if seat.seated}
        for link in list(self.fleet.up()):
            for seat in (await link.state()).get(str(visit), []):
                if room.visit.phase is Phase.ENDED or seat not in stay:
                    await link.do(do="leave", room=str(visit), seat=seat)
        if room.visit.phase is Phase.ENDED:
            await self.where.forget(visit)

    async def beat(self) -> None:
        """Say which media processes we reach; once in a while, look at rooms whose people have no socket here."""
        await self.where.beat()
        self._beats += 1
        if self._beats % LOOK_EVERY:
            return
        for link in list(self.fleet.up()):
            with contextlib.suppress(MediaAway):
                for name in await link.state():
                    with contextlib.suppress(ValueError, NotFound):
                        await self._look(UUID(name), link)

    async def _look(self, visit: UUID, link: MediaLink) -> None:
        placed = await self.where.read(visit)
        if placed is not None and placed.instance != link.instance:
            await self._gather(visit)
        await self._cut(visit, await self.board.rooms.look(visit))

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

    # --- for the rest of web

    def well(self) -> bool:
        """Whether a media process is connected with us."""
        return any(True for _ in self.fleet.up())

    def stun_address(self) -> tuple[str, int] | None:
        """Where a media process answers STUN, "" for a host beside us; None while none is connected."""
        for link in self.fleet.up():
            if link.health is not None:
                return ("" if link.contact.elsewhere is None else link.health.host), link.health.udp_port
        return None

    def start(self) -> None:
        """Connect to the media processes, and stay so."""
        self.fleet.start()

    async def stop(self) -> None:
        """Let go of them; calls go on."""
        await self.fleet.stop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _keys(value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > KEYS_AT_ONCE or not all(isinstance(one, str) for one in value):
        raise Invalid("hidden and small are lists of names.")
    return [str(one)[:80] for one in value]
