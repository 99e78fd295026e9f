"""
Who is next, and why somebody is not. Pure: no clock, no database.

The order is one anybody can check: urgency class (which staff sets), then who came first. Whoever is first *and* whom
the time suits gets it; everybody before them is passed over for one reason, which is written down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from telegut.errors import FieldError, Invalid
from telegut.scheduling import zones
from telegut.scheduling.zones import DAY

WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WINDOWS_AT_MOST: Final = 21
"""Three a day, for a week."""


class Urgency(StrEnum):
    """How soon somebody needs to be seen: staff decides."""

    URGENT = "urgent"
    SOON = "soon"
    ORDINARY = "ordinary"


class Ended(StrEnum):
    """How an entry ended: with a visit, by taking it back, or because its last day passed."""

    BOOKED = "booked"
    WITHDRAWN = "withdrawn"
    OVER = "over"


class OfferEnded(StrEnum):
    """
    How an offer ended.

    ``withdrawn``: the entry was taken back. ``replaced``: the patient took the time in another way.
    """

    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


class Passed(StrEnum):
    """Why a time did not go to somebody who was before the one that got it."""

    OTHER_PEOPLE = "other_people"
    NO_ROOM = "no_room"
    NOT_THEIR_DAYS = "not_their_days"
    NOT_THEIR_HOURS = "not_their_hours"
    TOO_SHORT_NOTICE = "too_short_notice"
    QUIET_HOURS = "quiet_hours"
    PATIENT_BUSY = "patient_busy"
    HAS_AN_OFFER = "has_an_offer"
    HAD_THIS_TIME = "had_this_time"
    VISITS_ENOUGH = "visits_enough"


@dataclass(frozen=True, slots=True)
class WallWindow:
    """Hours that suit, on the wall of the patient's zone; an *end* before *start* is on the next day."""

    weekdays: tuple[str, ...]
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Wish:
    """
    What somebody waits for.

    practitioners: all of them together; none: anybody who offers the service. language: of the practitioners, when
    it matters. windows: none means any hour. from_day, until_day: civil days in *zone*, both included. notice: how
    long before its start somebody needs to know of a visit.
    """

    service: UUID
    zone: str
    practitioners: tuple[UUID, ...] = ()
    language: str | None = None
    windows: tuple[WallWindow, ...] = ()
    from_day: date | None = None
    until_day: date | None = None
    notice: timedelta = timedelta(0)


def place(urgency: Urgency, added_at: datetime, entry: UUID) -> tuple[int, datetime, UUID]:
    """Where an entry stands: lower is earlier. The id decides between two that came in the same microsecond."""
    return list(Urgency).index(urgency), added_at, entry


def check_wish(wish: Wish) -> None:
    """
    Refuse a wish that cannot be.

    Raises:
        Invalid: an unknown zone, a window of no length or without days, days in the wrong order; all at once.
    """
    wrong: list[FieldError] = []
    if wish.zone not in zones.names():
        wrong.append(FieldError("zone", "Choose a time zone such as Europe/Berlin."))
    if len(wish.windows) > WINDOWS_AT_MOST:
        wrong.append(FieldError("windows", f"There can be {WINDOWS_AT_MOST} of these."))
    for number, window in enumerate(wish.windows):
        if not window.weekdays or not set(window.weekdays) <= set(WEEKDAYS):
            wrong.append(FieldError(f"windows.{number}.weekdays", "Choose at least one weekday."))
        if window.start == window.end:
            wrong.append(FieldError(f"windows.{number}.end", "Hours need to end at another time than they start."))
    if wish.from_day and wish.until_day and wish.until_day < wish.from_day:
        wrong.append(FieldError("until", "The last day is before the first."))
    if len(set(wish.practitioners)) != len(wish.practitioners):
        wrong.append(FieldError("practitioners", "Name each person once."))
    if wrong:
        raise Invalid("Some of this does not make sense.", wrong)


def against(wish: Wish, start: datetime, end: datetime, now: datetime) -> Passed | None:
    """What speaks against a visit in ``[start, end)`` for somebody with this wish; None: it suits them."""
    if start < now + wish.notice:
        return Passed.TOO_SHORT_NOTICE
    day = zones.on_the_wall(start, wish.zone).date()
    if (wish.from_day and day < wish.from_day) or (wish.until_day and day > wish.until_day):
        return Passed.NOT_THEIR_DAYS
    if wish.windows and not any(_holds(window, wish.zone, start, end) for window in wish.windows):
        return Passed.NOT_THEIR_HOURS
    return None


def _holds(window: WallWindow, zone: str, start: datetime, end: datetime) -> bool:
    """Whether a window is open for the whole visit; one that began the day before may still be."""
    first, last = zones.seconds(start), zones.seconds(end)
    stretches = zones.regimes(zone, first - 2 * DAY, last + 2 * DAY)
    today = zones.on_the_wall(start, zone).date()
    for day in (today - timedelta(days=1), today):
        if WEEKDAYS[day.weekday()] not in window.weekdays:
            continue
        opens = zones.wall_seconds(datetime.combine(day, window.start))
        closes = zones.wall_seconds(datetime.combine(day, window.end))
        closes += DAY if closes <= opens else 0
        if any(begins <= first and last <= ends for begins, ends in zones.spans(opens, closes, stretches)):
            return True
    return False


def is_quiet(now: datetime, zone: str, quiet_from: time, quiet_until: time) -> bool:
    """Whether it is a time of day at which nobody in *zone* is asked anything; equal times mean never."""
    at = zones.on_the_wall(now, zone).time()
    if quiet_from <= quiet_until:
        return quiet_from <= at < quiet_until
    return at >= quiet_from or at < quiet_until


def quiet_ends(now: datetime, zone: str, quiet_until: time) -> datetime:
    """When people in *zone* may be asked again: the next instant at which their clocks show *quiet_until*."""
    here = zones.on_the_wall(now, zone).replace(tzinfo=None)
    wall = datetime.combine(here.date(), quiet_until)
    wall += timedelta(days=0 if wall > here else 1)
    found = zones.instants(wall, zone)
    if found:
        return found[0]
    at = zones.wall_seconds(wall)  # a clock change skips this minute
    return zones.instant(zones.anchor(at, zones.regimes(zone, at - DAY, at + DAY)))


def is_over(wish: Wish, now: datetime) -> bool:
    """Whether the last day that suits has passed where the patient is."""
    return wish.until_day is not None and zones.on_the_wall(now, wish.zone).date() > wish.until_day


def offer_ends(now: datetime, start: datetime, offer_for: timedelta) -> datetime:
    """Until when a time is kept: never beyond the start of the visit itself."""
    return min(now + offer_for, start)


def windows_document(windows: Sequence[WallWindow]) -> list[dict[str, Any]]:
    """Windows as plain JSON, in the shape of the API."""
    return [
        {"weekdays": list(one.weekdays), "start": f"{one.start:%H:%M}", "end": f"{one.end:%H:%M}"} for one in windows
    ]


def windows_of(document: Sequence[Mapping[str, Any]]) -> tuple[WallWindow, ...]:
    """Windows that `windows_document` wrote; trusts them."""
    return tuple(
        WallWindow(tuple(one["weekdays"]), time.fromisoformat(one["start"]), time.fromisoformat(one["end"]))
        for one in document
    )
