"""What the first pages say, given the facts. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from telegut.web.times import local
from telegut.web.words import gettext as _


class Moment(StrEnum):
    """Where somebody stands before, at and after the start of their next visit."""

    DAYS_BEFORE = "days_before"
    SAME_DAY = "same_day"
    SOON = "soon"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Timing:
    """The next visit seen from now: *opens* is when its room opens."""

    moment: Moment
    opens: datetime


SOON = timedelta(minutes=30)
"""From here on the page speaks of when the room opens (the screens guide's "30 min before")."""


def greeting(now: datetime, zone: str) -> str:
    """Good morning, afternoon or evening by the clock of *zone*."""
    hour = local(now, zone).hour
    if 4 <= hour < 12:
        return _("Good morning")
    return _("Good afternoon") if 12 <= hour < 18 else _("Good evening")


def timing(start: datetime, *, now: datetime, opens_before: timedelta, zone: str) -> Timing:
    """How far off a visit is, as a patient in *zone* sees it."""
    opens = start - opens_before
    if now >= opens:
        return Timing(Moment.OPEN, opens)
    if now >= start - SOON:
        return Timing(Moment.SOON, opens)
    same_day = local(now, zone).date() == local(start, zone).date()
    return Timing(Moment.SAME_DAY if same_day else Moment.DAYS_BEFORE, opens)


def listed(names: list[str]) -> str:
    """``Amara``, ``Amara and Jonas``, ``Amara, Jonas and Mei``."""
    if len(names) < 2:
        return "".join(names)
    return str(_("%(first)s and %(last)s", first=", ".join(names[:-1]), last=names[-1]))


def excerpt(text: str, characters: int = 140) -> str:
    """The beginning of a message on one line, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= characters:
        return line
    return line[: characters - 1].rsplit(" ", 1)[0].rstrip(",.;:") + " …"


def day_of(said: object) -> date | None:
    """The day in a lab's own words such as ``2026-11-03`` or ``2026-11-03T08:10Z``; None when it is no such day."""
    try:
        return date.fromisoformat(str(said)[:10])
    except ValueError:
        return None
