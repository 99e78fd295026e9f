"""
What a practitioner offers and what the clinic asks for. Pure: no clock, no database.

An availability is written on the wall of its own zone: weekly rules ("Mondays 09:00 to 12:30") and exceptions ("off
from 24 to 27 December"). `windows` turns it into instants, `slots` decides about single starts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final
from uuid import UUID

from telegut.errors import FieldError, Invalid
from telegut.scheduling import zones

WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""Days as RFC 5545 names them, Monday first."""

RULES_AT_MOST: Final = 100
EXCEPTIONS_AT_MOST: Final = 1_000
LONGEST_EXCEPTION: Final = timedelta(days=366)
LONGEST_NOTICE: Final = timedelta(days=365)
VISITS_A_DAY: Final = range(1, 101)
"""What the most visits of a day may be set to."""

REMINDERS_AT_MOST: Final = 5
"""How many times before a visit a clinic may remind."""

REMINDED_BEFORE: Final = range(5, 20_161)
"""How long before a visit a reminder may be, in minutes: at most two weeks."""


class Status(StrEnum):
    """Where an appointment stands."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    COMPLETED = "completed"


class Outcome(StrEnum):
    """How a visit went, told from evidence."""

    ATTENDED = "attended"
    PATIENT_ABSENT = "patient_absent"
    PRACTITIONER_ABSENT = "practitioner_absent"
    TECHNICAL = "technical"


class Kind(StrEnum):
    """What an exception does to the weekly rules: takes hours away, or adds some."""

    OFF = "off"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class WeeklyRule:
    """
    Hours on some weekdays; an *end* before *start* is on the next day.

    weekdays: the days on which the hours begin, of `WEEKDAYS`. from_day, until_day: the first and last such day,
    both included. services: only for these kinds of visit; empty: for all. zone: on whose wall all of this is, so that
    a move to another zone is planned ahead; None: the availability's.
    """

    weekdays: tuple[str, ...]
    start: time
    end: time
    from_day: date | None = None
    until_day: date | None = None
    services: frozenset[UUID] = frozenset()
    zone: str | None = None

    @property
    def length(self) -> timedelta:
        """How long the hours are on the wall."""
        beginning, ending = datetime.combine(date.min, self.start), datetime.combine(date.min, self.end)
        return ending - beginning if ending > beginning else ending - beginning + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Exceptional:
    """A stretch of wall time that is off, or extra. *note* is for staff."""

    start: datetime
    end: datetime
    kind: Kind
    note: str = ""


@dataclass(frozen=True, slots=True)
class Availability:
    """
    When somebody works, on the wall of *zone*. *version* counts changes; 0 was never set.

    max_a_day: the most visits of one local day; None: the clinic's number. minimum_notice: between booking and start,
    where somebody wants more than the clinic does. holidays: the clinic's, which nobody sets for themselves; they are
    here so that everything that asks about hours knows of them.
    """

    zone: str
    rules: tuple[WeeklyRule, ...] = ()
    exceptions: tuple[Exceptional, ...] = ()
    version: int = 0
    max_a_day: int | None = None
    minimum_notice: timedelta | None = None
    holidays: tuple[date, ...] = ()

    def zone_of(self, rule: WeeklyRule) -> str:
        """On whose wall a rule is written."""
        return rule.zone or self.zone


@dataclass(frozen=True, slots=True)
class VisitType:
    """
    A kind of visit. *needs*: one practitioner of each of these roles.

    The gap between two visits of a practitioner is *buffer_after* of the first plus *buffer_before* of the second.
    minimum_notice, horizon, grid: instead of the clinic's numbers; None: the clinic's. seats: of one group session of
    this kind; 1: it is no group.
    """

    id: UUID
    name: str
    duration: timedelta
    buffer_before: timedelta
    buffer_after: timedelta
    needs: tuple[str, ...]
    minimum_notice: timedelta | None = None
    horizon: timedelta | None = None
    grid: timedelta | None = None
    seats: int = 1


@dataclass(frozen=True, slots=True)
class Policy:
    """
    The clinic's numbers.

    minimum_notice: between booking and start. horizon: how far ahead. cancel_notice: a patient who cancels later
    than this is late (it is noted, not refused) and cannot move the visit alone. any_practitioner: patients may book
    with everybody; otherwise only with their own care team. max_visits_a_day: of a practitioner who has no number of
    their own; None: as many as fit. reminder_minutes: how long before a visit its reminders go out, in minutes, the
    earliest reminder first; none: nobody is reminded.
    """

    minimum_notice: timedelta = timedelta(hours=2)
    horizon: timedelta = timedelta(days=90)
    grid: timedelta = timedelta(minutes=30)
    max_future_visits: int = 4
    cancel_notice: timedelta = timedelta(hours=24)
    hold_for: timedelta = timedelta(minutes=5)
    holds_per_patient: int = 2
    any_practitioner: bool = True
    offer_for: timedelta = timedelta(minutes=30)
    quiet_from: time = time(21)
    quiet_until: time = time(8)
    series_at_most: int = 12
    max_visits_a_day: int | None = None
    reminder_minutes: tuple[int, ...] = (1440, 60)

    def for_visit(self, visit: VisitType) -> Policy:
        """The numbers as they are for one kind of visit."""
        return replace(
            self,
            minimum_notice=self.minimum_notice if visit.minimum_notice is None else visit.minimum_notice,
            horizon=visit.horizon or self.horizon,
            grid=visit.grid or self.grid,
        )


@dataclass(slots=True)
class _Complaints:
    """Collects what is wrong, so that a person hears everything at once."""

    errors: list[FieldError] = field(default_factory=list)

    def unless(self, fine: bool, place: str, message: str) -> None:
        if not fine:
            self.errors.append(FieldError(place, message))


def check_availability(wanted: Availability, known_services: Collection[UUID]) -> None:
    """
    Refuse hours that cannot be.

    Raises:
        Invalid: an unknown zone or service, no weekday, or a stretch of no or negative length; one error for each.
    """
    wrong = _Complaints()
    wrong.unless(wanted.zone in zones.names(), "zone", "Choose a time zone such as Europe/Berlin.")
    wrong.unless(len(wanted.rules) <= RULES_AT_MOST, "rules", f"There can be {RULES_AT_MOST} rules.")
    wrong.unless(
        len(wanted.exceptions) <= EXCEPTIONS_AT_MOST, "exceptions", f"There can be {EXCEPTIONS_AT_MOST} exceptions."
    )
    limit = wanted.max_a_day
    wrong.unless(limit is None or limit in VISITS_A_DAY, "max_a_day", "Choose a number from 1 to 100.")
    notice = wanted.minimum_notice
    noticeable = notice is None or timedelta(0) <= notice <= LONGEST_NOTICE
    wrong.unless(noticeable, "minimum_notice_minutes", "This can be a year at most.")
    for number, rule in enumerate(wanted.rules):
        _check_rule(wrong, f"rules.{number}", rule, known_services)
    for number, exception in enumerate(wanted.exceptions):
        _check_exception(wrong, f"exceptions.{number}", exception)
    if wrong.errors:
        raise Invalid("Some of these hours do not make sense.", wrong.errors)


def _check_rule(wrong: _Complaints, place: str, rule: WeeklyRule, known: Collection[UUID]) -> None:
    days_known = bool(rule.weekdays) and all(day in WEEKDAYS for day in rule.weekdays)
    wrong.unless(days_known, f"{place}.weekdays", "Choose at least one weekday, as MO, TU, WE, TH, FR, SA or SU.")
    wrong.unless(len(set(rule.weekdays)) == len(rule.weekdays), f"{place}.weekdays", "Name each weekday once.")
    wrong.unless(rule.start != rule.end, f"{place}.end", "Hours need to end at another time than they start.")
    in_order = not (rule.from_day and rule.until_day) or rule.from_day <= rule.until_day
    wrong.unless(in_order, f"{place}.until", "The last day is before the first.")
    wrong.unless(
        rule.zone is None or rule.zone in zones.names(), f"{place}.zone", "Choose a time zone such as Europe/Berlin."
    )
    wrong.unless(rule.services <= set(known), f"{place}.services", "One of these kinds of visit does not exist.")


def _check_exception(wrong: _Complaints, place: str, exception: Exceptional) -> None:
    length = exception.end - exception.start
    wrong.unless(length > timedelta(0), f"{place}.end", "This needs to end after it starts.")
    wrong.unless(length <= LONGEST_EXCEPTION, f"{place}.end", "This can be a year long at most.")
    wrong.unless(len(exception.note) <= 200, f"{place}.note", "A note can have 200 characters.")


def weekday_runs(days: Iterable[str]) -> list[tuple[str, str]]:
    """Neighbouring weekdays together, in the order of the week: Monday to Wednesday and Friday."""
    places = sorted({WEEKDAYS.index(day) for day in days})
    if not places:
        return []
    breaks = [after for before, after in pairwise(places) if after != before + 1]
    firsts = [places[0], *breaks]
    lasts = [*(before for before, after in pairwise(places) if after != before + 1), places[-1]]
    return [(WEEKDAYS[first], WEEKDAYS[last]) for first, last in zip(firsts, lasts, strict=True)]
