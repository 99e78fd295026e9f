"""
The sockets of this process that have a seat, and what passes between seats.

State is never passed along: whoever hears that a visit changed reads it fresh and pushes what it read. What browsers
say to each other to connect (signals) is passed from seat to seat, to the other processes over the bus, and only
between people who are inside, as this process last read it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from telegut import logs
from telegut.errors import Invalid, NotFound, TelegutError
from telegut.rooms.entry import REVOKED
from telegut.rooms.guests.panels import shown_to
from telegut.rooms.outgoing import Outgoing
from telegut.rooms.presence import ASKED_FOR, TAKEN_OVER, Arrival, Connection, Presence
from telegut.rooms.rules import commands, refusals
from telegut.rooms.rules.visit import Phase, Place
from telegut.rooms.service import CHANGED, Publisher, Rooms
from telegut.rooms.store import Room
from telegut.rooms.views import VisitAnswer

SIGNAL: Final = "rooms.signal"
"""Bus fact ``{"visit", "to", "message"}``; a lost one is made good by the browsers' own retries."""

SEVERAL: Final = 16
"""A page may say so many messages in one; told with each state."""
SENT_OUT: Final = 4403
ELSEWHERE: Final = 4409
OVER: Final = 4410
TOO_SLOW: Final = 4408
LEFT: Final = 1000
RESTART: Final = 1012
"""Close codes of a room's socket; see PROTOCOL.md."""

Say = Callable[["Member", dict[str, Any]], Awaitable[None]]
log = logs.get("rooms")


@dataclass(eq=False, slots=True)
class Member:
    """One seat's socket in this process. unrecorded: no recording went on as they came, and they have not asked yet."""

    connection: Connection
    link: UUID | None
    outgoing: Outgoing
    unrecorded: bool = False
    shown: dict[str, Any] | None = None
    version: int = -1
    leaving: bool = False
    closed: bool = False

    @property
    def account(self) -> UUID:
        """Whose seat it is."""
        return self.connection.account

    def send(self, message: dict[str, Any]) -> None:
        """Have *message* written; somebody who reads too slowly is cut and may come back."""
        if not self.outgoing.put(message):
            self.end(TOO_SLOW, b"too slow")

    def end(self, code: int, why: bytes) -> None:
        """Close the socket, after what was put before."""
        if not self.closed:
            self.closed = True
            self.outgoing.end(code, why)


@dataclass(eq=False, slots=True)
class _Table:
    """
    One visit, as far as this process has people in it. newest: its version, as far as this process was told; stale:
    something may have changed that raises no version.
    """

    members: dict[UUID, Member] = field(default_factory=dict)
    room: Room | None = None
    stale: bool = False
    newest: int = 0
    again: bool = False
    reading: asyncio.Task[None] | None = None


class Switchboard:
    """All room sockets of this process."""

    def __init__(self, rooms: Rooms, presence: Presence, bus: Publisher) -> None:
        self.rooms = rooms
        self.presence = presence
        self._bus = bus
        self._tables: defaultdict[UUID, _Table] = defaultdict(_Table)
        self._departing: set[asyncio.Task[None]] = set()
        self.when_read: Callable[[UUID, Room], None] = lambda visit, room: None
        """Called with each visit that was read because it changed."""
        self.allowed: Callable[[UUID, UUID, dict[str, Any]], dict[str, Any] | None] = lambda visit, account, told: told
        """What of a signal in a visit, from somebody, may be told to others; None for nothing."""
        self.also: dict[str, Say] = {}
        """Messages that others answer, by their type: one entry for each, made where everything is put together."""

    # --- coming and going

    async def join(
        self,
        visit: UUID,
        account: UUID,
        link: UUID | None,
        outgoing: Outgoing,
        arrival: Arrival = ASKED_FOR,
        known: Room | None = None,
    ) -> Member:
        """
        Give *account* a seat here; the first thing it is sent is the state. known: see `Presence.connect`.

        Raises:
            NotFound, NotOpenYet, VisitEnded: see `rules.step`. SeatElsewhere: see `Presence.connect`.
        """
        connection, room = await self.presence.connect(visit, account, arrival, known)
        member = Member(connection, link, outgoing)
        table = self._tables[visit]
        before = table.members.get(account)
        if before is not None:
            before.end(ELSEWHERE, b"elsewhere")
        table.members[account] = member
        self._read(visit, room)
        return member

    def depart(self, member: Member) -> None:
        """The socket of *member* is closed. Its task may be cancelled any moment, so the rest is a task of ours."""
        task = asyncio.create_task(self._gone(member), name="room departure")
        self._departing.add(task)
        task.add_done_callback(self._departing.discard)

    async def _gone(self, member: Member) -> None:
        visit = member.connection.visit
        table = self._tables.get(visit)
        if table is not None and table.members.get(member.account) is member:
            del table.members[member.account]
            if not table.members:
                del self._tables[visit]
        try:
            self._read(visit, await self.presence.disconnect(member.connection))
        except (TelegutError, SQLAlchemyError, OSError) as exc:
            # The seat is found empty by its silence instead.
            log.warning("departure not kept", error=type(exc).__name__)

    def hear_revoked(self, fact: dict[str, Any]) -> None:
        """A personal link was ended, and what came by it ends."""
        for member in self._members():
            if str(member.link) == fact["link"]:
                member.end(SENT_OUT, b"link ended")

    def _members(self) -> list[Member]:
        return [member for table in self._tables.values() for member in table.members.values()]

    # --- what people say

    async def say(self, member: Member, message: dict[str, Any]) -> None:
        """
        Do what *member* asks.

        Raises:
            Invalid: the message makes no sense. Others as the rules refuse.
        """
        visit, me = member.connection.visit, member.account
        match message["type"]:
            case "knock":
                await self._act(visit, commands.Knock(me))
            case "admit":
                await self._act(visit, commands.Admit(me, _participant(message)))
            case "remove":
                await self._act(visit, commands.Remove(me, _participant(message)))
            case "leave":
                member.leaving = True
                await self._act(visit, commands.Leave(me))
            case "end":
                await self._act(visit, commands.End(me))
            case "panel":
                await self._show_panel(visit, me, message)
            case "media":
                await self.rooms.report_media(visit, me, flows=message.get("flows") is True)
            case "signal" | "status":
                self._pass(member, message)
            case kind if kind in self.also:
                await self.also[kind](member, message)
            case _:
                raise Invalid("This type of message is not known here.")

    async def _show_panel(self, visit: UUID, me: UUID, message: dict[str, Any]) -> None:
        shown = {name: value for name, value in message.items() if name not in {"type", "from"}}
        hidden = not shown or ("panel" in shown and shown["panel"] is None)
        self._read(visit, await self.rooms.show(visit, me, None if hidden else {**shown, "from": str(me)}))

    async def _act(self, visit: UUID, command: commands.Command) -> None:
        self._read(visit, await self.rooms.act(visit, command))

    def member(self, visit: UUID, account: UUID) -> Member | None:
        """The socket of *account* in *visit*, if it is in this process and they are inside."""
        table = self._tables.get(visit)
        found = table.members.get(account) if table is not None else None
        if table is None or table.room is None or found is None:
            return None
        return found if table.room.visit.last_seat(account).state is Place.INSIDE else None

    def tables(self) -> list[tuple[UUID, Room]]:
        """The visits that people here are in, as they were read last."""
        return [(visit, table.room) for visit, table in self._tables.items() if table.room is not None]

    def check_inside(self, member: Member) -> Room:
        """
        The room of *member*.

        Raises:
            NotInside: they are not in it.
        """
        room = self._tables[member.connection.visit].room
        if room is None or room.visit.last_seat(member.account).state is not Place.INSIDE:
            raise refusals.NotInside
        return room

    def hear_room(self, visit: UUID, room: Room) -> None:
        """Show everybody here what became of *visit*."""
        self._read(visit, room)

    def _pass(self, member: Member, message: dict[str, Any]) -> None:
        """From one person inside to another, or to all others."""
        visit = member.connection.visit
        room = self.check_inside(member)
        allowed = self.allowed(visit, member.account, message)
        if allowed is None:
            return
        told = {**allowed, "from": str(member.account)}
        told.pop("to", None)
        self.tell(visit, _targets(room, member.account, message.get("to")), told)

    def tell(self, visit: UUID, whom: Iterable[UUID], message: dict[str, Any]) -> None:
        """Have *message* arrive at those of *whom* who are inside, in whichever process they are."""
        for target in whom:
            if not self._hand_over(visit, target, message):
                self._bus.publish(SIGNAL, {"visit": str(visit), "to": str(target), "message": message})

    def _hand_over(self, visit: UUID, target: UUID, message: dict[str, Any]) -> bool:
        table = self._tables.get(visit)
        member = table.members.get(target) if table is not None else None
        if table is None or member is None:
            return False
        if table.room is not None and table.room.visit.last_seat(target).state is Place.INSIDE:
            member.send(message)
        return True

    # --- what the others hear

    def hear_changed(self, fact: dict[str, Any]) -> None:
        """A visit changed somewhere: perhaps here, and then it was read as it changed."""
        self.refresh(UUID(fact["visit"]), fact.get("version"))

    def hear_signal(self, fact: dict[str, Any]) -> None:
        """Somebody in another process speaks to somebody who may be here."""
        with contextlib.suppress(NotFound):
            self._hand_over(UUID(fact["visit"]), UUID(fact["to"]), fact["message"])

    def hear_taken_over(self, fact: dict[str, Any]) -> None:
        """A seat has a newer connection, here or elsewhere."""
        for member in self._members():
            if str(member.connection.id) == fact["connection"]:
                member.end(ELSEWHERE, b"elsewhere")

    def topics(self) -> dict[str, Callable[[dict[str, Any]], None]]:
        """What to listen to on the bus."""
        return {
            CHANGED: self.hear_changed,
            SIGNAL: self.hear_signal,
            TAKEN_OVER: self.hear_taken_over,
            REVOKED: self.hear_revoked,
        }

    def refresh(self, visit: UUID, version: int | None = None) -> None:
        """
        Read *visit* fresh and push it; while that goes on, any number of further wishes are one more reading.

        version: that it has now; None: something around it may have changed.
        """
        table = self._tables.get(visit)
        if table is None:
            return
        table.stale = table.stale or version is None
        table.newest = max(table.newest, version or 0)
        if table.reading is not None and not table.reading.done():
            table.again = True
            return
        table.reading = asyncio.create_task(self._reading(visit, table), name="room refresh")

    async def _reading(self, visit: UUID, table: _Table) -> None:
        while True:
            table.again = False
            try:
                if table.stale or table.room is None or table.room.visit.version < table.newest:
                    table.stale = False
                    self._read(visit, await self.rooms.look(visit))
                await self._let_enter(visit, table)
            except (TelegutError, SQLAlchemyError, OSError) as exc:
                log.warning("room not read", error=type(exc).__name__)  # the next beat compares versions
            if not table.again:
                return

    async def _let_enter(self, visit: UUID, table: _Table) -> None:
        """Who was let in and is connected here takes the seat, after everybody here was told of the admission."""
        if table.room is None:
            return
        for seat in table.room.visit.seats:
            if seat.state is Place.ADMITTED and seat.account in table.members:
                self._read(visit, await self.rooms.act(visit, commands.Enter(seat.account)))

    def _read(self, visit: UUID, room: Room) -> None:
        table = self._tables.get(visit)
        if table is None:
            return
        self._seen(table, room)
        newest = table.room or room
        for member in list(table.members.values()):
            self._show(member, newest)
        self.when_read(visit, newest)

    def _seen(self, table: _Table, room: Room) -> None:
        """Readings may overtake each other: the newest version stays."""
        if table.room is None or room.visit.version >= table.room.visit.version:
            table.room = room

    def _show(self, member: Member, room: Room) -> None:
        """Push the state when it is new to *member*, and end the socket of who is out."""
        seat = room.visit.last_seat(member.account)
        shown = seat.state is Place.INSIDE and room.record_for(seat) is not None
        panel = room.panel if shown else shown_to(room, seat)
        if room.visit.version > member.version:
            answer = VisitAnswer.of(room, seat).model_dump(mode="json")
            member.version = room.visit.version
            told = {"visit": answer, "you": str(member.account), "panel": panel, "several": SEVERAL}
            member.send({"type": "state", **told})
        if panel != member.shown:
            member.shown = panel
            member.send({"type": "panel", **(panel or {"panel": None})})
        if room.visit.phase is Phase.ENDED:
            member.end(OVER, b"the visit has ended")
        elif seat.state is Place.LEFT:
            member.end(LEFT if member.leaving else SENT_OUT, b"left")

    # --- staying alive

    async def beat(self) -> None:
        """Say that our sockets live, notice which are not ours any more, and which visits changed unheard."""
        members = self._members()
        if members:
            ours = await self.presence.beat([member.connection.id for member in members])
            for member in members:
                if member.connection.id not in ours and not member.closed:
                    await self._lost_seat(member)
            await self._compare_versions()
        await self.presence.sweep()

    async def _lost_seat(self, member: Member) -> None:
        """Another connection has the seat, or we were silent for so long that it was taken away: then come back."""
        taken = await self.presence.is_held(member.connection.visit, member.account)
        member.end(ELSEWHERE if taken else RESTART, b"elsewhere" if taken else b"come back")

    async def _compare_versions(self) -> None:
        versions = await self.rooms.versions(list(self._tables))
        for visit, version in versions.items():
            room = self._tables[visit].room if visit in self._tables else None
            if room is not None and room.visit.version != version:
                self.refresh(visit)

    async def close(self) -> None:
        """Stop reading, and see the last departures through."""
        reading = [table.reading for table in self._tables.values() if table.reading is not None]
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, *self._departing, return_exceptions=True)


def _participant(message: dict[str, Any]) -> UUID:
    try:
        return UUID(str(message["participant"]))
    except (KeyError, ValueError) as exc:
        raise Invalid("Say whom: participant is an account's id.") from exc


def _targets(room: Room, sender: UUID, to: Any) -> Iterable[UUID]:
    inside = [seat.account for seat in room.visit.inside() if seat.account != sender]
    if to is None:
        return inside
    try:
        wanted = UUID(str(to))
    except ValueError as exc:
        raise Invalid("to is an account's id.") from exc
    if wanted not in inside:
        raise refusals.NotInside("This person is not in the room.")
    return [wanted]
