"""
How a visit went, decided from what was seen to happen and never from somebody's guess.

========================  ======================  ====================================  ====================
patient's side came       a practitioner came     together                              outcome
========================  ======================  ====================================  ====================
–                         no                      –                                     practitioner_absent
no                        yes, in visit time      –                                     patient_absent
yes                       no                      –                                     practitioner_absent
yes                       yes                     never in the room at the same time    technical
yes                       yes                     no picture or sound ever flowed, and  technical
                                                  a browser said that it would not
yes                       yes                     nobody ended it, and it held for      technical
                                                  less than `enough`
yes                       yes                     otherwise                             attended
========================  ======================  ====================================  ====================

Nobody is called absent from a visit to which the other side did not come either. Somebody who came to the device check
or to the waiting room has come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from telegut.rooms import events
from telegut.rooms.rules.visit import Seat


class Outcome(StrEnum):
    """The four ways a visit can have gone."""

    ATTENDED = "attended"
    PATIENT_ABSENT = "patient_absent"
    PRACTITIONER_ABSENT = "practitioner_absent"
    TECHNICAL = "technical"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened, and when (UTC)."""

    at: datetime
    word: str
    account: UUID | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """A half-open stretch of time, ``[start, end)``, in UTC."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start


_COMES = {events.ARRIVED, events.ENTERED, events.RETURNED}
_GOES = {events.LOST, events.LEFT, events.REMOVED}
_CLOSES = {events.ENDED, events.CLOSED}


def presence(facts: Iterable[Fact], account: UUID, until: datetime) -> tuple[Interval, ...]:
    """
    When *account* was connected, at the device check or further in.

    *facts* are in the order they happened; what is still going on counts up to *until*.
    """
    return _intervals(facts, account, _COMES, until)


def inside(facts: Iterable[Fact], account: UUID, until: datetime) -> tuple[Interval, ...]:
    """When *account* was in the room itself. Somebody who returns is inside again only if they had been let in."""
    let_in = False
    kept: list[Fact] = []
    for fact in facts:
        if fact.account == account:
            if fact.word in {events.ADMITTED, events.ENTERED}:
                let_in = True
            elif fact.word in {events.LEFT, events.REMOVED, events.SENT_BACK}:
                let_in = False
            if fact.word == events.RETURNED and not let_in:
                continue
        kept.append(fact)
    return _intervals(kept, account, {events.ENTERED, events.RETURNED}, until, _GOES | {events.SENT_BACK})


def _intervals(
    facts: Iterable[Fact], account: UUID, comes: set[str], until: datetime, goes: set[str] = _GOES
) -> tuple[Interval, ...]:
    found: list[Interval] = []
    since: datetime | None = None
    for fact in facts:
        if fact.account == account and fact.word in comes:
            since = since or fact.at
        elif since is not None and (fact.word in _CLOSES or (fact.account == account and fact.word in goes)):
            found.append(Interval(since, max(since, fact.at)))
            since = None
    if since is not None:
        found.append(Interval(since, max(since, until)))
    return tuple(found)


def together(facts: Sequence[Fact], hosts: Iterable[UUID], guests: Iterable[UUID], until: datetime) -> timedelta | None:
    """
    For how long a host and a guest were in the room at the same time, None for never.

    Overlaps with several people are counted once a pair and the longest pair counts.
    """
    pairs = [
        sum((_overlap(a, b) for a in inside(facts, host, until) for b in inside(facts, guest, until)), timedelta(0))
        for host in hosts
        for guest in guests
        if any(
            a.start <= b.end and b.start <= a.end
            for a in inside(facts, host, until)
            for b in inside(facts, guest, until)
        )
    ]
    return max(pairs, default=None)


def _overlap(a: Interval, b: Interval) -> timedelta:
    return max(timedelta(0), min(a.end, b.end) - max(a.start, b.start))


def outcome_for(
    facts: Sequence[Fact],
    seats: Sequence[Seat],
    patient: UUID,
    *,
    starts: datetime,
    until: datetime,
    enough: timedelta,
) -> Outcome:
    """
    How a visit went for *patient*. In a group, what happened to the other patients is left out: whether somebody else
    came, or somebody else's picture failed, is not about them. Who translates is on nobody's side.
    """
    hosts = [seat.account for seat in seats if seat.host]
    guests = [seat.account for seat in seats if seat.guest and seat.patient in (None, patient)]
    concerned = {None, *hosts, *guests}
    own = [fact for fact in facts if fact.account in concerned]
    return outcome(own, hosts=hosts, guests=guests, starts=starts, until=until, enough=enough)


def as_a_whole(outcomes: Sequence[Outcome]) -> Outcome:
    """How a visit of several patients went: it took place when it did for any of them."""
    order = (Outcome.ATTENDED, Outcome.TECHNICAL, Outcome.PATIENT_ABSENT, Outcome.PRACTITIONER_ABSENT)
    return min(outcomes, key=order.index)


def outcome(
    facts: Sequence[Fact],
    *,
    hosts: Sequence[UUID],
    guests: Sequence[UUID],
    starts: datetime,
    until: datetime,
    enough: timedelta,
) -> Outcome:
    """
    The outcome of a visit that is over; the table of this module.

    facts: everything that happened, in order. until: when the visit ended. starts: the agreed start; a
    practitioner who left before it and did not come back has not come. enough: how long a visit that nobody ended
    must have held to count as one.
    """
    came = any(presence(facts, guest, until) for guest in guests)
    if not any(stay.end >= starts or came for host in hosts for stay in presence(facts, host, until)):
        return Outcome.PRACTITIONER_ABSENT
    if not came:
        return Outcome.PATIENT_ABSENT
    shared = together(facts, hosts, guests, until)
    words = {fact.word for fact in facts}
    if shared is None or (events.MEDIA_FAILED in words and events.MEDIA_FLOWS not in words):
        return Outcome.TECHNICAL
    if events.ENDED not in words and not _said_goodbye(facts) and shared < enough:
        return Outcome.TECHNICAL
    return Outcome.ATTENDED


def _said_goodbye(facts: Sequence[Fact]) -> bool:
    """Whether somebody left on purpose, which a lost connection is not."""
    return any(fact.word == events.LEFT for fact in facts)
