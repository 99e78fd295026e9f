"""
One note that somebody has open in this process: what peers send, and what they are shown.

For each open note one task stores what has gathered while the last group was being stored, in one transaction, and only
then tells the authors that it is saved (`keeper`). Readers beside them see it at once. Other web processes are woken
over the bus and read the log; a slow poll finds what a lost wake-up left. A CRDT makes the order irrelevant, so no
process has to own a note.
"""

from __future__ import annotations

from telegut.careplan import frames
from telegut.careplan.document import NoteDocument
from telegut.careplan.frames import NOTHING, Presence, Sync
from telegut.careplan.notebook import Place
from telegut.careplan.notes.house import House
from telegut.careplan.notes.keeper import Keeper, Typed
from telegut.careplan.notes.presence import Company
from telegut.careplan.seats import NoteFull, ReadOnly, Seat


class LiveNote:
    """One note, its sockets, and the keeper that stores it."""

    def __init__(self, place: Place, house: House) -> None:
        self.place = place
        self.document = NoteDocument()
        self.seats: set[Seat] = set()
        self.company = Company(self.seats, most=4 * house.limits.peers)
        self.keeper = Keeper(place, self.document, house, show=self._show, end=self.end)
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
            seat.peer.send(frames.sync(frames.MISSING, self.document.missing(message.payload)))
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
        self.keeper.take(Typed(change, seat))
        self._show(change, apart_from=seat)
        return True

    def _show(self, change: bytes, *, apart_from: Seat | None = None) -> None:
        frame = frames.sync(frames.UPDATE, change)
        for other in self.seats:
            if other is not apart_from:
                other.peer.send(frame)

    # --- coming and going

    def sit(self, seat: Seat) -> None:
        """Somebody opens the note: ask what they have, and show who is here."""
        self.seats.add(seat)
        seat.peer.send(frames.sync(frames.STATE_VECTOR, self.document.vector))
        if here := self.company.everybody():
            seat.peer.send(here)

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
