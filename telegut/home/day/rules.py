"""What a visit needs next, how late it is, and which come first. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Stage(StrEnum):
    """Where a visit stands for the practitioner; each has one main action, or none."""

    PREPARE = "prepare"
    OPEN = "open"
    ADMIT = "admit"
    FINISH = "finish"
    SIGN = "sign"
    OVER = "over"
    CANCELLED = "cancelled"


PRESSING = frozenset({Stage.ADMIT, Stage.SIGN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """
    One visit as of now.

    live, ended: what its room says. waiting_since: when the first guest came to the door. unsigned: it took place, and
    nobody has signed what was agreed.
    """

    start: datetime
    end: datetime
    cancelled: bool = False
    over: bool = False
    live: bool = False
    waiting_since: datetime | None = None
    unsigned: bool = False


def stage(one: Standing, *, now: datetime, opens_before: timedelta) -> Stage:
    """What the visit needs next. Whoever waits at the door comes before the clock and before a call that runs."""
    if one.cancelled:
        return Stage.CANCELLED
    if one.over:
        return Stage.SIGN if one.unsigned else Stage.OVER
    if one.waiting_since is not None:
        return Stage.ADMIT
    if one.live:
        return Stage.FINISH
    if now >= one.end:
        return Stage.OVER
    return Stage.OPEN if now >= one.start - opens_before else Stage.PREPARE


def minutes_late(one: Standing, *, now: datetime) -> int:
    """Whole minutes since a visit should have begun; 0 when it runs, is over or still ahead."""
    if one.cancelled or one.over or one.live or not one.start <= now < one.end:
        return 0
    return (now - one.start) // timedelta(minutes=1)


def is_pressing(reached: Stage, late: int) -> bool:
    """Whether a visit rises to the top: somebody waits, it is late, or it was not signed."""
    return reached in PRESSING or late > 0
