"""
What a call lost, and what that says of the visit. Pure; times in UTC.

A stretch ends when somebody hears the person again, and at the latest with the first of these, because from then on
nobody can say that anything was wrong:

==============================  ================================================================
what happened after it began    why it ends the stretch
==============================  ================================================================
the person left, or was sent    nobody expects to hear them
out, or back to wait
the visit ended                 nobody is in a call
somebody else who noticed       they do not listen any more, and so cannot say that it goes on
left, was sent out or back, or
lost the line
==============================  ================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from telegut.rooms import events
from telegut.rooms.evidence import Fact, Interval, Outcome

LOST_AFTER: Final = timedelta(seconds=3)
"""Nothing of somebody for so long, and their page says so; the stretch began so long before it was said."""

WHY: Final[Literal["technical"]] = "technical"
"""Whoever means to go presses Leave; what is lost otherwise is nobody's fault."""

_OUT: Final = {events.LEFT, events.REMOVED, events.SENT_BACK}
_OVER: Final = {events.ENDED, events.CLOSED}


@dataclass(frozen=True, slots=True)
class Stretch:
    """
    *account* could not be heard, or heard nothing, from *since* on; until is None while that goes on. witness: whose
    page noticed.
    """

    account: UUID
    witness: UUID
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Lost:
    """What one person's call lost, once."""

    account: UUID
    during: Interval


def settled(stretches: Iterable[Stretch], facts: Sequence[Fact], now: datetime) -> list[Lost]:
    """
    *stretches* with their ends, by the table of this module, in order of time; those of no length are left out, and
    those of one person that touch or overlap, as where several noticed, are one.
    """
    found: dict[UUID, list[Lost]] = {}
    for one in sorted(stretches, key=lambda each: each.since):
        until = min(one.until or now, end_of(one, facts) or now)
        if until > one.since:
            _join(found.setdefault(one.account, []), Lost(one.account, Interval(one.since, until)))
    return sorted((each for own in found.values() for each in own), key=lambda each: each.during.start)


def _join(own: list[Lost], one: Lost) -> None:
    """Add *one* to the *own* of the same person, which began before it."""
    if own and one.during.start <= own[-1].during.end:
        last = own.pop().during
        one = Lost(one.account, Interval(last.start, max(last.end, one.during.end)))
    own.append(one)


def end_of(one: Stretch, facts: Iterable[Fact]) -> datetime | None:
    """When something happened that ended it at the latest; None: nothing has."""
    return min((fact.at for fact in facts if _ends(one, fact)), default=None)


def _ends(one: Stretch, fact: Fact) -> bool:
    if fact.at <= one.since:
        return False
    if fact.word in _OVER or (fact.account == one.account and fact.word in _OUT):
        return True
    return fact.account == one.witness != one.account and fact.word in {*_OUT, events.LOST}


def together(lost: Iterable[Lost]) -> timedelta:
    """For how long at least one of them could not be heard: what overlaps counts once."""
    total, reached = timedelta(0), None
    for one in sorted(lost, key=lambda each: each.during.start):
        start = one.during.start if reached is None else max(reached, one.during.start)
        total += max(timedelta(0), one.during.end - start)
        reached = one.during.end if reached is None else max(reached, one.during.end)
    return total


def suggested(decided: Outcome, shared: timedelta, lost: timedelta, enough: timedelta) -> Outcome:
    """
    The outcome that the evidence suggests: *decided*, unless a call that took place was mostly lost.

    shared: how long both sides were in the room; lost: how much of it one of them could not be heard. Who was
    there is never called absent for it.
    """
    if decided is Outcome.ATTENDED and lost > shared / 2 and shared - lost < enough:
        return Outcome.TECHNICAL
    return decided
