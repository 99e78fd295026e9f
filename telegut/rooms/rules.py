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

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable
from uuid import UUID

from telegut.errors import Conflict, Gone, NotFound, Refused
from telegut.rooms import events
from telegut.rooms.events import Event
from telegut.rooms.sight import COMPANIONS


class Phase(StrEnum):
    """Where a visit is in its life."""

    SCHEDULED = "scheduled"
    OPEN = "open"
    LIVE = "live"
    ENDED = "ended"


class Place(StrEnum):
    """Where one person is, seen from the visit."""

    EXPECTED = "expected"
    CHECKING = "checking"
    WAITING = "waiting"
    ADMITTED = "admitted"
    INSIDE = "inside"
    AWAY = "away"
    LEFT = "left"


class NotOpenYet(Conflict):
    """The room is not open yet. It opens shortly before the visit."""


class VisitEnded(Gone):
    """This visit has ended."""


class NotTheHost(Refused):
    """Only the practitioner can do this."""


class NotWaiting(Conflict):
    """This person is not waiting any more."""


class NotAPlaceHere(NotFound):
    """There is no such person in this visit."""


class NotInside(Refused):
    """You can do this once you have been let in."""


class NoRecordHere(Refused):
    """In a group nobody's record is shown."""


class Barred(Refused):
    """The practitioner has ended your part in this visit."""


class NoConsent(Conflict):
    """This person may come in once the patient, in a group everybody in the room, has said yes to that."""


DIRECTLY = 2
"""People whose browsers are connected with each other; a third one would cost a phone two encodings at once."""


@dataclass(frozen=True, slots=True)
class Seat:
    """
    One person's seat in one visit.

    knocked: has asked to come in and was not yet answered.
    admitted: has been let in, and may come back after a drop without being asked again.
    since: when the seat came to its present state.
    patient: in a group, for whom this guest is here. withdrawn: given back; to its person there is no such visit.
    barred: sent out for the rest of this visit. hand: since when their hand is raised. invited: the host who asked
    them in by a link of their own. consent: where the patient is asked whether they may be there: ``asked``,
    ``given`` or ``refused``; in a group it stays ``asked``, and *agreed* and *refused* hold whose side said which
    (`Visit.consent_to` puts them together). panels: whether what is shown beside the video is shown to this guest too.
    """

    account: UUID
    role: str
    host: bool
    state: Place = Place.EXPECTED
    knocked: bool = False
    admitted: bool = False
    since: datetime | None = None
    patient: UUID | None = None
    withdrawn: bool = False
    barred: bool = False
    hand: datetime | None = None
    invited: UUID | None = None
    consent: str | None = None
    agreed: frozenset[UUID] = frozenset()
    refused: frozenset[UUID] = frozenset()
    panels: str | None = None

    @property
    def guest(self) -> bool:
        """Whether this is the patient's side. Who accompanies makes no visit: alone with a host it is not live."""
        return not self.host and self.role not in COMPANIONS

    @property
    def seated(self) -> bool:
        """Whether picture and sound are theirs: in the room, or let in and away for a moment with the seat kept."""
        return self.state is Place.INSIDE or (self.state is Place.AWAY and (self.host or self.admitted))

    @property
    def here(self) -> bool:
        """Whether this person is connected now."""
        return self.state in {Place.CHECKING, Place.WAITING, Place.INSIDE}


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit with everybody's seat. `opens`, `starts` and `ends` are the appointment's, in UTC."""

    id: UUID
    opens: datetime
    starts: datetime
    ends: datetime
    seats: tuple[Seat, ...]
    phase: Phase = Phase.SCHEDULED
    version: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    forwarded: bool = False

    def seat(self, account: UUID) -> Seat:
        """
        The seat of *account*.

        Raises:
            NotAPlaceHere: this person has no seat in this visit.
        """
        seat = self.last_seat(account)
        if seat.withdrawn:
            raise NotAPlaceHere
        return seat

    def last_seat(self, account: UUID) -> Seat:
        """
        The seat of *account*, also one that was given back: its socket may still be open.

        Raises:
            NotAPlaceHere: this person never had one.
        """
        for seat in self.seats:
            if seat.account == account:
                return seat
        raise NotAPlaceHere

    def inside(self) -> tuple[Seat, ...]:
        """Everybody who is in the room now."""
        return tuple(seat for seat in self.seats if seat.state is Place.INSIDE)

    def consent_to(self, seat: Seat) -> str | None:
        """
        What is said to *seat* being there; None where nobody is asked.

        In a group every patient who is let in says it for themselves: one no is a no, and until all said yes they are
        asked. Nobody there yet means nobody to ask, so nobody is let in on the strength of an empty room.
        """
        sides = {one.patient for one in self.seats if one.patient and one.admitted and not one.withdrawn}
        if seat.consent is None or not any(one.patient for one in self.seats):
            return seat.consent
        if sides & seat.refused:
            return "refused"
        return "given" if sides and sides <= seat.agreed else "asked"

    def somebody_here(self) -> bool:
        """Whether anybody is connected, in the room or before it."""
        return any(seat.here for seat in self.seats)


@dataclass(frozen=True, slots=True)
class Pass:
    """Time has passed; the clock alone may open a visit."""


@dataclass(frozen=True, slots=True)
class Connect:
    """*who* has come to the page with a good ticket."""

    who: UUID


@dataclass(frozen=True, slots=True)
class Disconnect:
    """The last connection of *who* is gone."""

    who: UUID


@dataclass(frozen=True, slots=True)
class Knock:
    """*who* is ready and asks to come in."""

    who: UUID


@dataclass(frozen=True, slots=True)
class Admit:
    """The host *by* lets *guest* in."""

    by: UUID
    guest: UUID


@dataclass(frozen=True, slots=True)
class Enter:
    """*who* was let in, is connected, and takes the seat."""

    who: UUID


@dataclass(frozen=True, slots=True)
class Remove:
    """The host *by* sends *guest* out."""

    by: UUID
    guest: UUID


@dataclass(frozen=True, slots=True)
class Leave:
    """*who* goes, meaning to."""

    who: UUID


@dataclass(frozen=True, slots=True)
class End:
    """The host *by* ends the visit for everybody."""

    by: UUID


@dataclass(frozen=True, slots=True)
class Forward:
    """*who* cannot be reached directly, or not any more."""

    who: UUID


@dataclass(frozen=True, slots=True)
class Close:
    """The time of the visit is over, or its appointment is cancelled: nobody pressed End."""


Happened = tuple[Event, ...]


@runtime_checkable
class Change(Protocol):
    """A command of a feature that has its own rules; asked only while the room is open or live."""

    def act(self, visit: Visit, now: datetime) -> tuple[Visit, Happened]:
        """The next visit, and what happened."""


Command = Pass | Connect | Disconnect | Knock | Admit | Enter | Remove | Leave | End | Forward | Close | Change


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
    visit, opened = _pass_time(visit, now)
    if isinstance(command, Pass):
        changed, happened = visit, opened
    else:
        changed, happened = _act(visit, command, now)
        happened = opened + happened
    if happened:
        changed = replace(changed, version=changed.version + 1)
    return changed, happened


def _pass_time(visit: Visit, now: datetime) -> tuple[Visit, Happened]:
    """Open at the hour, and close the door again when the visit was moved to a later day and nobody is here."""
    if visit.phase is Phase.SCHEDULED and now >= visit.opens:
        return replace(visit, phase=Phase.OPEN), (Event(events.OPENED),)
    if visit.phase is Phase.OPEN and now < visit.opens and not visit.somebody_here():
        return replace(visit, phase=Phase.SCHEDULED), (Event(events.MOVED),)
    return visit, ()


def _act(visit: Visit, command: Command, now: datetime) -> tuple[Visit, Happened]:
    if isinstance(command, Close):
        return _end(visit, None, now)
    if isinstance(command, Disconnect):  # a fact, not a wish: true in every phase
        return _disconnect(visit, visit.last_seat(command.who), now)
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
            return _connect(visit, visit.seat(who), now)
        case Knock(who):
            return _knock(visit, visit.seat(who), now)
        case Enter(who):
            return _enter(visit, visit.seat(who), now)
        case Leave(who):
            return _go(visit, visit.seat(who), Event(events.LEFT, who), now)
        case Admit(by, guest):
            check_host(visit, by)
            return _admit(visit, visit.seat(guest), by, now)
        case Remove(by, guest):
            check_host(visit, by)
            if visit.seat(guest).host:
                raise NotInside("A practitioner cannot be sent out of the visit.")
            return _send_out(visit, visit.seat(guest), by, now)
        case End(by):
            check_host(visit, by)
            return _end(visit, by, now)
        case Forward(who):
            return _forward(visit, visit.seat(who))
        case Change():
            return command.act(visit, now)
        case _:  # pragma: no cover - the other commands were answered before
            raise AssertionError(command)


def check_host(visit: Visit, who: UUID) -> None:
    """
    See that *who* may decide about others.

    Raises:
        NotTheHost: they are no host of this visit.
    """
    if not visit.seat(who).host:
        raise NotTheHost


def _connect(visit: Visit, seat: Seat, now: datetime) -> tuple[Visit, Happened]:
    """A host and whoever was let in take the seat at once; who was waiting waits again; others check first."""
    if seat.barred:
        raise Barred
    if seat.here:
        return visit, ()
    if seat.host or seat.admitted:
        return _sit(visit, seat, now)
    state = Place.WAITING if seat.knocked else Place.CHECKING
    word = events.RETURNED if seat.state is Place.AWAY else events.ARRIVED
    return move(visit, seat, state, now), (Event(word, seat.account),)


def _disconnect(visit: Visit, seat: Seat, now: datetime) -> tuple[Visit, Happened]:
    if not seat.here:
        return visit, ()
    state = Place.EXPECTED if seat.state is Place.CHECKING else Place.AWAY
    return move(visit, seat, state, now), (Event(events.LOST, seat.account),)


def _knock(visit: Visit, seat: Seat, now: datetime) -> tuple[Visit, Happened]:
    if seat.barred:
        raise Barred
    if seat.host or seat.admitted or seat.knocked:
        return visit, ()
    knocked = replace(seat, knocked=True)
    return move(visit, knocked, Place.WAITING, now), (Event(events.KNOCKED, seat.account),)


def _admit(visit: Visit, seat: Seat, by: UUID, now: datetime) -> tuple[Visit, Happened]:
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


def _enter(visit: Visit, seat: Seat, now: datetime) -> tuple[Visit, Happened]:
    if not (seat.host or seat.admitted):
        raise NotInside
    if seat.state is Place.INSIDE:
        return visit, ()
    return _sit(visit, seat, now)


def _sit(visit: Visit, seat: Seat, now: datetime) -> tuple[Visit, Happened]:
    """Take the seat; the visit is live from the first moment that a host and a patient's side are in it together."""
    word = events.RETURNED if seat.state is Place.AWAY else events.ENTERED
    visit = move(visit, replace(seat, admitted=True, knocked=False), Place.INSIDE, now)
    happened: Happened = (Event(word, seat.account),)
    sides = {inside.host for inside in visit.inside() if inside.host or inside.guest}
    if visit.phase is Phase.OPEN and sides == {True, False}:
        visit = replace(visit, phase=Phase.LIVE, started_at=now)
        happened += (Event(events.STARTED),)
    if len(visit.inside()) > DIRECTLY and not visit.forwarded:
        visit = replace(visit, forwarded=True)
        happened += (Event(events.FORWARDED),)
    return visit, happened


def _forward(visit: Visit, seat: Seat) -> tuple[Visit, Happened]:
    if seat.state is not Place.INSIDE:
        raise NotInside
    if visit.forwarded:
        return visit, ()
    return replace(visit, forwarded=True), (Event(events.FORWARDED, seat.account),)


def _go(visit: Visit, seat: Seat, event: Event, now: datetime) -> tuple[Visit, Happened]:
    """Out of the room on purpose: coming back means knocking again."""
    if seat.state in {Place.LEFT, Place.EXPECTED}:
        return visit, ()
    gone = replace(seat, knocked=False, admitted=False, hand=None)
    return move(visit, gone, Place.LEFT, now), (event,)


def _send_out(visit: Visit, seat: Seat, by: UUID, now: datetime) -> tuple[Visit, Happened]:
    """Out for the rest of this visit, also somebody who has not come yet."""
    if seat.barred:
        return visit, ()
    gone = replace(seat, knocked=False, admitted=False, hand=None, barred=True)
    return move(visit, gone, Place.LEFT, now), (Event(events.REMOVED, seat.account, by),)


def _end(visit: Visit, by: UUID | None, now: datetime) -> tuple[Visit, Happened]:
    if visit.phase is Phase.ENDED:
        return visit, ()

    def out(seat: Seat) -> Seat:
        if seat.state in {Place.EXPECTED, Place.LEFT}:
            return seat
        return replace(seat, state=Place.LEFT, knocked=False, admitted=False, hand=None, since=now)

    ended = replace(_each_seat(visit, out), phase=Phase.ENDED, ended_at=now)
    return ended, (Event(events.ENDED if by else events.CLOSED, None, by),)


def move(visit: Visit, seat: Seat, state: Place, now: datetime) -> Visit:
    """*visit* with *seat* as it is given, at *state* since *now*."""
    return with_seat(visit, replace(seat, state=state, since=now))


def with_seat(visit: Visit, seat: Seat) -> Visit:
    """*visit* with *seat* in place of the one of the same person."""
    return _each_seat(visit, lambda old: seat if old.account == seat.account else old)


def _each_seat(visit: Visit, change: Callable[[Seat], Seat]) -> Visit:
    return replace(visit, seats=tuple(change(seat) for seat in visit.seats))
