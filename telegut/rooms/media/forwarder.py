"""
All rooms of one media process, and the clock that keeps them going.

It knows seats by opaque names and no person. Commands come from web (`commands`); what pages must know goes back to it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from telegut import logs
from telegut.rooms.media import sdp
from telegut.rooms.media.aiortc_private import Certificate
from telegut.rooms.media.port import Port
from telegut.rooms.media.room import Room
from telegut.rooms.media.session import Layout, Session

log = logs.get("media")

BEAT_S: Final = 0.02
"""How often missing packets are asked for again, and key frames."""
ARRIVALS_S: Final = 0.1
"""As libwebrtc begins (its interval is 50 to 250 ms); each costs as much as two packets."""
ADAPT_S: Final = 0.2
SECOND_S: Final = 1.0
GONE_S: Final = 30.0
"""A session that was not heard of for so long is over (RFC 7675, section 5.1: consent ends after 30 s)."""

Told = Callable[[str, str, dict[str, Any]], None]


class Every:
    """Something that is due each so many seconds, by the time and not by beats: those are late when the process is."""

    __slots__ = ("_at", "_every")

    def __init__(self, every: float) -> None:
        self._every = every
        self._at = -every

    def due(self, now: float) -> bool:
        """Whether it is again; when it is, the next time counts from now. Half a beat early is on time."""
        if now - self._at < self._every - BEAT_S / 2:
            return False
        self._at = now
        return True


class Forwarder:
    """Answers web's commands and forwards. *told* is given ``(room, seat, event)``."""

    def __init__(self, port: Port, addresses: Sequence[tuple[str, int]], told: Told) -> None:
        self.rooms: dict[str, Room] = {}
        self.draining = False
        self.by_tcp = False
        """Whether the port takes TCP too."""
        self._port = port
        self._addresses = addresses
        self._told = told
        self._certificate = Certificate()
        self._closing: set[asyncio.Task[None]] = set()
        self._arrivals, self._adapting, self._second = Every(ARRIVALS_S), Every(ADAPT_S), Every(SECOND_S)
        self._changed: set[str] = set()

    # --- commands

    def join(self, room_name: str, seat: str, offer: str, layout: Layout) -> str:
        """
        The answer to *offer* of whoever has *seat*. Another connection of that seat ends: there are never two voices.

        Raises:
            sdp.NotUnderstood: nothing can be made of it.
        """
        described = sdp.read(offer)
        room = self.rooms.get(room_name)
        present = room.sessions.get(seat) if room is not None else None
        if present is not None and not present.over:
            try:
                return self._describe(present, described, layout, room_name)
            except sdp.NotUnderstood:
                log.info("another connection takes a seat")
        session = Session(
            seat, self._certificate, self._port.send, self._port.egress, lambda: self._changed.add(room_name)
        )
        answer = self._describe(session, described, layout, room_name)
        if room is None:
            room = self.rooms[room_name] = Room(room_name, lambda to, event: self._told(room_name, to, event))
        before = room.enter(session)
        if before is not None:
            self._end(before)
        return answer

    def _describe(self, session: Session, offer: sdp.Offer, layout: Layout, room_name: str) -> str:
        answer = session.describe(offer, layout, self._addresses, tcp=self.by_tcp)
        self._port.expect(session)
        self._changed.add(room_name)
        return answer

    def leave(self, room_name: str, seat: str) -> None:
        """End *seat*'s connection; nobody else notices but by their absence."""
        room = self.rooms.get(room_name)
        session = room.sessions.get(seat) if room is not None else None
        if room is not None and session is not None:
            room.leave(session)
            self._end(session)
            if not room.sessions:
                del self.rooms[room_name]

    def close(self, room_name: str) -> None:
        """End everybody's connection there."""
        room = self.rooms.get(room_name)
        for seat in list(room.sessions) if room is not None else []:
            self.leave(room_name, seat)

    def look(self, room_name: str, seat: str, hidden: frozenset[str], small: frozenset[str]) -> None:
        """See `Room.look`."""
        if (room := self.rooms.get(room_name)) is not None:
            room.look(seat, hidden, small)

    def state(self) -> dict[str, list[str]]:
        """Who is where: seats by room."""
        return {name: list(room.sessions) for name, room in self.rooms.items()}

    def _end(self, session: Session) -> None:
        self._port.forget(session)
        for outbound in session.places.values():
            outbound.show(None)
        task = asyncio.create_task(session.close(), name="media goodbye")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    # --- the clock

    async def run(self) -> None:
        """Keep everything going until cancelled."""
        while True:
            await asyncio.sleep(BEAT_S)
            self._beat(time.monotonic())

    def _beat(self, now: float) -> None:
        arrivals, adapting, second = (one.due(now) for one in (self._arrivals, self._adapting, self._second))
        for name in self._changed & self.rooms.keys():
            self._settle(self.rooms[name], now)
        self._changed.clear()
        for room in self.rooms.values():
            for session in room.sessions.values():
                session.ask(now)
                if arrivals:
                    session.tell_arrivals()
                if second:
                    session.report(now)
            if adapting:
                room.adapt(now)
                room.quality(now)
        if second:
            self._sweep(now)

    @staticmethod
    def _settle(room: Room, now: float) -> None:
        room.arrange()
        room.adapt(now)

    def _sweep(self, now: float) -> None:
        for name, room in list(self.rooms.items()):
            for seat, session in list(room.sessions.items()):
                if session.over or now - session.heard_at > GONE_S:
                    self._told(name, seat, {"type": "gone"})
                    self.leave(name, seat)

    async def stop(self) -> None:
        """Say goodbye to everybody."""
        for name in list(self.rooms):
            self.close(name)
        if self._closing:
            await asyncio.wait(self._closing, timeout=1)
