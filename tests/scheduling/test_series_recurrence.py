"""Days and instants of a series, held against a slow calendar that tries every day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegut.scheduling import zones
from telegut.scheduling.series.recurrence import STEPS, Every, days, is_moved, occurrences

NEW_YORK, BERLIN = "America/New_York", "Europe/Berlin"
SOME_ZONES = [BERLIN, NEW_YORK, "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "Pacific/Apia", "UTC"]


def slowly(first: date, every: Every) -> Iterator[date]:
    """Every day after another, asked whether it belongs."""
    day = first
    while True:
        if every in STEPS:
            fits = (day - first).days % (7 * STEPS[every]) == 0
        elif every is Every.MONTHLY:
            fits = day.day == first.day
        else:
            earlier = (day - timedelta(weeks=(first.day - 1) // 7)).month == day.month
            too_early = (day - timedelta(weeks=(first.day - 1) // 7 + 1)).month == day.month
            fits = day.weekday() == first.weekday() and earlier and not too_early
        if fits:
            yield day
        day += timedelta(days=1)


@given(
    first=st.dates(date(2026, 1, 1), date(2036, 12, 31)),
    every=st.sampled_from(Every),
    count=st.integers(1, 12),
    span=st.none() | st.integers(0, 400),
)
def test_days_are_those_of_a_slow_calendar(first: date, every: Every, count: int, span: int | None) -> None:
    until = first + timedelta(days=span) if span is not None else None
    expected: list[date] = []
    for day in slowly(first, every):
        if len(expected) == count or (until is not None and day > until):
            break
        expected.append(day)

    assert expected == days(first, every, count, until)


@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2034, 1, 1)).map(
        lambda naive: naive.replace(second=0, microsecond=0, tzinfo=UTC)
    ),
    zone=st.sampled_from(SOME_ZONES),
    every=st.sampled_from(Every),
)
def test_the_wall_time_is_kept_or_marked_as_moved(start: datetime, zone: str, every: Every) -> None:
    found = occurrences(start, zone, every, 12)
    clock = start.astimezone(ZoneInfo(zone)).time()

    assert start == found[0].start
    for one in found:
        shown = one.start.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert shown == one.wall
        if one.moved:
            assert () == zones.instants(datetime.combine(shown.date(), clock), zone)
            assert is_moved(one.start, clock, zone)
        else:
            assert clock == shown.time()
    assert sorted(one.start for one in found) == [one.start for one in found]


@pytest.mark.parametrize(
    ("first", "every", "count", "expected"),
    [
        ("2027-01-31", Every.MONTHLY, 4, ["2027-01-31", "2027-03-31", "2027-05-31", "2027-07-31"]),
        ("2028-02-29", Every.MONTHLY, 3, ["2028-02-29", "2028-03-29", "2028-04-29"]),
        ("2027-12-30", Every.MONTHLY, 4, ["2027-12-30", "2028-01-30", "2028-03-30", "2028-04-30"]),
        ("2027-03-30", Every.MONTHLY_WEEKDAY, 3, ["2027-03-30", "2027-06-29", "2027-08-31"]),
        ("2027-01-12", Every.MONTHLY_WEEKDAY, 3, ["2027-01-12", "2027-02-09", "2027-03-09"]),
        ("2027-12-24", Every.TWO_WEEKS, 3, ["2027-12-24", "2028-01-07", "2028-01-21"]),
    ],
)
def test_days_that_do_not_exist_are_skipped(first: str, every: Every, count: int, expected: list[str]) -> None:
    assert expected == [str(day) for day in days(date.fromisoformat(first), every, count)]


def test_until_includes_its_own_day() -> None:
    found = days(date(2027, 1, 5), Every.WEEKLY, 50, until=date(2027, 1, 26))

    assert [5, 12, 19, 26] == [day.day for day in found]


def starts(first: str, zone: str, count: int) -> list[tuple[str, bool]]:
    """Instants of a weekly series, and whether each was moved."""
    begin = zones.instants(datetime.fromisoformat(first), zone)[0]
    return [(f"{one.start:%m-%d %H:%M}", one.moved) for one in occurrences(begin, zone, Every.WEEKLY, count)]


def test_ten_in_new_york_stays_ten_in_new_york() -> None:
    assert [("03-08 15:00", False), ("03-15 14:00", False)] == starts("2027-03-08 10:00", NEW_YORK, 2)


def test_a_time_that_the_clock_skips_moves_forward_and_says_so() -> None:
    """Half past two does not exist in New York on 14 March 2027; half past three does."""
    found = starts("2027-03-07 02:30", NEW_YORK, 3)

    assert [("03-07 07:30", False), ("03-14 07:30", True), ("03-21 06:30", False)] == found


def test_a_time_that_comes_twice_is_the_first_of_the_two() -> None:
    assert [("10-24 00:30", False), ("10-31 00:30", False), ("11-07 01:30", False)] == starts(
        "2027-10-24 02:30", BERLIN, 3
    )


def test_only_the_moved_time_itself_needs_a_word(subtests: pytest.Subtests) -> None:
    for utc, expected in (("07:30", True), ("08:30", False), ("06:30", False)):
        with subtests.test(utc):
            start = datetime.fromisoformat(f"2027-03-14T{utc}:00+00:00")
            assert expected == is_moved(start, time(2, 30), NEW_YORK)
