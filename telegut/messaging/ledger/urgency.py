"""
An urgent message that nobody of the team reads goes to the people on call, step by step, until somebody does.

Pure but for its types: when which step is due, and whose it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from telegut.messaging.ledger.on_call import OnCall


@dataclass(frozen=True, slots=True)
class Pace:
    """first: how long an urgent message may stay unread. every: between steps. times: steps at most."""

    first: timedelta
    every: timedelta
    times: int


def next_step(sent_at: datetime, done: int, last_at: datetime | None, pace: Pace) -> tuple[int, datetime] | None:
    """
    Number and moment of the next step after *done* of them; None when there is none left.

    Steps that were missed (nobody was there to take them) are not made up for: *every* lies between any two.
    """
    if done >= pace.times:
        return None
    planned = sent_at + pace.first + pace.every * done
    return done + 1, planned if last_at is None else max(planned, last_at + pace.every)


def whose(step: int, listed: Sequence[OnCall], at: datetime, zone: str) -> UUID | None:
    """Who is told with *step*: those on duty by turns, in the list's order. None: nobody is on duty."""
    on_duty = [one.person for one in listed if one.on_duty(at, zone)]
    return on_duty[(step - 1) % len(on_duty)] if on_duty else None
