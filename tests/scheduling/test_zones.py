"""Wall times and instants, on both sides of the clock changes. Expected values: tzdata 2026f."""

from __future__ import annotations

import sys
import zoneinfo
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegut.scheduling import zones
from telegut.scheduling.zones import DAY, UnknownZone, on_the_wall

NEW_YORK, BERLIN = "America/New_York", "Europe/Berlin"
ZONES = [
    NEW_YORK,
    BERLIN,
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "America/Vancouver",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Pacific/Chatham",
    "America/Santiago",
    "UTC",
]


def utc(text: str) -> datetime:
    """``2027-03-14 06:00`` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def clock(at: int) -> str:
    """An instant in seconds as a short text in UTC."""
    return f"{zones.instant(at):%d %H:%M}"


def windows(zone: str, start: str, end: str) -> list[tuple[str, str]]:
    """The instants between two wall times, in UTC."""
    opens, closes = (zones.wall_seconds(datetime.fromisoformat(one)) for one in (start, end))
    stretches = zones.regimes(zone, opens, closes)
    return [(clock(first), clock(last)) for first, last in zones.spans(opens, closes, stretches)]


def test_only_the_pinned_package_is_read() -> None:
    assert (zoneinfo.TZPATH, "2026.6") == ((), zones.data_version()[:6])


def test_vancouver_no_longer_changes_its_clocks() -> None:
    """The machine's own, older zone data says 17:00Z here."""
    expected = (utc("2027-01-15 16:00"),)

    assert expected == zones.instants(datetime(2027, 1, 15, 9), "America/Vancouver")


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "+02:00", "../etc/passwd", "europe/berlin"])
def test_a_zone_nobody_knows_is_refused(name: str) -> None:
    with pytest.raises(UnknownZone):
        zones.load(name)


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        ("2027-03-14 02:30", []),
        ("2027-03-14 01:59", ["2027-03-14 06:59"]),
        ("2027-03-14 03:00", ["2027-03-14 07:00"]),
        ("2027-11-07 01:30", ["2027-11-07 05:30", "2027-11-07 06:30"]),
        ("2027-11-07 02:00", ["2027-11-07 07:00"]),
    ],
)
def test_a_wall_time_is_one_instant_or_none_or_two(wall: str, expected: list[str]) -> None:
    assert tuple(utc(one) for one in expected) == zones.instants(datetime.fromisoformat(wall), NEW_YORK)


@pytest.mark.parametrize(
    ("zone", "start", "end", "expected"),
    [
        pytest.param(NEW_YORK, "2027-03-14 01:00", "2027-03-14 05:00", [("14 06:00", "14 09:00")], id="across a gap"),
        pytest.param(NEW_YORK, "2027-03-14 02:00", "2027-03-14 03:00", [], id="inside a gap"),
        pytest.param(NEW_YORK, "2027-03-14 02:15", "2027-03-14 04:00", [("14 07:00", "14 08:00")], id="from a gap"),
        pytest.param(NEW_YORK, "2027-03-14 01:00", "2027-03-14 02:30", [("14 06:00", "14 07:00")], id="into a gap"),
        pytest.param(NEW_YORK, "2027-11-07 00:00", "2027-11-07 04:00", [("07 04:00", "07 09:00")], id="across twice"),
        pytest.param(
            NEW_YORK,
            "2027-11-07 01:15",
            "2027-11-07 01:45",
            [("07 05:15", "07 05:45"), ("07 06:15", "07 06:45")],
            id="inside what is repeated",
        ),
        pytest.param(
            NEW_YORK,
            "2027-11-07 01:30",
            "2027-11-07 03:00",
            [("07 05:30", "07 06:00"), ("07 06:30", "07 08:00")],
            id="from what is repeated",
        ),
        pytest.param(NEW_YORK, "2027-03-14 13:00", "2027-03-14 18:00", [("14 17:00", "14 22:00")], id="afternoon"),
        pytest.param(NEW_YORK, "2027-03-13 13:00", "2027-03-13 18:00", [("13 18:00", "13 23:00")], id="day before"),
        pytest.param(BERLIN, "2027-10-31 22:00", "2027-11-01 06:00", [("31 21:00", "01 05:00")], id="past midnight"),
        pytest.param("Asia/Kathmandu", "2027-05-05 09:00", "2027-05-05 10:00", [("05 03:15", "05 04:15")], id="5:45"),
        pytest.param(
            "Australia/Lord_Howe", "2027-10-03 01:00", "2027-10-03 04:00", [("02 14:30", "02 17:00")], id="half an hour"
        ),
    ],
)
def test_windows_keep_what_exists(zone: str, start: str, end: str, expected: list[tuple[str, str]]) -> None:
    assert expected == windows(zone, start, end)


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        ("2027-03-14 02:15", "14 07:15"),
        ("2027-03-14 01:00", "14 06:00"),
        ("2027-11-07 01:30", "07 05:30"),
        ("2027-12-31 23:30", "01 04:30"),
    ],
)
def test_a_grid_is_counted_from_the_first_instant_or_the_clock_before_a_gap(wall: str, expected: str) -> None:
    at = zones.wall_seconds(datetime.fromisoformat(wall))

    assert expected == clock(zones.anchor(at, zones.regimes(NEW_YORK, at, at)))


def test_a_weekly_visit_keeps_the_consultants_wall_time_and_moves_on_the_patients() -> None:
    days = [(3, 8), (3, 22), (3, 29), (11, 1), (11, 8)]
    [*visits] = [zones.instants(datetime(2027, month, day, 10), NEW_YORK)[0] for month, day in days]

    expected = ["16:00", "15:00", "16:00", "15:00", "16:00"]

    assert expected == [f"{on_the_wall(visit, BERLIN):%H:%M}" for visit in visits]


@given(st.sampled_from(ZONES), st.integers(1_700_000_000, 2_080_000_000))
def test_regimes_agree_with_the_standard_library(zone: str, at: int) -> None:
    [regime] = [one for one in zones.regimes(zone, at, at) if one.start <= at < one.end]
    offset = datetime.fromtimestamp(at, ZoneInfo(zone)).utcoffset()

    assert offset == timedelta(seconds=regime.offset)


@given(st.sampled_from(ZONES), st.integers(1_700_000_000, 2_080_000_000), st.integers(1, 30 * 60))
def test_a_window_holds_an_instant_exactly_when_its_wall_time_is_inside(zone: str, at: int, minutes: int) -> None:
    start = at // 60 * 60
    end = start + minutes * 60
    stretches = zones.regimes(zone, start - DAY, end + DAY)
    found = zones.spans(start, end, stretches)

    for probe in range(start - DAY, end + DAY, 1800):
        wall = zones.wall_seconds(datetime.fromtimestamp(probe, ZoneInfo(zone)).replace(tzinfo=None))
        inside = any(first <= probe < last for first, last in found)

        assert inside == (start <= wall < end)


def test_importing_zones_pins_the_whole_process() -> None:
    assert "telegut.scheduling.zones" in sys.modules
    assert zoneinfo.TZPATH == ()
