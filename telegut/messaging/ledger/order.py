"""The inbox by promise: overdue, today, this week, later, waiting for the patient, settled. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from telegut.errors import FieldError, Invalid
from telegut.messaging.ledger.rules import State
from telegut.scheduling import zones

WEEK = timedelta(days=7)


class Group(StrEnum):
    """Where a conversation stands in the inbox, in this order."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    LATER = "later"
    WAITING = "waiting"
    SETTLED = "settled"


_RANKS = {group: rank for rank, group in enumerate(Group)}


def group_of(state: State, due: datetime | None, now: datetime, zone: str) -> Group:
    """
    The group of a conversation, on the wall of the reader's *zone*.

    ``week``: within the next seven days, so that on a Friday the promises of Monday are near.
    """
    if state is State.WAITING:
        return Group.WAITING
    if state is State.SETTLED:
        return Group.SETTLED
    if due is None:
        return Group.LATER
    if due < now:
        return Group.OVERDUE
    if zones.on_the_wall(due, zone).date() == zones.on_the_wall(now, zone).date():
        return Group.TODAY
    return Group.WEEK if due - now < WEEK else Group.LATER


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where one conversation stands: group, then urgent ones, then the oldest promise, then the newest words."""

    rank: int
    calm: bool
    moment: float
    id: str


def place(group: Group, urgent: bool, due: datetime | None, spoken: datetime, conversation: UUID) -> Place:
    """Sorts like the inbox. *spoken*: the last message."""
    if group in (Group.WAITING, Group.SETTLED):
        return Place(_RANKS[group], True, -spoken.timestamp(), str(conversation))
    moment = spoken.timestamp() + WEEK.total_seconds() * 52 if due is None else due.timestamp()
    return Place(_RANKS[group], not urgent, moment, str(conversation))


def as_cursor(here: Place) -> str:
    """A page ends behind *here*."""
    told = f"{here.rank} {int(here.calm)} {here.moment!r} {here.id}"
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def from_cursor(cursor: str) -> Place:
    """
    Where the next page begins.

    Raises:
        Invalid: no cursor of ours.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        rank, calm, moment, one = base64.urlsafe_b64decode(padded.encode()).decode().split(" ")
        return Place(int(rank), calm == "1", float(moment), str(UUID(one)))
    except (ValueError, binascii.Error) as exc:
        raise Invalid(errors=[FieldError("cursor", "This is no cursor of this list.")]) from exc


def percentile(values: Sequence[int], share: float) -> int | None:
    """The value below or at which *share* of *values* lies (nearest rank); None without values."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)]
