"""Days on the wall: which one an instant belongs to, and holidays as people look at their hours."""

from __future__ import annotations

from datetime import date, time

import pytest

from telegut.scheduling import agenda, zones
from telegut.scheduling.rules import WEEKDAYS, Availability, WeeklyRule
from telegut.scheduling.windows import whole_day
from tests.scheduling.test_zones import utc

EPOCH = date(1970, 1, 1).toordinal()


@pytest.mark.parametrize(
    ("at", "zone", "expected"),
    [
        ("2027-05-05 22:30", "Europe/Berlin", date(2027, 5, 6)),
        ("2027-05-05 00:30", "America/New_York", date(2027, 5, 4)),
        ("2027-05-05 10:30", "Pacific/Kiritimati", date(2027, 5, 6)),
        # Cuba's clock goes from 01:00 back to 00:00: the same day, twice its first hour.
        ("2027-11-07 04:30", "America/Havana", date(2027, 11, 7)),
        ("2027-11-07 05:30", "America/Havana", date(2027, 11, 7)),
    ],
)
def test_an_instant_belongs_to_one_day_on_the_wall(at: str, zone: str, expected: date) -> None:
    second = zones.seconds(utc(at))

    assert expected == date.fromordinal(EPOCH + zones.wall_day(second, zones.regimes(zone, second, second)))


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2027, 5, 5), "Europe/Berlin", [24]),
        (date(2027, 3, 28), "Europe/Berlin", [23]),
        (date(2027, 10, 31), "Europe/Berlin", [25]),
        (date(2027, 11, 7), "America/Havana", [25]),
        (date(2011, 12, 30), "Pacific/Apia", []),
    ],
)
def test_a_whole_day_is_as_long_as_the_clock_says(day: date, zone: str, hours: list[int]) -> None:
    assert hours == [(closes - opens) // 3600 for opens, closes in whole_day(day, zone)]


def test_a_holiday_leaves_the_night_before_and_the_morning_after() -> None:
    night = WeeklyRule(WEEKDAYS, time(22), time(2))
    hours = Availability("Europe/Berlin", (night,), holidays=(date(2027, 5, 5),))
    seen = [
        [(one.start_minute, one.end_minute) for one in agenda.open_hours(hours, date(2027, 5, day), "Europe/Berlin")]
        for day in (4, 5, 6)
    ]

    assert [[(0, 120), (1320, 1440)], [], [(0, 120), (1320, 1440)]] == seen
