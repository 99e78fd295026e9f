"""The picture under the report of promises, and lengths in words."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from telegut.messaging.ledger.chart import HEIGHT, WIDTH, chart
from telegut.messaging.ledger.report import Kept
from telegut.messaging.ledger.screens import PeriodQuery, spelled


def _kept(in_time: int = 0, late: int = 0, owed: int = 0, aside: int = 0) -> Kept:
    return Kept(None, None, in_time + late + owed + aside, in_time, late, owed, 0, aside, None, None)


def _weeks(*kept: Kept) -> list[tuple[date, Kept]]:
    return [(date(2026, 1, 5) + timedelta(weeks=n), one) for n, one in enumerate(kept)]


def test_parts_of_a_column_stand_on_each_other_and_the_fullest_week_fills_it() -> None:
    drawn = chart(_weeks(_kept(2, 1, 1), _kept(), _kept(1)), "Europe/Berlin")
    assert [("in-time", 50, 50), ("late", 25, 25), ("open", 0, 25), ("in-time", 75, 25)] == [
        (one.style, one.y, one.height) for one in drawn.boxes
    ]
    assert (4, "Mon 5 Jan") == (drawn.top, drawn.labels[0][1])


def test_a_whole_year_fits_and_its_labels_do_not_touch() -> None:
    drawn = chart(_weeks(*[_kept(1)] * 58), "Europe/Berlin")
    assert WIDTH >= max(one.x + one.width for one in drawn.boxes)
    assert HEIGHT >= max(one.y + one.height for one in drawn.boxes)
    places = [x for x, _ in drawn.labels]
    assert drawn.width >= places[-1] + 60
    assert all(after - before >= 60 for before, after in pairwise(places))


def test_lengths_are_said_in_hours_and_minutes() -> None:
    assert ["–", "1 min", "45 min", "2 h", "3 h 20 min"] == [spelled(one) for one in (None, 5, 2700, 7200, 12_000)]


def test_a_period_that_makes_no_sense_is_the_nearest_that_does() -> None:
    today, first = date(2026, 11, 24), date(2026, 11, 1)
    assert (date(2026, 10, 26), today) == PeriodQuery().between(today)
    assert (today, today) == PeriodQuery(days=-3).between(today)
    assert (first, today) == PeriodQuery(since=today, until=first).between(today)
    assert 399 == (today - PeriodQuery(since=date(2020, 1, 1), until=today).between(today)[0]).days + 1
