"""
An urgent message that nobody of the team reads goes to the people on call, step by step, until somebody does.

Pure but for its types: when which step is due, and whose it is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from telegut.messaging.ledger.hours import Away, answering
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


def there(
    listed: Sequence[OnCall], aways: Sequence[Away], working: Collection[UUID], at: datetime, zone: str
) -> tuple[UUID, ...]:
    """
    Who can be told at an instant, each once, in the list's order.

    Whoever is on duty and away is stood in for by their cover, whatever hours the cover has on the list. Left out is
    who is not among *working*: they cannot sign in any more.
    """
    found = (answering(one.person, at, aways) for one in listed if one.on_duty(at, zone))
    return tuple(dict.fromkeys(one for one in found if one is not None and one in working))


def whose(step: int, people: Sequence[UUID]) -> UUID | None:
    """Who of *people* is told with *step*: by turns. None: nobody is there, so that the whole team is told."""
    return people[(step - 1) % len(people)] if people else None
