"""
The one authoritative state of a visit, and every way it may change.

Pure: `step` takes a visit, a command and the time, and returns the next visit with what happened. ::

    a seat      expected ──connect──▶ checking ──knock──▶ waiting ──admit──▶ admitted ──enter──▶ inside
                    ▲                    │                   │                                  │   ▲
                    └────disconnect──────┘              disconnect                     disconnect   connect
                                                             ▼                                  ▼   │
                                                           away ◀───────────────────────────────┘───┘
                leave: from anywhere to left; connect from left starts again at checking
                remove: from anywhere to left, and barred: no way back in this visit unless a host lets them

    a visit     scheduled ──time──▶ open ──a host and a guest inside──▶ live ──end, or time──▶ ended

Picture and sound go from browser to browser while there are two people and it works; from the third person on, or when
somebody says that the direct way fails, they go by our forwarder until the visit ends: one change, not many.

A host's seat needs no knock: a host who is connected is inside. ``away`` keeps the seat: who was waiting waits
again on return, who was inside is inside again, and nobody has to be asked twice.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from telegut.rooms import events
from telegut.rooms.events import Event
from telegut.rooms.rules import people, phases
from telegut.rooms.rules.commands import (
    Admit,
    Change,
    Close,
    Command,
    Connect,
    Disconnect,
    End,
    Enter,
    Forward,
    Happened,
    Knock,
    Leave,
    Pass,
    Remove,
)
from telegut.rooms.rules.people import check_host
from telegut.rooms.rules.refusals import NotInside, NotOpenYet, VisitEnded
from telegut.rooms.rules.visit import Phase, Visit


def step(visit: Visit, command: Command, now: datetime) -> tuple[Visit, Happened]:
    """
    Apply *command*; return the next visit and what happened.

    The version rises by one when anything happened and stays when nothing did: knocking, admitting, entering and
    leaving twice are silent the second time. Everybody who acts must hold a seat.

    Raises:
        NotOpenYet: somebody but the clock acts before the room opens.
        VisitEnded: somebody but the clock acts after the end.
        NotAPlaceHere: the person who acts, or is acted on, has no seat.
        NotTheHost: a guest admits, removes or ends.
        NotWaiting: the admitted person never knocked.
        NotInside: somebody enters who was not let in, or a host is sent out.
    """
    visit, opened = phases.pass_time(visit, now)
    if isinstance(command, Pass):
        changed, happened = visit, opened
    else:
        changed, happened = _act(visit, command, now)
        happened = opened + happened
    if happened:
        changed = replace(changed, version=changed.version + 1)
    return changed, happened


def _act(visit: Visit, command: Command, now: datetime) -> tuple[Visit, Happened]:
    if isinstance(command, Close):
        return phases.end(visit, None, now)
    if isinstance(command, Disconnect):  # a fact, not a wish: true in every phase
        return people.disconnect(visit, visit.last_seat(command.who), now)
    if visit.phase is Phase.ENDED:
        if isinstance(command, End):
            check_host(visit, command.by)
            return visit, ()
        raise VisitEnded
    if visit.phase is Phase.SCHEDULED:
        raise NotOpenYet
    return _act_in_room(visit, command, now)


def _act_in_room(visit: Visit, command: Command, now: datetime) -> tuple[Visit, Happened]:
    match command:
        case Connect(who):
            return people.connect(visit, visit.seat(who), now)
        case Knock(who):
            return people.knock(visit, visit.seat(who), now)
        case Enter(who):
            return people.enter(visit, visit.seat(who), now)
        case Leave(who):
            return people.leave(visit, visit.seat(who), Event(events.LEFT, who), now)
        case Admit(by, guest):
            check_host(visit, by)
            return people.admit(visit, visit.seat(guest), by, now)
        case Remove(by, guest):
            check_host(visit, by)
            if visit.seat(guest).host:
                raise NotInside("A practitioner cannot be sent out of the visit.")
            return people.send_out(visit, visit.seat(guest), by, now)
        case End(by):
            check_host(visit, by)
            return phases.end(visit, by, now)
        case Forward(who):
            return phases.forward(visit, visit.seat(who))
        case Change():
            return command.act(visit, now)
        case _:  # pragma: no cover - the other commands were answered before
            raise AssertionError(command)
