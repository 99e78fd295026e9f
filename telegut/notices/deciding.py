"""
By which channel a notice goes, and when. Pure: everything it needs is an argument, the time included.

Mail waits in a mailbox. A text message and a push message ring, so only they wait for the end of quiet hours and while
somebody is in telegut anyway. What is urgent waits for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from telegut.notices.rules import Channel, Kind

BETWEEN: Final = timedelta(minutes=15)
"""The least time between two notices about one conversation (Spruce waits as long between its autoresponses)."""
LOOKING: Final = timedelta(minutes=2)
"""Whoever did something in telegut this recently sees it there: a device need not ring."""
LOOKING_AT_MOST: Final = timedelta(minutes=10)
"""Longer than this nothing waits for somebody who is in telegut and does not look."""
AGAIN: Final = (timedelta(minutes=5), timedelta(minutes=60))
"""When something unread is said again, for those who want that, counted from the first time (as Spruce does)."""


class Matter(StrEnum):
    """What people choose about."""

    MESSAGE = "message"
    URGENT = "urgent"
    PLAN = "plan"
    REPORT = "report"


MATTERS: Final = MappingProxyType(
    {
        Kind.MESSAGE: Matter.MESSAGE,
        Kind.URGENT: Matter.URGENT,
        Kind.PLAN: Matter.PLAN,
        Kind.REPORT: Matter.REPORT,
    }
)
"""Kinds whose channel and time are decided here; appointments have a time of their own, see `scheduling.reminders`."""
ALL: Final = frozenset(Channel)
RINGING: Final = frozenset({Channel.SMS, Channel.PUSH})


class Pace(StrEnum):
    """Whether things are said one by one, or together."""

    AT_ONCE = "at_once"
    HOURLY = "hourly"
    DAILY = "daily"


class QuietKind(StrEnum):
    """Which hours are quiet: what is usual for somebody of their part, their own, or none."""

    USUAL = "usual"
    HOURS = "hours"
    NONE = "none"


QuietUntil = Callable[[datetime], datetime]
"""The first instant at or after another at which a device may ring."""


def _usual() -> Mapping[Matter, frozenset[Channel]]:
    quietly = frozenset({Channel.MAIL, Channel.PUSH})
    return {Matter.MESSAGE: quietly, Matter.URGENT: ALL, Matter.PLAN: quietly, Matter.REPORT: quietly}


@dataclass(frozen=True, slots=True)
class Wishes:
    """
    What somebody chose; the defaults are what is right for those who never did.

    channels: where push is among them it means: wherever it was turned on. visit_push: whether devices, too, remind of
    visits. quiet_from, quiet_until, daily_at: on the person's own wall. again: say it again while it is unread.
    """

    channels: Mapping[Matter, frozenset[Channel]] = field(default_factory=_usual)
    visit_push: bool = True
    quiet: QuietKind = QuietKind.USUAL
    quiet_from: time = time(21)
    quiet_until: time = time(8)
    pace: Pace = Pace.AT_ONCE
    daily_at: time = time(18)
    again: bool = False


@dataclass(frozen=True, slots=True)
class Means:
    """By what somebody can be reached at all: text messages to a verified number, devices that take push messages."""

    texts: bool = False
    devices: bool = False

    @property
    def channels(self) -> frozenset[Channel]:
        """Mail always; the rest as it is."""
        there = {Channel.SMS: self.texts, Channel.PUSH: self.devices}
        return frozenset({Channel.MAIL} | {channel for channel, is_there in there.items() if is_there})


@dataclass(frozen=True, slots=True)
class Presence:
    """
    What is known of them and the thing. active_at: when they last did something in telegut. said_at: when they were
    last told about the same conversation, before what they read since. waited: how long this has waited already.
    """

    active_at: datetime | None = None
    said_at: datetime | None = None
    waited: timedelta = timedelta()


def channels(matter: Matter, wishes: Wishes, means: Means) -> frozenset[Channel]:
    """
    How somebody is told.

    A text message that cannot be had is a mail, and so is a device that is not there when nothing else was chosen. What
    is urgent always has a way.
    """
    wanted = wishes.channels[matter]
    if not wanted:
        return frozenset({Channel.MAIL}) if matter is Matter.URGENT else frozenset()
    there = wanted & means.channels
    if not there or (Channel.SMS in wanted and not means.texts):
        return there | {Channel.MAIL}
    return there


def decide(
    matter: Matter, wishes: Wishes, means: Means, now: datetime, zone: str, quiet: QuietUntil, presence: Presence
) -> dict[Channel, datetime]:
    """Each channel by which somebody is told, with the instant from which on; empty: not at all."""
    together = now if matter is Matter.URGENT else next_round(now, wishes, zone)
    return {
        channel: not_before(matter, channel, max(now, together), quiet, presence)
        for channel in sorted(channels(matter, wishes, means))
    }


def not_before(matter: Matter, channel: Channel, at: datetime, quiet: QuietUntil, presence: Presence) -> datetime:
    """*at*, or later where something has to wait: asked when a notice is made, and again right before it leaves."""
    if matter is Matter.URGENT:
        return at
    if presence.said_at is not None:
        at = max(at, presence.said_at + BETWEEN)
    if channel not in RINGING:
        return at
    if presence.active_at is not None and presence.waited < LOOKING_AT_MOST:
        at = max(at, presence.active_at + LOOKING)
    return max(at, quiet(at))


def next_round(now: datetime, wishes: Wishes, zone: str) -> datetime:
    """When the next of somebody's rounds leaves: now, at the full hour, or at their time of day."""
    if wishes.pace is Pace.AT_ONCE:
        return now
    local = now.astimezone(ZoneInfo(zone))
    if wishes.pace is Pace.HOURLY:
        into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return now if not into else now - into + timedelta(hours=1)
    return _next(local, wishes.daily_at, now)


def quiet_hours(wishes: Wishes, zone: str, usual: QuietUntil | None) -> QuietUntil:
    """The end of somebody's quiet hours. *usual*: of staff, when the clinic is staffed; None: the night, 21 to 8."""
    if wishes.quiet is QuietKind.NONE:
        return lambda at: at
    if wishes.quiet is QuietKind.USUAL and usual is not None:
        return usual
    own = wishes if wishes.quiet is QuietKind.HOURS else Wishes()
    return lambda at: _after_hours(at, own.quiet_from, own.quiet_until, zone)


def _after_hours(at: datetime, begin: time, end: time, zone: str) -> datetime:
    local = at.astimezone(ZoneInfo(zone))
    clock = local.time()
    over_midnight = begin > end
    inside = (clock >= begin or clock < end) if over_midnight else begin <= clock < end
    return _next(local, end, at) if inside else at


def _next(local: datetime, clock: time, now: datetime) -> datetime:
    """
    The first instant from *now* on at which the wall of *local* shows *clock*.

    A time that the clocks skip is meant as before they changed; of one that comes twice the first is meant.
    """
    for days in range(3):
        day = local.date() + timedelta(days=days)
        found = datetime.combine(day, clock, tzinfo=local.tzinfo).astimezone(now.tzinfo)
        if found >= now:
            return found
    raise AssertionError("three days have every time of day")
