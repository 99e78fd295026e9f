"""Rules of people: how one person comes, knocks, is let in, takes the seat, goes or is sent out. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from telegut.rooms import events
from telegut.rooms.events import Event
from telegut.rooms.rules import phases
from telegut.rooms.rules.commands import Happened
from telegut.rooms.rules.refusals import Barred, NoConsent, NotInside, NotTheHost, NotWaiting
from telegut.rooms.rules.visit import Place, Seat, Visit, move


def check_host(visit: Visit, who: UUID) -> None:
    """
    See that *who* may decide about others.

    Raises:
        NotTheHost: they are no host of this visit.
    """
    if not visit.seat(who).host:
        raise NotTheHost


def connect(visit: Visit, seat: Seat, now: datetime) -> tuple[Visit, Happened]:
    """
    A host and whoever was let in take the seat at once; who was waiting waits again; others check first.

    Raises:
        Barred: they were sent out of this visit.
    """
    if seat.barred:
        raise Barred
    if seat.here:
        return visit, ()
    if seat.host or seat.admitted:
        return _sit(visit, seat, now)
    state = Place.WAITING if seat.knocked else Place.CHECKING
    word = events.RETURNED if seat.state is Place.AWAY else events.ARRIVED
    return move(visit, seat, state, now), (Event(word, seat.account),)


def disconnect(visit: Visit, seat: Seat, now: datetime) -> tuple[Visit, Happened]:
    """A drop keeps the seat; who only checked their device is expected again."""
    if not seat.here:
        return visit, ()
    state = Place.EXPECTED if seat.state is Place.CHECKING else Place.AWAY
    return move(visit, seat, state, now), (Event(events.LOST, seat.account),)


def knock(visit: Visit, seat: Seat, now: datetime) -> tuple[Visit, Happened]:
    """
    Ask to come in.

    Raises:
        Barred: they were sent out of this visit.
    """
    if seat.barred:
        raise Barred
    if seat.host or seat.admitted or seat.knocked:
        return visit, ()
    knocked = replace(seat, knocked=True)
    return move(visit, knocked, Place.WAITING, now), (Event(events.KNOCKED, seat.account),)


def admit(visit: Visit, seat: Seat, by: UUID, now: datetime) -> tuple[Visit, Happened]:
    """
    Let *seat* in.

    Raises:
        NotWaiting: they have not knocked. NoConsent: the patient has not said yes to them.
    """
    if seat.host or seat.admitted:
        return visit, ()
    if not seat.knocked or seat.barred:
        raise NotWaiting
    if visit.consent_to(seat) in {"asked", "refused"}:
        raise NoConsent
    visit = move(visit, replace(seat, knocked=False, admitted=True), Place.ADMITTED, now)
    return _ask_again(visit, by, now, (Event(events.ADMITTED, seat.account, by),))


def _ask_again(visit: Visit, by: UUID, now: datetime, happened: Happened) -> tuple[Visit, Happened]:
    """Somebody was let into a group: guests to whom they have not said yes wait until they do."""
    for seat in visit.seats:
        if seat.admitted and visit.consent_to(seat) in {"asked", "refused"}:
            place = Place.AWAY if seat.state is Place.AWAY else Place.WAITING
            visit = move(visit, replace(seat, knocked=True, admitted=False, hand=None), place, now)
            happened += (Event(events.SENT_BACK, seat.account, by),)
    return visit, happened


def enter(visit: Visit, seat: Seat, now: datetime) -> tuple[Visit, Happened]:
    """
    Take the seat one was let into.

    Raises:
        NotInside: they were not let in.
    """
    if not (seat.host or seat.admitted):
        raise NotInside
    if seat.state is Place.INSIDE:
        return visit, ()
    return _sit(visit, seat, now)


def _sit(visit: Visit, seat: Seat, now: datetime) -> tuple[Visit, Happened]:
    """Take the seat; it may make the visit live, or one more than browsers connect with each other."""
    word = events.RETURNED if seat.state is Place.AWAY else events.ENTERED
    visit = move(visit, replace(seat, admitted=True, knocked=False), Place.INSIDE, now)
    visit, begun = phases.gathered(visit, now)
    return visit, (Event(word, seat.account), *begun)


def leave(visit: Visit, seat: Seat, event: Event, now: datetime) -> tuple[Visit, Happened]:
    """Out of the room on purpose: coming back means knocking again."""
    if seat.state in {Place.LEFT, Place.EXPECTED}:
        return visit, ()
    gone = replace(seat, knocked=False, admitted=False, hand=None)
    return move(visit, gone, Place.LEFT, now), (event,)


def send_out(visit: Visit, seat: Seat, by: UUID, now: datetime) -> tuple[Visit, Happened]:
    """Out for the rest of this visit, also somebody who has not come yet."""
    if seat.barred:
        return visit, ()
    gone = replace(seat, knocked=False, admitted=False, hand=None, barred=True)
    return move(visit, gone, Place.LEFT, now), (Event(events.REMOVED, seat.account, by),)
