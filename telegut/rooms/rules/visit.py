"""A visit and its seats as values: what is known, and no word about what may happen next. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from telegut.rooms.rules.refusals import NotAPlaceHere
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


def move(visit: Visit, seat: Seat, state: Place, now: datetime) -> Visit:
    """*visit* with *seat* as it is given, at *state* since *now*."""
    return with_seat(visit, replace(seat, state=state, since=now))


def with_seat(visit: Visit, seat: Seat) -> Visit:
    """*visit* with *seat* in place of the one of the same person."""
    return each_seat(visit, lambda old: seat if old.account == seat.account else old)


def each_seat(visit: Visit, change: Callable[[Seat], Seat]) -> Visit:
    """*visit* with every seat as *change* makes it."""
    return replace(visit, seats=tuple(change(seat) for seat in visit.seats))
