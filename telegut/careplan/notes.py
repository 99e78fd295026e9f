"""
Live notes: who has a note open in this process, and how what they type reaches the log and each other.

For each open note one task (the *keeper*) stores what has gathered while the last group was being stored, in one
transaction, and only then tells the authors that it is saved. Readers beside them see it at once. Other web processes
are woken over the bus and read the log; a slow poll finds what a lost wake-up left. A CRDT makes the order irrelevant,
so no process has to own a note.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from pycrdt import merge_updates
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

from telegut import logs
from telegut.careplan import frames, notebook
from telegut.careplan.document import NoteDocument
from telegut.careplan.events import NOTES_TOPIC
from telegut.careplan.frames import NOTHING, Presence, Sync
from telegut.careplan.notebook import Place, Written
from telegut.careplan.seats import GONE, RESTART, NoteFull, ReadOnly, Seat
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.sealed import Erased, Vault
from telegut.errors import NotFound, TooMany, Unavailable
from telegut.realtime.bus import Bus
from telegut.settings import Settings

log = logs.get("notes")

CLIENTS_OF_A_SEAT = 4
"""Yjs clients that one socket may speak for; a page is one."""

KEEPER = Caller.system("notes: stores what people typed")


@dataclass(frozen=True, slots=True)
class Limits:
    """
    Bounds of live notes.

    peers: sockets of one note in this process. document_bytes: of one note's state. compact_every: rows of the log
    before a snapshot. poll_s: how often the log is read unasked. retry_s: pause after the database refused.
    """

    peers: int
    document_bytes: int
    compact_every: int
    poll_s: float
    retry_s: float = 0.5


@dataclass(frozen=True, slots=True)
class _Typed:
    update: bytes
    seat: Seat


class LiveNote:
    """One note that somebody has open in this process."""

    def __init__(self, place: Place, parent: LiveNotes) -> None:
        self.place = place
        self.document = NoteDocument()
        self.seats: set[Seat] = set()
        self.known: dict[int, Presence] = {}
        self._parent = parent
        self._seen = 0
        self._told = 0
        self._snapshot = 0
        self._size = 0
        self._ended = False
        self._typed: list[_Typed] = []
        self._to_tell: dict[Seat, int] = {}
        self._wake = asyncio.Event()

    async def load(self) -> None:
        """Read the log."""
        await self._catch_up()
        self._size = len(self.document.state)

    @property
    def ended(self) -> bool:
        """Whether the patient's record was erased, or the keeper has given up."""
        return self._ended

    # --- what peers do

    def receive(self, seat: Seat, frame: bytes) -> None:
        """
        Take one message of *seat*.

        Raises:
            Malformed: it is none. Nothing was changed.
            ReadOnly: it would change a note that this seat only reads.
            NoteFull: the note has no room for it.
        """
        message = frames.parse(frame)
        if not isinstance(message, Sync):
            self._moved(seat, message)
        elif message.step == frames.STATE_VECTOR:
            seat.peer.send(frames.sync(frames.MISSING, self.document.missing(message.payload)))
        else:
            self._updated(seat, message)

    def _updated(self, seat: Seat, message: Sync) -> None:
        if not seat.writes:
            self._repeated(seat, message)
            return
        if self._size + len(message.payload) > self._parent.limits.document_bytes:
            raise NoteFull
        changed = self._apply(seat, message.payload)
        seat.received += 1
        if message.step == frames.MISSING:
            for held in seat.waiting:
                self._apply(seat, held)
            seat.answered, seat.waiting = True, []
        elif not changed and not seat.answered and message.payload != NOTHING:
            seat.waiting.append(message.payload)
        if not seat.waiting:
            self._to_tell[seat] = seat.received
            self._wake.set()

    def _repeated(self, seat: Seat, message: Sync) -> None:
        """A reader answers what they were asked, which holds nothing new."""
        if self.document.would_change(message.payload):
            raise ReadOnly
        seat.received += 1
        self._to_tell[seat] = seat.received
        self._wake.set()

    def _apply(self, seat: Seat, update: bytes) -> bool:
        change = self.document.apply(update)
        if change == NOTHING:
            return False
        self._size += len(change)
        self._typed.append(_Typed(change, seat))
        self._show(change, apart_from=seat)
        return True

    def _show(self, change: bytes, *, apart_from: Seat | None) -> None:
        frame = frames.sync(frames.UPDATE, change)
        for other in self.seats:
            if other is not apart_from:
                other.peer.send(frame)

    # --- who is here

    def _moved(self, seat: Seat, presences: tuple[Presence, ...]) -> None:
        """Pass on where *seat* is, under the name that the server knows; nobody speaks for somebody else's client."""
        others = {client for other in self.seats if other is not seat for client in other.clients}
        accepted = []
        for one in presences:
            before = self.known.get(one.client)
            full = one.client not in seat.clients and len(seat.clients) >= CLIENTS_OF_A_SEAT
            if full or one.client in others or (before is not None and one.clock < before.clock):
                continue
            caller = seat.caller
            named = one.state and {**one.state, "account": str(caller.account), "name": caller.name}
            accepted.append(replace(one, state=named))
            (seat.clients.add if named else seat.clients.discard)(one.client)
        if accepted:
            self.spread(accepted, apart_from=seat)
            self._parent.pass_on(self.place, frames.awareness(accepted))

    def spread(self, presences: list[Presence], *, apart_from: Seat | None) -> None:
        """Remember and show where people are."""
        for one in presences:
            if one.state is None:
                self.known.pop(one.client, None)
            elif len(self.known) < 4 * self._parent.limits.peers or one.client in self.known:
                self.known[one.client] = one
        frame = frames.awareness(presences)
        for other in self.seats:
            if other is not apart_from:
                other.peer.send(frame)

    # --- coming and going

    def sit(self, seat: Seat) -> None:
        """Somebody opens the note: ask what they have, and show who is here."""
        self.seats.add(seat)
        seat.peer.send(frames.sync(frames.STATE_VECTOR, self.document.vector))
        if self.known:
            seat.peer.send(frames.awareness(list(self.known.values())))

    def rise(self, seat: Seat) -> None:
        """Somebody has gone."""
        self.seats.discard(seat)
        self._to_tell.pop(seat, None)
        gone = [Presence(one, self.known[one].clock + 1, None) for one in seat.clients if one in self.known]
        if gone:
            self.spread(gone, apart_from=None)
            self._parent.pass_on(self.place, frames.awareness(gone))
        self._wake.set()

    def grown(self, last: int) -> None:
        """Another process has stored up to *last*."""
        self._told = max(self._told, last)
        if last > self._seen:
            self._wake.set()

    def end(self, code: int) -> None:
        """Close every socket of this note; nothing more is stored."""
        self._ended = True
        for seat in list(self.seats):
            seat.peer.close(code)
        self._wake.set()

    # --- the keeper

    async def keep(self) -> None:
        """Store and fetch until nobody has the note open and everything is stored."""
        while (self.seats or self._typed) and not self._ended:
            try:
                async with asyncio.timeout(self._parent.limits.poll_s):
                    await self._wake.wait()
            except TimeoutError:
                self._told = self._seen + 1
            self._wake.clear()
            await self._settle()
        if self._seen > self._snapshot and not self._ended:
            await self._try(self._compact)

    async def _settle(self) -> None:
        typed, self._typed = self._typed, []
        to_tell, self._to_tell = self._to_tell, {}
        if typed and not await self._try(lambda: self._store(typed)):
            if self._ended:
                return
            # Nothing is lost and nobody is told "saved": it goes in front of what came meanwhile.
            self._typed = typed + self._typed
            self._to_tell = to_tell | self._to_tell
            self._wake.set()
            await asyncio.sleep(self._parent.limits.retry_s)
            return
        for seat, count in to_tell.items():
            seat.peer.send(frames.saved(count))
        if self._told > self._seen:
            await self._try(self._catch_up)
        if self._seen - self._snapshot >= self._parent.limits.compact_every:
            await self._try(self._compact)

    async def _try(self, work: Any) -> bool:
        try:
            await work()
        except (Erased, NotFound):
            self.end(GONE)
            return False
        except (DBAPIError, Unavailable, OSError) as exc:
            log.warning("notes wait for the database", error=type(exc).__name__)
            return False
        return True

    async def _store(self, typed: list[_Typed]) -> None:
        parent, written = self._parent, _by_author(typed)
        async with parent.db.begin(KEEPER) as tx:
            end = (await notebook.reach(tx, self.place, lock=True)).last
            missed = await self._missed(tx, end)
            last = await notebook.append(tx, parent.vault, self.place, written, after=end, at=parent.now())
            await self._audit(tx, [one.seat for one in typed])
        self._take(missed)
        self._seen = last
        parent.tell(self.place, last)

    async def _missed(self, tx: Transaction, end: int) -> list[bytes]:
        if end <= self._seen:
            return []
        return (await notebook.updates_after(tx, self._parent.vault, self.place, self._seen))[0]

    async def _catch_up(self) -> None:
        async with self._parent.db.begin(KEEPER) as tx:
            found, reach = await notebook.updates_after(tx, self._parent.vault, self.place, self._seen)
        self._take(found)
        self._seen, self._snapshot = reach.last, reach.snapshot
        self._told = min(self._told, reach.last)

    def _take(self, updates: list[bytes]) -> None:
        for one in updates:
            change = self.document.apply(one)
            if change != NOTHING:
                self._size += len(change)
                self._show(change, apart_from=None)

    async def _compact(self) -> None:
        parent = self._parent
        async with parent.db.begin(KEEPER) as tx:
            end = (await notebook.reach(tx, self.place, lock=True)).last
            self._take(await self._missed(tx, end))
            # What is typed and not stored yet may be in here too: it comes to the log a moment later; twice is once.
            state = self.document.state
            await notebook.compact(tx, parent.vault, self.place, state, upto=end)
        self._seen = self._snapshot = end
        self._size = len(state)

    async def _audit(self, tx: Transaction, seats: list[Seat]) -> None:
        """One line for each author's first change on a socket, in the transaction that stores it."""
        for seat in dict.fromkeys(seats):
            if seat.audited:
                continue
            who = {"account": seat.caller.account, "actor": "person", "session": seat.caller.session}
            line = audit.row(tx, "write", "note", self.place.note, patient=self.place.patient)
            visit = seat.caller.scope.visit if seat.caller.scope else None
            await tx.execute(insert(audit.entries).values({**line, **who, "visit": visit}))
            seat.audited = True


class LiveNotes:
    """Every note that somebody has open in this process."""

    def __init__(self, db: Database, vault: Vault, bus: Bus, *, now: Clock, limits: Limits) -> None:
        self.db = db
        self.vault = vault
        self.now = now
        self.limits = limits
        self._bus = bus
        self._me = secrets.token_hex(6)
        self._open: dict[UUID, LiveNote] = {}
        self._opening: dict[UUID, asyncio.Lock] = {}
        self._keepers: set[asyncio.Task[None]] = set()
        bus.subscribe(NOTES_TOPIC, self._heard)

    @property
    def open_notes(self) -> int:
        """How many are open."""
        return len(self._open)

    async def open(self, place: Place, seat: Seat) -> LiveNote:
        """
        Give *seat* its place in a note.

        Raises:
            TooMany: the note is open in as many windows as this process allows.
        """
        # Two who open a note at once must find the same one: the first loads it, the second waits.
        async with self._opening.setdefault(place.note, asyncio.Lock()):
            live = self._open.get(place.note)
            if live is None:
                live = LiveNote(place, self)
                await live.load()
                self._open[place.note] = live
                live.sit(seat)
                task = asyncio.create_task(self._keep(live), name="note keeper")
                self._keepers.add(task)
                task.add_done_callback(self._keepers.discard)
                return live
            if len(live.seats) >= self.limits.peers:
                raise TooMany("This note is open in many windows. Please close one.")
            live.sit(seat)
            return live

    async def _keep(self, live: LiveNote) -> None:
        try:
            while live.seats and not live.ended:
                # Somebody may come while the last snapshot is being written.
                await live.keep()
        finally:
            # Whatever happened, nobody is left typing into a note that is not kept: they come back to a fresh one.
            live.end(RESTART)
            del self._open[live.place.note]
            self._opening.pop(live.place.note, None)

    async def stop(self) -> None:
        """Store everything that was typed; sockets are closed already."""
        for live in list(self._open.values()):
            for seat in list(live.seats):
                live.rise(seat)
        if self._keepers:
            await asyncio.wait(self._keepers, timeout=5)

    def tell(self, place: Place, last: int) -> None:
        """Wake the other processes: the log of a note goes to *last*."""
        self._bus.publish(NOTES_TOPIC, {"by": self._me, "note": str(place.note), "last": last})

    def pass_on(self, place: Place, awareness: bytes) -> None:
        """Show the other processes where people are."""
        content = base64.b64encode(awareness).decode()
        self._bus.publish(NOTES_TOPIC, {"by": self._me, "note": str(place.note), "awareness": content})

    def _heard(self, fact: dict[str, Any]) -> None:
        live = self._open.get(UUID(fact["note"]))
        if live is None or fact["by"] == self._me:
            return
        if "last" in fact:
            live.grown(fact["last"])
        else:
            presences = frames.parse(base64.b64decode(fact["awareness"]))
            if not isinstance(presences, Sync):
                live.spread(list(presences), apart_from=None)


def _by_author(typed: list[_Typed]) -> list[Written]:
    """What neighbours in time by the same author typed, as one update each; order is kept."""
    grouped: list[tuple[UUID | None, list[bytes]]] = []
    for one in typed:
        account = one.seat.caller.account
        if not grouped or grouped[-1][0] != account:
            grouped.append((account, []))
        grouped[-1][1].append(one.update)
    return [Written(merge_updates(*updates), account) for account, updates in grouped]


def build_live_notes(db: Database, vault: Vault, bus: Bus, now: Clock, settings: Settings) -> LiveNotes:
    """The notes of this process, with the installation's numbers."""
    limits = Limits(
        peers=settings.notes_peers,
        document_bytes=settings.notes_document_bytes,
        compact_every=settings.notes_compact_every,
        poll_s=settings.notes_poll_s,
    )
    return LiveNotes(db, vault, bus, now=now, limits=limits)
