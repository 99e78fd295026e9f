"""
What people can do in a visit. One method, one transaction; the visit's row is locked before anything is decided.

Whoever changed a visit publishes its id once the change holds; every process then reads it fresh. Rooms works as
telegut itself and lets nobody do anything without a seat in that very visit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

from telegut.clock import Clock
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.errors import FieldError, Invalid, NotFound
from telegut.jobs.queue import enqueue
from telegut.realtime import events as feed
from telegut.realtime import outbox
from telegut.rooms import events, evidence, seating, store, whole
from telegut.rooms.appointments import Appointments
from telegut.rooms.events import Event
from telegut.rooms.rules import commands, refusals
from telegut.rooms.rules.commands import Command
from telegut.rooms.rules.step import step
from telegut.rooms.rules.visit import Phase, Place, Seat, Visit
from telegut.rooms.store import Room

KNOCK_JOB: Final = "visit.knocked"
"""The job that rings for whoever should open; see `telegut.rooms.door.ringing`."""

CHANGED: Final = "rooms.changed"
"""Bus fact ``{"visit": ID}``: read it fresh. With ``"version"``, whoever knows that version of it needs not; with
``"back"``, somebody is back in their seat, and who is let in is as before. Losing it only delays; every process
compares versions as well."""

SYSTEM: Final = Caller.system("rooms")

TOLD: Final = {
    events.OPENED: "visit.opened",
    events.KNOCKED: "visit.waiting",
    events.ADMITTED: "visit.admitted",
    events.STARTED: "visit.started",
    events.ENDED: "visit.ended",
    events.CLOSED: "visit.ended",
}
"""What also goes to the mailboxes of the visit's people, so that pages outside the room stay right."""

PANEL_KEYS: Final = 12
PANEL_TEXT: Final = 200
PANEL_NUMBER: Final = 2**53 - 1
"""
A panel says which page of the record is shown, by name and id: a few short values, never content. A number larger than
this is not the same number to every reader of JSON (RFC 8259, section 6).
"""


class Publisher(Protocol):
    """The bus, as far as rooms needs it."""

    def publish(self, topic: str, fact: dict[str, Any]) -> None:
        """Pass *fact* to every process; losing it must not matter."""


@dataclass(frozen=True, slots=True)
class Hours:
    """The durations of a visit's life; see the settings of rooms."""

    opens_before: timedelta
    closes_after: timedelta
    looks_again_after: timedelta
    enough: timedelta


@dataclass(frozen=True, slots=True)
class Rooms:
    """Visits and what people do in them."""

    db: Database
    appointments: Appointments
    bus: Publisher
    now: Clock
    hours: Hours
    encrypted: bool = False
    """Whether a visit is encrypted end to end through the forwarder when its host says nothing."""

    async def load(self, tx: Transaction, visit: UUID, *, lock: bool = False) -> Room:
        """
        The room as it stands in the database, not yet brought up to the time.

        Raises:
            NotFound: there is no such visit.
        """
        now = self.now()
        room = await store.load(tx, self.appointments, visit, opens_before=self.hours.opens_before, now=now, lock=lock)
        if room.reseated:
            tx.after_commit(self._tell(visit))
        if room.fresh:
            await self._close_later(tx, room, room.visit.ends + self.hours.closes_after)
        return self.chosen(room)

    def chosen(self, room: Room) -> Room:
        """*room* with what holds for its encryption while nobody chose."""
        return replace(room, encrypted=self.encrypted) if room.encrypted is None else room

    async def look(self, visit: UUID, known: Room | None = None) -> Room:
        """
        The room as of now, for telegut itself; the caller of this checks who may see it. known: as it was read just
        now, see `whole`.

        Raises:
            NotFound: there is no such visit.
        """
        room = known or await whole.glance(self.db, visit, opens_before=self.hours.opens_before)
        if room is None:
            async with self.db.begin(SYSTEM) as tx:
                room = await self.load(tx, visit)
        room = self.chosen(room)
        if self._due(room) is None:
            return room
        return await self.db.run(SYSTEM, lambda tx: self._bring_up_to_date(tx, visit))

    async def view(self, caller: Caller, visit: UUID, known: Room | None = None) -> Room:
        """
        The room as of now, for somebody with a seat in it; known: see `look`.

        Raises:
            NotFound: there is no such visit for this caller.
        """
        _check_scope(caller, visit)
        room = await self.look(visit, known)
        own_seat(room, caller)
        return room

    async def act(self, visit: UUID, command: Command) -> Room:
        """
        Do what *command* says, or say why not; a command that changes nothing is fine.

        Raises:
            NotFound, NotOpenYet, VisitEnded, NotTheHost, NotWaiting, NotInside: see `rules.step`.
        """
        return await self.db.run(SYSTEM, lambda tx: self.apply(tx, visit, command))

    async def apply(self, tx: Transaction, visit: UUID, command: Command) -> Room:
        """As `act`, inside a transaction that does more."""
        return await self.go_on(tx, await self.load(tx, visit, lock=True), command)

    async def go_on(self, tx: Transaction, room: Room, command: Command) -> Room:
        """As `apply`, with a *room* that was loaded and locked in this transaction."""
        if room.cancelled and room.visit.phase is not Phase.ENDED:
            room = await self._step(tx, room, commands.Close())
        return await self._step(tx, room, command)

    async def show(self, visit: UUID, account: UUID, panel: dict[str, Any] | None) -> Room:
        """
        Keep what the host *account* shows beside the video.

        Raises:
            Invalid: *panel* is more than a few names and ids.
            NotTheHost, NotInside: somebody else's wish. NoRecordHere: it is a group.
        """
        if panel is not None:
            check_panel(panel)

        async def work(tx: Transaction) -> Room:
            room = await self.load(tx, visit, lock=True)
            seat = room.visit.seat(account)
            if not seat.host:
                raise refusals.NotTheHost
            if room.record_for(seat) is None:
                raise refusals.NoRecordHere
            if seat.state is not Place.INSIDE:
                raise refusals.NotInside
            if panel == room.panel:
                return room
            shown = replace(room.visit, version=room.visit.version + 1)
            await store.save_panel(tx, visit, panel, shown.version)
            tx.after_commit(self._tell(visit))
            return replace(room, visit=shown, panel=panel)

        return await self.db.run(SYSTEM, work)

    async def report_media(self, visit: UUID, account: UUID, *, flows: bool) -> None:
        """Keep that *account*'s browser receives somebody, or that it cannot; once is enough for each."""
        if await store.is_media_reported(self.db, visit, account, flows=flows):
            return

        async def work(tx: Transaction) -> None:
            room = await self.load(tx, visit, lock=True)
            if room.visit.seat(account).state is Place.INSIDE:
                await store.add_media_report(tx, room.visit, account, flows=flows, now=self.now())

        await self.db.run(SYSTEM, work)

    async def close_if_over(self, visit: UUID) -> None:
        """
        End a visit whose time is over, unless people are still in it; then look again later.

        Raises:
            NotFound: there is no such visit.
        """
        async with self.db.begin(SYSTEM) as tx:
            room = await self.load(tx, visit, lock=True)
            if room.visit.phase is Phase.ENDED:
                return
            due = room.visit.ends + self.hours.closes_after
            if room.cancelled or (self.now() >= due and not room.visit.inside()):
                await self._step(tx, room, commands.Close())
                return
            await self._close_later(tx, room, max(due, self.now() + self.hours.looks_again_after))

    async def waiting(self, host: UUID) -> list[Room]:
        """The visits of *host* in which somebody waits, the longest wait first."""
        async with self.db.begin(SYSTEM) as tx:
            return [await self.load(tx, visit) for visit in await store.waiting_for(tx, host)]

    async def versions(self, visits: list[UUID]) -> dict[UUID, int]:
        """The present version of each, for noticing changes that nobody was told of."""
        async with self.db.begin(SYSTEM) as tx:
            return await store.versions(tx, visits)

    def _due(self, room: Room) -> Command | None:
        """What the clock or a cancellation has to change before anybody looks."""
        if room.visit.phase is Phase.ENDED:
            return None
        if room.cancelled:
            return commands.Close()
        _, happened = step(room.visit, commands.Pass(), self.now())
        return commands.Pass() if happened else None

    async def _bring_up_to_date(self, tx: Transaction, visit: UUID) -> Room:
        room = await self.load(tx, visit, lock=True)
        due = self._due(room)
        return await self._step(tx, room, due) if due is not None else room

    async def _step(self, tx: Transaction, room: Room, command: Command) -> Room:
        now = self.now()
        after, happened = step(room.visit, command, now)
        if not happened:
            return room
        await store.save(tx, room.visit, after, happened, now)
        outcome = room.outcome
        if after.phase is Phase.ENDED and room.visit.phase is not Phase.ENDED and not room.cancelled:
            outcome = await self._judge(tx, room, after, now)
        await self._announce(tx, room, after, happened)
        tx.after_commit(self._tell(after.id, after.version))
        return replace(room, visit=after, outcome=outcome)

    def back(self, room: Room, after: Visit, happened: tuple[Event, ...]) -> Room:
        """What *room* is *after* somebody came back to their seat, which is written by now; everybody is told of it."""
        if happened:
            self.bus.publish(CHANGED, {"visit": str(after.id), "version": after.version, "back": True})
        return replace(room, visit=after)

    async def _judge(self, tx: Transaction, room: Room, after: Visit, now: datetime) -> str | None:
        """How it went for each patient, from the evidence; kept with their appointments, and as a whole here."""
        facts = await store.evidence(tx, after.id)
        found = []
        for guest in room.facts.guests:
            outcome = evidence.outcome_for(
                facts, after.seats, guest.patient, starts=after.starts, until=now, enough=self.hours.enough
            )
            await self.appointments.record_outcome(tx, guest.appointment, outcome.value)
            found.append(outcome)
        if not found:
            return None
        together = evidence.as_a_whole(found).value
        await store.save_outcome(tx, after.id, together)
        return together

    async def _announce(self, tx: Transaction, room: Room, visit: Visit, happened: tuple[Event, ...]) -> None:
        for event in happened:
            if event.word in TOLD:
                facts = {"visit": str(visit.id), "version": visit.version}
                if event.account is not None:
                    facts["participant"] = str(event.account)
                told = feed.Event(TOLD[event.word], room.facts.patient, facts)
                await outbox.append(tx, told, seating.audience(visit, event.account, group=room.is_group))
            if event.account is not None and _waits(visit, event):
                unique = f"{visit.id} {event.account} {visit.version}"
                await enqueue(tx, KNOCK_JOB, {"visit": str(visit.id), "who": str(event.account)}, unique=unique)

    def _tell(self, visit: UUID, version: int | None = None) -> Callable[[], None]:
        fact = {"visit": str(visit)} | ({"version": version} if version is not None else {})
        return lambda: self.bus.publish(CHANGED, fact)

    async def _close_later(self, tx: Transaction, room: Room, at: datetime) -> None:
        visit = str(room.visit.id)
        await enqueue(tx, "visit.close", {"visit": visit}, run_at=at, unique=f"{visit} {at.isoformat()}")


def _check_scope(caller: Caller, visit: UUID) -> None:
    if caller.scope is not None and caller.scope.visit != visit:
        raise NotFound


def own_seat(room: Room, caller: Caller) -> Seat:
    """
    The caller's own seat.

    Raises:
        NotFound: none; to this caller there is no such visit.
    """
    if caller.account is None:
        raise NotFound
    return room.visit.seat(caller.account)


def _waits(visit: Visit, event: Event) -> bool:
    """Whether somebody waits from now on: they knocked, or were sent back to wait."""
    if event.word == events.KNOCKED or event.account is None:
        return event.word == events.KNOCKED
    return event.word == events.SENT_BACK and visit.last_seat(event.account).knocked


def check_panel(panel: dict[str, Any]) -> None:
    """
    See that *panel* is a few short values.

    Raises:
        Invalid: it is more.
    """
    if len(panel) > PANEL_KEYS:
        raise Invalid("A panel is named in a few values.", [FieldError("panel", f"has at most {PANEL_KEYS} values")])
    for name, value in panel.items():
        short = isinstance(value, str) and len(value) <= PANEL_TEXT
        small = isinstance(value, bool | int | float) and abs(value) <= PANEL_NUMBER
        if len(name) > 40 or not (short or small or value is None):
            raise Invalid("A panel is named in a few values.", [FieldError(name[:40], "is a short text or a number")])
