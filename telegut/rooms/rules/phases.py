"""Rules of the visit itself: when it opens, when it is live, which way picture and sound go, when it ends. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from telegut.rooms import events
from telegut.rooms.events import Event
from telegut.rooms.rules.commands import Happened
from telegut.rooms.rules.refusals import NotInside
from telegut.rooms.rules.visit import Phase, Place, Seat, Visit, each_seat

DIRECTLY = 2
"""People whose browsers are connected with each other; a third one would cost a phone two encodings at once."""


def pass_time(visit: Visit, now: datetime) -> tuple[Visit, Happened]:
    """Open at the hour, and close the door again when the visit was moved to a later day and nobody is here."""
    if visit.phase is Phase.SCHEDULED and now >= visit.opens:
        return replace(visit, phase=Phase.OPEN), (Event(events.OPENED),)
    if visit.phase is Phase.OPEN and now < visit.opens and not visit.somebody_here():
        return replace(visit, phase=Phase.SCHEDULED), (Event(events.MOVED),)
    return visit, ()


def gathered(visit: Visit, now: datetime) -> tuple[Visit, Happened]:
    """Live from the first moment that a host and a patient's side are in it together; forwarded from the third."""
    happened: Happened = ()
    sides = {inside.host for inside in visit.inside() if inside.host or inside.guest}
    if visit.phase is Phase.OPEN and sides == {True, False}:
        visit = replace(visit, phase=Phase.LIVE, started_at=now)
        happened += (Event(events.STARTED),)
    if len(visit.inside()) > DIRECTLY and not visit.forwarded:
        visit = replace(visit, forwarded=True)
        happened += (Event(events.FORWARDED),)
    return visit, happened


def forward(visit: Visit, seat: Seat) -> tuple[Visit, Happened]:
    """
    By our forwarder from now on, because *seat* cannot be reached directly.

    Raises:
        NotInside: they are not in the room.
    """
    if seat.state is not Place.INSIDE:
        raise NotInside
    if visit.forwarded:
        return visit, ()
    return replace(visit, forwarded=True), (Event(events.FORWARDED, seat.account),)


def end(visit: Visit, by: UUID | None, now: datetime) -> tuple[Visit, Happened]:
    """Over for everybody, by the host *by* or, with None, by the clock; a second end is silent."""
    if visit.phase is Phase.ENDED:
        return visit, ()

    def out(seat: Seat) -> Seat:
        if seat.state in {Place.EXPECTED, Place.LEFT}:
            return seat
        return replace(seat, state=Place.LEFT, knocked=False, admitted=False, hand=None, since=now)

    ended = replace(each_seat(visit, out), phase=Phase.ENDED, ended_at=now)
    return ended, (Event(events.ENDED if by else events.CLOSED, None, by),)
