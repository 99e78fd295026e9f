"""
What a host decides at the door and in the room, hands, and the patient's yes to somebody who is there to learn. Pure.

Each is a command of its own that `telegut.rooms.rules.step.step` asks; what changes nothing is silent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from telegut.errors import Refused
from telegut.rooms import events
from telegut.rooms.events import Event
from telegut.rooms.rules.commands import Admit, Happened
from telegut.rooms.rules.people import check_host
from telegut.rooms.rules.refusals import NotInside
from telegut.rooms.rules.step import step
from telegut.rooms.rules.visit import Place, Seat, Visit, move, with_seat


class NotYours(Refused):
    """Only the patient's side is asked this."""


@dataclass(frozen=True, slots=True)
class AdmitAll:
    """The host *by* lets everybody in who waits and may come in."""

    by: UUID

    def act(self, visit: Visit, now: datetime) -> tuple[Visit, Happened]:
        """As `Admit`, for each; whoever the patient has not agreed to goes on waiting."""
        check_host(visit, self.by)
        happened: Happened = ()
        for seat in visit.seats:
            if seat.knocked and visit.consent_to(seat) not in {"asked", "refused"}:
                visit, more = step(visit, Admit(self.by, seat.account), now)
                happened += more
        return visit, happened


@dataclass(frozen=True, slots=True)
class SendBack:
    """The host *by* sends *guest* one step back: out of the room to wait again, or from waiting to their check."""

    by: UUID
    guest: UUID

    def act(self, visit: Visit, now: datetime) -> tuple[Visit, Happened]:
        """
        Somebody who waits may ask again when they are ready.

        Raises:
            NotTheHost: a guest wishes it. NotInside: a host is meant.
        """
        check_host(visit, self.by)
        seat = visit.seat(self.guest)
        if seat.host:
            raise NotInside("A practitioner cannot be sent out of the visit.")
        event = (Event(events.SENT_BACK, seat.account, self.by),)
        if seat.state is Place.WAITING:
            return move(visit, replace(seat, knocked=False), Place.CHECKING, now), event
        if not seat.admitted:
            return visit, ()
        place = Place.AWAY if seat.state is Place.AWAY else Place.WAITING
        return move(visit, replace(seat, knocked=True, admitted=False, hand=None), place, now), event


@dataclass(frozen=True, slots=True)
class LetBack:
    """The host *by* lets *guest*, who was sent out, knock again."""

    by: UUID
    guest: UUID

    def act(self, visit: Visit, now: datetime) -> tuple[Visit, Happened]:
        """
        Only the way to the door is open again.

        Raises:
            NotTheHost: a guest wishes it.
        """
        check_host(visit, self.by)
        seat = visit.seat(self.guest)
        if not seat.barred:
            return visit, ()
        return with_seat(visit, replace(seat, barred=False)), (Event(events.LET_BACK, seat.account, self.by),)


@dataclass(frozen=True, slots=True)
class Hand:
    """*by* raises their hand, or lowers that of *whose*: their own, or as a host anybody's."""

    by: UUID
    whose: UUID
    raised: bool

    def act(self, visit: Visit, now: datetime) -> tuple[Visit, Happened]:
        """
        A raised hand stays up through a lost connection.

        Raises:
            NotInside: they are not in the room. NotTheHost: it is somebody else's hand, or it would be raised for them.
        """
        if visit.seat(self.by).state is not Place.INSIDE:
            raise NotInside
        if self.by != self.whose:
            check_host(visit, self.by)
        seat = visit.seat(self.whose)
        if self.raised == (seat.hand is not None) or (self.raised and self.by != self.whose):
            return visit, ()
        word = events.HAND_RAISED if self.raised else events.HAND_LOWERED
        return with_seat(visit, replace(seat, hand=now if self.raised else None)), (Event(word, seat.account, self.by),)


@dataclass(frozen=True, slots=True)
class Consent:
    """The patient's side says whether *guest* may be there; a no also ends their being there. In a group, each side."""

    by: UUID
    guest: UUID
    agreed: bool

    def act(self, visit: Visit, now: datetime) -> tuple[Visit, Happened]:
        """
        Can be said again, either way, as long as the visit lasts.

        Raises:
            NotYours: somebody else answers. NotAPlaceHere: there is no such person.
        """
        mine = visit.seat(self.by)
        if not mine.guest:
            raise NotYours
        seat = visit.seat(self.guest)
        answered = self._answered(seat, mine.patient)
        if seat.consent is None or answered == seat:
            return visit, ()
        word = events.CONSENTED if self.agreed else events.REFUSED
        event = (Event(word, seat.account, self.by),)
        said = with_seat(visit, answered)
        no = said.consent_to(answered) == "refused"  # of a group, only from those who are let in
        return _out(said, answered, now, event) if no else (said, event)

    def _answered(self, seat: Seat, side: UUID | None) -> Seat:
        """side: in a group, whose side says it; None where there is one patient."""
        if side is None:
            return replace(seat, consent="given" if self.agreed else "refused")
        one = frozenset({side})
        if self.agreed:
            return replace(seat, agreed=seat.agreed | one, refused=seat.refused - one)
        return replace(seat, agreed=seat.agreed - one, refused=seat.refused | one)


def _out(visit: Visit, seat: Seat, now: datetime, event: Happened) -> tuple[Visit, Happened]:
    if not seat.admitted:
        return with_seat(visit, seat), event
    gone = replace(seat, admitted=False, knocked=False, hand=None)
    return move(visit, gone, Place.LEFT, now), (*event, Event(events.REMOVED, seat.account, event[0].by))
