"""Hours that make sense, hours that do not, and hours that come back as they were."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest

from telegut.errors import Invalid
from telegut.scheduling.documents import from_document, to_document
from telegut.scheduling.rules import (
    Availability,
    Exceptional,
    Kind,
    WeeklyRule,
    check_availability,
    weekday_runs,
)

KNOWN = UUID(int=1)


def rule(**changes: object) -> WeeklyRule:
    """Hours on Mondays."""
    values = {"weekdays": ("MO",), "start": time(9), "end": time(12, 30), **changes}
    return WeeklyRule(**values)  # type: ignore[arg-type]


def off(start: str, end: str) -> Exceptional:
    """Time off."""
    return Exceptional(datetime.fromisoformat(start), datetime.fromisoformat(end), Kind.OFF)


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        (Availability("Mars/Olympus"), "zone"),
        (Availability("UTC", (rule(weekdays=()),)), "rules.0.weekdays"),
        (Availability("UTC", (rule(weekdays=("MO", "MO")),)), "rules.0.weekdays"),
        (Availability("UTC", (rule(), rule(weekdays=("XX",)))), "rules.1.weekdays"),
        (Availability("UTC", (rule(end=time(9)),)), "rules.0.end"),
        (Availability("UTC", (rule(from_day=date(2027, 2, 1), until_day=date(2027, 1, 1)),)), "rules.0.until"),
        (Availability("UTC", (rule(services=frozenset({UUID(int=9)})),)), "rules.0.services"),
        (Availability("UTC", (rule(zone="Mars/Olympus"),)), "rules.0.zone"),
        (Availability("UTC", max_a_day=0), "max_a_day"),
        (Availability("UTC", max_a_day=101), "max_a_day"),
        (Availability("UTC", minimum_notice=timedelta(days=366)), "minimum_notice_minutes"),
        (Availability("UTC", (), (off("2027-01-01T10:00", "2027-01-01T10:00"),)), "exceptions.0.end"),
        (Availability("UTC", (), (off("2027-01-02T10:00", "2027-01-01T10:00"),)), "exceptions.0.end"),
        (Availability("UTC", (), (off("2027-01-02T10:00", "2029-01-01T10:00"),)), "exceptions.0.end"),
    ],
)
def test_hours_that_cannot_be_are_refused_with_their_place(hours: Availability, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_availability(hours, {KNOWN})

    assert [field] == [one.field for one in refused.value.errors]


def test_hours_past_midnight_are_fine() -> None:
    check_availability(Availability("UTC", (rule(start=time(22), end=time(2)),)), {KNOWN})


def test_hours_come_back_as_they_were_written() -> None:
    hours = Availability(
        "Europe/Berlin",
        (
            rule(),
            rule(from_day=date(2027, 1, 1), until_day=date(2027, 2, 1), services=frozenset({KNOWN})),
            rule(zone="Asia/Tokyo", from_day=date(2027, 2, 2)),
        ),
        (Exceptional(datetime(2027, 1, 1), datetime(2027, 1, 3), Kind.EXTRA, "Open day"),),
        version=7,
        max_a_day=6,
        minimum_notice=timedelta(hours=5),
        holidays=(date(2027, 12, 25),),
    )

    assert hours == from_document(to_document(hours), version=7, holidays=hours.holidays)


def test_what_is_not_set_is_not_written() -> None:
    document = to_document(Availability("UTC", (rule(),)))

    assert {"weekdays": ["MO"], "start": "09:00", "end": "12:30"} == document["rules"][0]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (["MO", "TU", "WE", "FR"], [("MO", "WE"), ("FR", "FR")]),
        (["SU", "MO"], [("MO", "MO"), ("SU", "SU")]),
        ([], []),
    ],
)
def test_neighbouring_days_are_told_together(days: list[str], expected: list[tuple[str, str]]) -> None:
    assert expected == weekday_runs(days)
