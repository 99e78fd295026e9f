"""
What may honestly be told to somebody who waits. Pure.

In this order: a practitioner is here; a practitioner said how late; a practitioner is seen to be in another visit,
whose agreed end is known; it is not time yet; nothing is known. A time that has passed is not told any more, because it
was wrong. Of the other visit nothing is told but that there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

CHOICES: Final = (5, 10, 15)
"""Minutes that can be said with one tap."""


class Known(StrEnum):
    """What there is to tell."""

    HERE = "here"
    SAID = "said"
    IN_ANOTHER_VISIT = "in_another_visit"
    ON_TIME = "on_time"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True)
class Said:
    """*by* said *at* (UTC) to be *minutes* late: after the start, or after they said it, whichever is later."""

    minutes: int
    by: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Busy:
    """*who* is inside another visit, agreed to end at *ends* (UTC)."""

    who: UUID
    ends: datetime


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is told: *minutes* late counted from the agreed start, *expected_at* (UTC); None where it is not known."""

    known: Known
    who: UUID | None = None
    minutes: int | None = None
    expected_at: datetime | None = None


def outlook(
    starts: datetime, now: datetime, *, here: Sequence[UUID], said: Said | None, busy: Sequence[Busy]
) -> Outlook:
    """
    What is known at *now* about the beginning of a visit that is agreed for *starts*.

    here: hosts who are in the room. busy: hosts who are in another one.
    """
    if here:
        return Outlook(Known.HERE, here[0])
    told = _as_said(starts, now, said) or _as_seen(starts, now, busy)
    if told is not None:
        return told
    return Outlook(Known.ON_TIME if now < starts else Known.NOT_KNOWN)


def _as_said(starts: datetime, now: datetime, said: Said | None) -> Outlook | None:
    if said is None:
        return None
    expected = max(starts, said.at) + timedelta(minutes=said.minutes)
    return Outlook(Known.SAID, said.by, _minutes(expected - starts), expected) if expected > now else None


def _as_seen(starts: datetime, now: datetime, busy: Sequence[Busy]) -> Outlook | None:
    """The first who is free again; somebody whose other visit is over its time is free at a time nobody knows."""
    if not busy:
        return None
    soonest = min(busy, key=lambda one: one.ends)
    if now < starts and soonest.ends <= starts:
        return None
    if soonest.ends <= now:
        return Outlook(Known.IN_ANOTHER_VISIT, soonest.who)
    return Outlook(Known.IN_ANOTHER_VISIT, soonest.who, _minutes(soonest.ends - starts), soonest.ends)


def _minutes(late: timedelta) -> int:
    """Whole minutes, rounded up."""
    return max(0, -(-int(late.total_seconds()) // 60))
