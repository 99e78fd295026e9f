"""Days as they are seen on a wall, on change days too."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from telegut.scheduling import agenda
from telegut.scheduling.rules import WEEKDAYS, Availability, Exceptional, Kind, WeeklyRule
from tests.scheduling.test_zones import utc

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


@pytest.mark.parametrize(
    ("day", "zone", "begins", "ends"),
    [
        (date(2027, 5, 5), BERLIN, "2027-05-04 22:00", "2027-05-05 22:00"),
        (date(2027, 3, 28), BERLIN, "2027-03-27 23:00", "2027-03-28 22:00"),
        (date(2027, 10, 31), BERLIN, "2027-10-30 22:00", "2027-10-31 23:00"),
        pytest.param(date(2027, 9, 5), "America/Santiago", "2027-09-05 04:00", "2027-09-06 03:00", id="no midnight"),
        pytest.param(date(2011, 12, 30), "Pacific/Apia", "2011-12-30 10:00", "2011-12-30 10:00", id="no day at all"),
    ],
)
def test_a_day_begins_and_ends_on_its_wall(day: date, zone: str, begins: str, ends: str) -> None:
    assert (utc(begins), utc(ends)) == agenda.bounds(day, zone)


def hours(*rules: WeeklyRule, off: tuple[str, str] | None = None) -> Availability:
    """Hours in Berlin."""
    exceptions: tuple[Exceptional, ...] = ()
    if off:
        exceptions = (Exceptional(datetime.fromisoformat(off[0]), datetime.fromisoformat(off[1]), Kind.OFF),)
    return Availability(BERLIN, rules, exceptions)


def daily(start: int, end: int) -> WeeklyRule:
    """Hours on every day."""
    return WeeklyRule(WEEKDAYS, time(start), time(end))


@pytest.mark.parametrize(
    ("availability", "zone", "expected"),
    [
        (hours(daily(9, 12), daily(11, 14)), BERLIN, [(9 * 60, 14 * 60)]),
        (hours(daily(9, 12), off=("2027-05-05T10:00", "2027-05-05T11:00")), BERLIN, [(540, 600), (660, 720)]),
        (hours(daily(9, 12), off=("2027-05-01T00:00", "2027-05-09T00:00")), BERLIN, []),
        (hours(daily(9, 12)), NEW_YORK, [(180, 360)]),
        (hours(daily(22, 2)), BERLIN, [(0, 120), (1320, 1440)]),
    ],
)
def test_open_hours_are_told_in_minutes_of_the_readers_day(
    availability: Availability, zone: str, expected: list[tuple[int, int]]
) -> None:
    found = agenda.open_hours(availability, date(2027, 5, 5), zone)

    assert expected == [(one.start_minute, one.end_minute) for one in found]


def test_a_week_begins_on_monday() -> None:
    assert [date(2026, 11, 16), date(2026, 11, 23)] == [
        agenda.monday_of(date(2026, 11, 22)),
        agenda.monday_of(date(2026, 11, 23)),
    ]


@pytest.mark.parametrize(
    ("day", "zone", "expected"),
    [
        (date(2027, 5, 5), BERLIN, []),
        (date(2027, 3, 28), BERLIN, [agenda.ClockChange(True, 120, 180)]),
        (date(2027, 10, 31), BERLIN, [agenda.ClockChange(False, 120, 180)]),
        pytest.param(date(2027, 9, 5), "America/Santiago", [agenda.ClockChange(True, 0, 60)], id="no midnight"),
        pytest.param(
            date(2027, 4, 3), "America/Santiago", [agenda.ClockChange(False, 1380, 1440)], id="before midnight"
        ),
        pytest.param(date(2027, 10, 3), "Australia/Lord_Howe", [agenda.ClockChange(True, 120, 150)], id="half an hour"),
    ],
)
def test_a_clock_change_is_told_where_it_is_on_the_wall(
    day: date, zone: str, expected: list[agenda.ClockChange]
) -> None:
    assert agenda.clock_changes(day, zone) == expected
