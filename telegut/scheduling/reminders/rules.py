"""When a reminder is due, and whether it is still to be sent. Pure: the time is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final

from telegut.scheduling import zones

BEFORE_QUIET: Final = timedelta(minutes=15)
"""How long before the quiet hours a text message goes out that would have fallen into them."""


class State(StrEnum):
    """What became of a reminder."""

    WAITING = "waiting"
    SENT = "sent"  # given to notices, which sees to the rest
    PASSED = "passed"  # it would have been due before the time was agreed
    STALE = "stale"  # moved or cancelled
    OVER = "over"  # the visit has begun
    SUPERSEDED = "superseded"  # a later one is due as well
    UNWANTED = "unwanted"  # not by this channel, not this long before, or no longer theirs


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours ``[start, end)`` on a wall in which nobody's telephone rings; over midnight; equal: none."""

    start: time
    end: time

    def covers(self, clock: time) -> bool:
        """Whether *clock* lies in them."""
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


def is_quiet(at: datetime, zone: str, quiet: Quiet) -> bool:
    """Whether it is a quiet hour in *zone* at the instant *at*."""
    return quiet.covers(zones.on_the_wall(at, zone).time())


def by_mail(start: datetime, minutes_before: int) -> datetime:
    """When a mail is due before a visit that begins at *start*."""
    return start - timedelta(minutes=minutes_before)


def by_text(start: datetime, minutes_before: int, zone: str, quiet: Quiet) -> datetime:
    """
    When a text message is due: as a mail, but before the quiet hours of the recipient's *zone* instead of in them.

    A wall time that a clock change skips begins when the clocks have changed.
    """
    due = by_mail(start, minutes_before)
    local = zones.on_the_wall(due, zone)
    if not quiet.covers(local.time()):
        return due
    day = local.date() if local.time() >= quiet.start else local.date() - timedelta(days=1)
    begins = datetime.combine(day, quiet.start)
    found = zones.instants(begins, zone) or zones.instants(begins + timedelta(hours=1), zone)
    return min(due, found[0] - BEFORE_QUIET) if found else due


@dataclass(frozen=True, slots=True)
class Standing:
    """
    An appointment as it is when one of its reminders is looked at.

    revision: counts its times, see `telegut.notices.rules.revision`. agreed_at: since when it has this one.
    """

    revision: int
    booked: bool
    start: datetime
    agreed_at: datetime


def verdict(revision: int, due: datetime, now: datetime, one: Standing, *, later_is_due: bool, wanted: bool) -> State:
    """
    What is to become of a reminder for *revision* that is *due* by what *one* says now.

    later_is_due: another reminder, nearer to the visit, is due as well: one is enough. `State.WAITING`: look again at
    *due*. Never is a time compared for equality.
    """
    if not one.booked or revision != one.revision:
        return State.STALE
    if one.start <= now:
        return State.OVER
    if due <= one.agreed_at:
        return State.PASSED
    if due > now:
        return State.WAITING
    if later_is_due:
        return State.SUPERSEDED
    return State.SENT if wanted else State.UNWANTED
