"""
What a personal link shows, by the moment it is opened. Pure.

===================  ===========================================================================
moment               when
===================  ===========================================================================
``ahead``            more than a day before the start
``tomorrow``         within a day, and the room does not open within half an hour
``near``             the room opens within `NEAR`
``open``             the room is open: check, wait, be in the call
``attended``,        it has ended; the outcome decides what is said
``technical``,
``patient_absent``,
``practitioner_absent``
``over``             it has ended, and how it went is not known
``cancelled``        its appointment was cancelled
===================  ===========================================================================
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from telegut.rooms.rules.visit import Phase, Visit

NEAR: Final = timedelta(minutes=30)
DAY: Final = timedelta(days=1)


class Moment(StrEnum):
    """Which page a link shows."""

    AHEAD = "ahead"
    TOMORROW = "tomorrow"
    NEAR = "near"
    OPEN = "open"
    ATTENDED = "attended"
    TECHNICAL = "technical"
    PATIENT_ABSENT = "patient_absent"
    PRACTITIONER_ABSENT = "practitioner_absent"
    OVER = "over"
    CANCELLED = "cancelled"

    @property
    def before(self) -> bool:
        """Whether the room is still to open."""
        return self in {Moment.AHEAD, Moment.TOMORROW, Moment.NEAR}

    @property
    def after(self) -> bool:
        """Whether nobody can come in any more."""
        return not self.before and self is not Moment.OPEN


def moment_of(visit: Visit, *, cancelled: bool, outcome: str | None, now: datetime) -> Moment:
    """The moment of *visit* at *now*."""
    if cancelled:
        return Moment.CANCELLED
    if visit.phase is Phase.ENDED:
        return Moment(outcome) if outcome else Moment.OVER
    if visit.phase is not Phase.SCHEDULED or now >= visit.opens:
        return Moment.OPEN
    if now >= visit.opens - NEAR:
        return Moment.NEAR
    return Moment.TOMORROW if now >= visit.starts - DAY else Moment.AHEAD
