"""The keeper of a live note: what was typed goes to the log in groups, and what others have stored comes from it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pycrdt import merge_updates
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

from telegut import logs
from telegut.accounts import care
from telegut.careplan import frames, notebook
from telegut.careplan.document import NoteDocument
from telegut.careplan.frames import NOTHING
from telegut.careplan.notebook import Place, Written
from telegut.careplan.notes.house import House
from telegut.careplan.notes.shown import Shown
from telegut.careplan.rules import Audience
from telegut.careplan.seats import GONE, Seat
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.db.sealed import Erased
from telegut.errors import NotFound, Unavailable

log = logs.get("notes")

KEEPER = Caller.system("notes: stores what people typed")


@dataclass(frozen=True, slots=True)
class Typed:
    """One change of the document, and who made it."""

    update: bytes
    seat: Seat


@dataclass(frozen=True, slots=True)
class News:
    """
    What sockets are to be shown. whole: for the care team. readable: for everybody else.

    held: the words that hold the note back from everybody else, when they are others than before.
    """

    whole: bytes = NOTHING
    readable: bytes = NOTHING
    held: tuple[str, ...] | None = None


class Keeper:
    """
    Keeps *document* and the log of *place* the same, and what the patient's side reads of it by the rule of `shown`.

    tell: show this on every open socket. end: the record is gone, close them with this code. size: bytes of the
    document, about.
    """

    def __init__(
        self,
        place: Place,
        document: NoteDocument,
        house: House,
        tell: Callable[[News], None],
        end: Callable[[int], None],
    ) -> None:
        self.size = 0
        self._place = place
        self._document = document
        self._house = house
        self._tell = tell
        self._end = end
        self._shown = Shown(document) if place.audience is Audience.SHARED else None
        self._family: frozenset[UUID] = frozenset()
        self._unjudged = False
        self._gone = False
        self._seen = 0
        self._told = 0
        self._snapshot = 0
        self._typed: list[Typed] = []
        self._to_tell: dict[Seat, int] = {}
        self._wake = asyncio.Event()

    async def load(self) -> None:
        """Read the log."""
        await self._catch_up()
        await self._judge()
        self.size = len(self._document.state)

    @property
    def owes(self) -> bool:
        """Whether something that was typed is not stored yet."""
        return bool(self._typed)

    @property
    def readable(self) -> NoteDocument:
        """What others than the care team read."""
        return self._shown.document if self._shown else self._document

    @property
    def held(self) -> tuple[str, ...]:
        """The words that hold the note back from them."""
        return self._shown.held if self._shown else ()

    def take(self, typed: Typed) -> bytes:
        """A change that is in the document already; return what others than the care team may read of it at once."""
        self.size += len(typed.update)
        self._typed.append(typed)
        return self._readable(typed.update, typed.seat.caller.account)

    def say_saved(self, seat: Seat) -> None:
        """Tell *seat* that all it has sent so far is saved, once it is."""
        self._to_tell[seat] = seat.received
        self._wake.set()

    def forget(self, seat: Seat) -> None:
        """Nobody is there any more to be told."""
        self._to_tell.pop(seat, None)

    def grown(self, last: int) -> None:
        """Another process has stored up to *last*."""
        self._told = max(self._told, last)
        if last > self._seen:
            self._wake.set()

    def wake(self) -> None:
        """Look again who is there."""
        self._wake.set()

    async def once(self) -> None:
        """Wait until there is something to do, at most for a poll, and do it."""
        try:
            async with asyncio.timeout(self._house.limits.poll_s):
                await self._wake.wait()
        except TimeoutError:
            self._told = self._seen + 1
        self._wake.clear()
        await self._settle()

    async def shorten(self) -> None:
        """Make one snapshot of what the log holds."""
        await self._judge()
        if self._seen > self._snapshot:
            await self._try(self._compact)

    def _readable(self, change: bytes, account: UUID | None, *, read: bool = False) -> bytes:
        """What the patient and their family write is theirs to read at once; the rest is looked at first."""
        if self._shown is None:
            return change
        self._unjudged = True
        return self._shown.take(change) if read or account in self._family else NOTHING

    async def _judge(self) -> None:
        if self._shown is None or not self._unjudged:
            return
        self._unjudged = False
        before = self._shown.held
        readable = await self._shown.judge()
        held = self._shown.held
        self._tell(News(readable=readable, held=held if held != before else None))

    async def _settle(self) -> None:
        await self._judge()
        typed, self._typed = self._typed, []
        to_tell, self._to_tell = self._to_tell, {}
        if typed and not await self._try(lambda: self._store(typed)):
            if self._gone:
                return
            # Nothing is lost and nobody is told "saved": it goes in front of what came meanwhile.
            self._typed = typed + self._typed
            self._to_tell = to_tell | self._to_tell
            self._wake.set()
            await asyncio.sleep(self._house.limits.retry_s)
            return
        for seat, count in to_tell.items():
            seat.peer.send(frames.saved(count))
        if self._told > self._seen:
            await self._try(self._catch_up)
        if self._seen - self._snapshot >= self._house.limits.compact_every:
            await self._try(self._compact)

    async def _try(self, work: Any) -> bool:
        try:
            await work()
        except (Erased, NotFound):
            self._gone = True
            self._end(GONE)
            return False
        except (DBAPIError, Unavailable, OSError) as exc:
            log.warning("notes wait for the database", error=type(exc).__name__)
            return False
        return True

    async def _store(self, typed: list[Typed]) -> None:
        house, written = self._house, _by_author(typed)
        async with house.db.begin(KEEPER) as tx:
            end = (await notebook.reach(tx, self._place, lock=True)).last
            missed = await self._missed(tx, end)
            last = await notebook.append(tx, house.vault, self._place, written, after=end, at=house.now())
            await self._audit(tx, [one.seat for one in typed])
        self._took(missed)
        self._seen = last
        house.tell(self._place, last)

    async def _missed(self, tx: Transaction, end: int) -> list[Written]:
        if end <= self._seen:
            return []
        return (await notebook.updates_after(tx, self._house.vault, self._place, self._seen))[0]

    async def _catch_up(self) -> None:
        async with self._house.db.begin(KEEPER) as tx:
            found, reach = await notebook.updates_after(tx, self._house.vault, self._place, self._seen)
            self._family = frozenset([self._place.patient, *await care.guardians(tx, self._place.patient)])
        self._took(found)
        self._seen, self._snapshot = reach.last, reach.snapshot
        self._told = min(self._told, reach.last)

    def _took(self, updates: list[Written]) -> None:
        for one in updates:
            change = self._document.apply(one.update)
            if change == NOTHING:
                continue
            self.size += len(change)
            self._tell(News(change, self._readable(change, one.account, read=one.read)))
            self._wake.set()

    async def _compact(self) -> None:
        house = self._house
        async with house.db.begin(KEEPER) as tx:
            end = (await notebook.reach(tx, self._place, lock=True)).last
            self._took(await self._missed(tx, end))
            # What is typed and not stored yet may be in here too: it comes to the log a moment later; twice is once.
            state = self.readable.state
            await notebook.compact(tx, house.vault, self._place, state, upto=end)
            last = await self._put_behind(tx, end)
        self._seen, self._snapshot = last, end
        self.size = len(self._document.state)
        if last > end:
            house.tell(self._place, last)

    async def _put_behind(self, tx: Transaction, end: int) -> int:
        """A snapshot is what everybody reads: what is held stays a row behind it; return the new end of the log."""
        if self._shown is None or not (self._shown.held or self._unjudged):
            return end
        rest = [Written(self._shown.rest(), None)]
        return await notebook.append(tx, self._house.vault, self._place, rest, after=end, at=self._house.now())

    async def _audit(self, tx: Transaction, seats: list[Seat]) -> None:
        """One line for each author's first change on a socket, in the transaction that stores it."""
        for seat in dict.fromkeys(seats):
            if seat.audited:
                continue
            who = {"account": seat.caller.account, "actor": "person", "session": seat.caller.session}
            line = audit.row(tx, "write", "note", self._place.note, patient=self._place.patient)
            visit = seat.caller.scope.visit if seat.caller.scope else None
            await tx.execute(insert(audit.entries).values({**line, **who, "visit": visit}))
            seat.audited = True


def _by_author(typed: list[Typed]) -> list[Written]:
    """What neighbours in time by the same author typed, as one update each; order is kept."""
    grouped: list[tuple[UUID | None, list[bytes]]] = []
    for one in typed:
        account = one.seat.caller.account
        if not grouped or grouped[-1][0] != account:
            grouped.append((account, []))
        grouped[-1][1].append(one.update)
    return [Written(merge_updates(*updates), account) for account, updates in grouped]
