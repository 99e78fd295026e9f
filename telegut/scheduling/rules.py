"""
What a practitioner offers and what the clinic asks for. Pure: no clock, no database.

An availability is written on the wall of its own zone: weekly rules ("Mondays 09:00 to 12:30") and exceptions ("off
from 24 to 27 December"). `windows` turns it into instants, `slots` decides about single starts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from telegut.errors import FieldError, Invalid
from telegut.scheduling import zones

WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""Days as RFC 5545 names them, Monday first."""

RULES_AT_MOST: Final = 100
EXCEPTIONS_AT_MOST: Final = 1_000
LONGEST_EXCEPTION: Final = timedelta(days=366)


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
    both included. services: only for these kinds of visit; empty: for all.
    """

    weekdays: tuple[str, ...]
    start: time
    end: time
    from_day: date | None = None
    until_day: date | None = None
    services: frozenset[UUID] = frozenset()

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
    """When somebody works, on the wall of *zone*. *version* counts changes; 0 was never set."""

    zone: str
    rules: tuple[WeeklyRule, ...] = ()
    exceptions: tuple[Exceptional, ...] = ()
    version: int = 0


@dataclass(frozen=True, slots=True)
class VisitType:
    """
    A kind of visit. *needs*: one practitioner of each of these roles.

    The gap between two visits of a practitioner is *buffer_after* of the first plus *buffer_before* of the second.
    """

    id: UUID
    name: str
    duration: timedelta
    buffer_before: timedelta
    buffer_after: timedelta
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """
    The clinic's numbers.

    minimum_notice: between booking and start. horizon: how far ahead. cancel_notice: a patient who cancels later
    than this is late (it is noted, not refused) and cannot move the visit alone. any_practitioner: patients may book
    with everybody; otherwise only with their own care team.
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
    wrong.unless(rule.services <= set(known), f"{place}.services", "One of these kinds of visit does not exist.")


def _check_exception(wrong: _Complaints, place: str, exception: Exceptional) -> None:
    length = exception.end - exception.start
    wrong.unless(length > timedelta(0), f"{place}.end", "This needs to end after it starts.")
    wrong.unless(length <= LONGEST_EXCEPTION, f"{place}.end", "This can be a year long at most.")
    wrong.unless(len(exception.note) <= 200, f"{place}.note", "A note can have 200 characters.")


def to_document(availability: Availability) -> dict[str, Any]:
    """The hours as plain JSON, in the shape of the public contract; what is not set is left out."""
    return {
        "zone": availability.zone,
        "rules": [_rule_document(rule) for rule in availability.rules],
        "exceptions": [_exception_document(one) for one in availability.exceptions],
    }


def _rule_document(rule: WeeklyRule) -> dict[str, Any]:
    document: dict[str, Any] = {
        "weekdays": list(rule.weekdays),
        "start": f"{rule.start:%H:%M}",
        "end": f"{rule.end:%H:%M}",
    }
    if rule.from_day:
        document["from"] = rule.from_day.isoformat()
    if rule.until_day:
        document["until"] = rule.until_day.isoformat()
    if rule.services:
        document["services"] = sorted(str(service) for service in rule.services)
    return document


def _exception_document(one: Exceptional) -> dict[str, Any]:
    document = {"start": one.start.isoformat(), "end": one.end.isoformat(), "kind": one.kind.value}
    return {**document, "note": one.note} if one.note else document


def from_document(document: Mapping[str, Any], *, version: int) -> Availability:
    """Hours that `to_document` wrote; trusts them."""
    return Availability(
        document["zone"],
        tuple(_rule_of(one) for one in document["rules"]),
        tuple(_exception_of(one) for one in document["exceptions"]),
        version,
    )


def _rule_of(one: Mapping[str, Any]) -> WeeklyRule:
    return WeeklyRule(
        tuple(one["weekdays"]),
        time.fromisoformat(one["start"]),
        time.fromisoformat(one["end"]),
        date.fromisoformat(one["from"]) if "from" in one else None,
        date.fromisoformat(one["until"]) if "until" in one else None,
        frozenset(UUID(service) for service in one.get("services", ())),
    )


def _exception_of(one: Mapping[str, Any]) -> Exceptional:
    start, end = datetime.fromisoformat(one["start"]), datetime.fromisoformat(one["end"])
    return Exceptional(start, end, Kind(one["kind"]), one.get("note", ""))


def weekday_runs(days: Iterable[str]) -> list[tuple[str, str]]:
    """Neighbouring weekdays together, in the order of the week: Monday to Wednesday and Friday."""
    places = sorted({WEEKDAYS.index(day) for day in days})
    if not places:
        return []
    breaks = [after for before, after in pairwise(places) if after != before + 1]
    firsts = [places[0], *breaks]
    lasts = [*(before for before, after in pairwise(places) if after != before + 1), places[-1]]
    return [(WEEKDAYS[first], WEEKDAYS[last]) for first, last in zip(firsts, lasts, strict=True)]
