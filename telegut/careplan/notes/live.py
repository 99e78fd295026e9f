"""
One note that somebody has open in this process: what peers send, and what they are shown.

For each open note one task stores what has gathered while the last group was being stored, in one transaction, and only
then tells the authors that it is saved (`keeper`). Readers beside them see it at once, the patient's side of a shared
note once its words have been looked at (`shown`). Other web processes are woken
over the bus and read the log; a slow poll finds what a lost wake-up left. A CRDT makes the order irrelevant, so no
process has to own a note.
"""

from __future__ import annotations

from telegut.careplan import frames
from telegut.careplan.document import NoteDocument
from telegut.careplan.frames import NOTHING, Presence, Sync
from telegut.careplan.notebook import Place
from telegut.careplan.notes.house import House
from telegut.careplan.notes.keeper import Keeper, News, Typed
from telegut.careplan.notes.presence import Company
from telegut.careplan.seats import NoteFull, ReadOnly, Seat


class LiveNote:
    """One note, its sockets, and the keeper that stores it."""

    def __init__(self, place: Place, house: House) -> None:
        self.place = place
        self.document = NoteDocument()
        self.seats: set[Seat] = set()
        self.company = Company(self.seats, most=4 * house.limits.peers)
        self.keeper = Keeper(place, self.document, house, self._told, self.end)
        self._house = house
        self._ended = False

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
            if moved := self.company.moved(seat, message):
                self._house.pass_on(self.place, moved)
        elif message.step == frames.STATE_VECTOR:
            readable = self.document if seat.team else self.keeper.readable
            seat.peer.send(frames.sync(frames.MISSING, readable.missing(message.payload)))
        else:
            self._updated(seat, message)

    def _updated(self, seat: Seat, message: Sync) -> None:
        if not seat.writes:
            self._repeated(seat, message)
            return
        if self.keeper.size + len(message.payload) > self._house.limits.document_bytes:
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
            self.keeper.say_saved(seat)

    def _repeated(self, seat: Seat, message: Sync) -> None:
        """A reader answers what they were asked, which holds nothing new."""
        if self.document.would_change(message.payload):
            raise ReadOnly
        seat.received += 1
        self.keeper.say_saved(seat)

    def _apply(self, seat: Seat, update: bytes) -> bool:
        change = self.document.apply(update)
        if change == NOTHING:
            return False
        readable = self.keeper.take(Typed(change, seat))
        self._show(change, team=True, apart_from=seat)
        self._show(readable, team=False, apart_from=seat)
        return True

    def _show(self, change: bytes, *, team: bool, apart_from: Seat | None = None) -> None:
        """*change* is there for the care team, or for everybody else; see `shown`."""
        if change != NOTHING:
            self._tell(frames.sync(frames.UPDATE, change), team=team, apart_from=apart_from)

    def _tell(self, frame: bytes, *, team: bool, apart_from: Seat | None = None) -> None:
        for other in self.seats:
            if other.team is team and other is not apart_from:
                other.peer.send(frame)

    def _told(self, news: News) -> None:
        """What the keeper has found in the log, or about the words."""
        self._show(news.whole, team=True)
        self._show(news.readable, team=False)
        if news.held is not None:
            self._tell(frames.held(news.held), team=True)

    # --- coming and going

    def sit(self, seat: Seat) -> None:
        """Somebody opens the note: ask what they have, and show who is here."""
        self.seats.add(seat)
        seat.peer.send(frames.sync(frames.STATE_VECTOR, self.document.vector))
        if here := self.company.everybody():
            seat.peer.send(here)
        if seat.team and self.keeper.held:
            seat.peer.send(frames.held(self.keeper.held))

    def rise(self, seat: Seat) -> None:
        """Somebody has gone."""
        self.seats.discard(seat)
        self.keeper.forget(seat)
        if gone := self.company.gone(seat):
            self._house.pass_on(self.place, gone)
        self.keeper.wake()

    def elsewhere(self, presences: list[Presence]) -> None:
        """Another process says where people are."""
        self.company.spread(presences, apart_from=None)

    def end(self, code: int) -> None:
        """Close every socket of this note; nothing more is stored."""
        self._ended = True
        for seat in list(self.seats):
            seat.peer.close(code)
        self.keeper.wake()

    async def keep(self) -> None:
        """Store and fetch until nobody has the note open and everything is stored."""
        while (self.seats or self.keeper.owes) and not self._ended:
            await self.keeper.once()
        if not self._ended:
            await self.keeper.shorten()
