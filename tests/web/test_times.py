"""Instants in words, across zones and both clock changes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from telegut.web import times

NOON = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Berlin", "Tue 24 Nov, 15:30 Berlin"),
        ("America/New_York", "Tue 24 Nov, 09:30 New York"),
        ("America/Argentina/Buenos_Aires", "Tue 24 Nov, 11:30 Buenos Aires"),
        ("Pacific/Auckland", "Wed 25 Nov, 03:30 Auckland"),
        ("UTC", "Tue 24 Nov, 14:30 UTC"),
    ],
)
def test_an_instant_is_said_in_the_zone_of_who_reads(zone: str, expected: str) -> None:
    assert times.instant(NOON, zone) == expected


@pytest.mark.parametrize(
    ("zone", "other", "expected"),
    [
        ("Europe/Berlin", "Europe/Paris", "Tue 24 Nov, 15:30 Berlin"),
        ("Europe/Berlin", "Europe/London", "Tue 24 Nov, 15:30 Berlin (14:30 London)"),
        ("Europe/Berlin", "Pacific/Auckland", "Tue 24 Nov, 15:30 Berlin (Wed 25 Nov, 03:30 Auckland)"),
    ],
)
def test_both_zones_are_said_when_their_clocks_differ(zone: str, other: str, expected: str) -> None:
    assert times.in_both_zones(NOON, zone, other) == expected


@pytest.mark.parametrize(
    ("hour", "expected"),
    [(0, "02:00"), (1, "02:00")],  # 25 October 2026: 02:00 Berlin is there twice
)
def test_a_repeated_hour_shows_the_same_wall_time_for_two_instants(hour: int, expected: str) -> None:
    assert times.clock_time(datetime(2026, 10, 25, hour, tzinfo=UTC), "Europe/Berlin") == expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (datetime(2026, 11, 24, 22, 59, tzinfo=UTC), "today"),
        (datetime(2026, 11, 24, 23, 0, tzinfo=UTC), "tomorrow"),
        (datetime(2026, 11, 23, 22, 0, tzinfo=UTC), "yesterday"),
        (datetime(2026, 11, 30, 9, 0, tzinfo=UTC), "Mon 30 Nov"),
    ],
)
def test_near_days_have_names_by_the_calendar_of_the_zone(when: datetime, expected: str) -> None:
    assert times.near_day(when, NOON, "Europe/Berlin") == expected


def test_a_time_element_carries_the_offset_for_machines() -> None:
    expected = '<time datetime="2026-11-24T15:30+01:00">Tue 24 Nov, 15:30 Berlin</time>'

    assert str(times.time_tag(NOON, "Europe/Berlin")) == expected
