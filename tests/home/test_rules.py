"""What the first pages say, as tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from telegut.home import rules
from telegut.home.rules import Moment

START = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hour_utc", "expected"),
    [(2, "Good evening"), (3, "Good morning"), (10, "Good morning"), (11, "Good afternoon"), (17, "Good evening")],
)
def test_the_greeting_follows_the_clock_of_who_reads(hour_utc: int, expected: str) -> None:
    assert rules.greeting(datetime(2026, 11, 24, hour_utc, tzinfo=UTC), "Europe/Berlin") == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (timedelta(days=2), Moment.DAYS_BEFORE),
        (timedelta(hours=16), Moment.DAYS_BEFORE),  # still yesterday in Berlin
        (timedelta(hours=15), Moment.SAME_DAY),
        (timedelta(minutes=31), Moment.SAME_DAY),
        (timedelta(minutes=30), Moment.SOON),
        (timedelta(minutes=15, seconds=1), Moment.SOON),
        (timedelta(minutes=15), Moment.OPEN),
        (timedelta(minutes=-5), Moment.OPEN),
    ],
)
def test_what_a_visit_card_says_depends_on_how_far_off_it_is(before: timedelta, expected: Moment) -> None:
    found = rules.timing(START, now=START - before, opens_before=timedelta(minutes=15), zone="Europe/Berlin")

    assert (found.moment, found.opens) == (expected, START - timedelta(minutes=15))


def test_near_midnight_the_day_is_the_readers_own() -> None:
    start = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    found = rules.timing(
        start, now=start - timedelta(hours=3), opens_before=timedelta(minutes=15), zone="Europe/Berlin"
    )

    assert found.moment is Moment.DAYS_BEFORE


@pytest.mark.parametrize(
    ("names", "expected"),
    [([], ""), (["Amara"], "Amara"), (["Amara", "Jonas"], "Amara and Jonas"), (["A", "B", "C"], "A, B and C")],
)
def test_names_are_listed_as_one_says_them(names: list[str], expected: str) -> None:
    assert rules.listed(names) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Short.", "Short."),
        ("two\n\nlines", "two lines"),
        ("one two three four", "one two …"),
        ("x" * 40, "x" * 13 + " …"),
    ],
)
def test_an_excerpt_is_one_line_cut_at_a_word(text: str, expected: str) -> None:
    assert rules.excerpt(text, 14) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2026-11-03", date(2026, 11, 3)),
        ("2026-11-03T08:10Z", date(2026, 11, 3)),
        ("3 November", None),
        ("", None),
        (None, None),
    ],
)
def test_the_day_of_a_sample_is_read_when_it_is_one(said: object, expected: date | None) -> None:
    assert rules.day_of(said) == expected
