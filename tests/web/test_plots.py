"""Small plots: the scale is fixed, days are spaced by the calendar, and words say what the picture shows."""

from __future__ import annotations

from datetime import date

import pytest

from telegut.web import plots

DAYS = {date(2026, 11, 1): "1 Nov", date(2026, 11, 2): "2 Nov", date(2026, 11, 11): "11 Nov"}


def test_no_values_is_an_empty_picture_that_says_so() -> None:
    plot = plots.trend([], low=0, high=10, day_text={})

    assert (plot.points, plot.lines, plot.summary) == ((), (), "No values yet.")


def test_days_are_spaced_by_the_calendar() -> None:
    plot = plots.trend([(day, 5.0) for day in DAYS], low=0, high=10, day_text=DAYS)

    assert [point.x for point in plot.points] == [4, 27.2, 236]


def test_the_scale_is_the_instruments_own_and_values_outside_stay_on_the_edge() -> None:
    plot = plots.trend(
        [(date(2026, 11, 1), 0), (date(2026, 11, 2), 10), (date(2026, 11, 11), 99)], low=0, high=10, day_text=DAYS
    )

    assert [point.y for point in plot.points] == [60, 4, 4]


def test_one_value_lies_in_the_middle() -> None:
    plot = plots.trend([(date(2026, 11, 1), 3)], low=0, high=10, day_text=DAYS)

    assert (plot.points[0].x, plot.summary) == (120, "One value: 3 on 1 Nov.")


def test_the_summary_names_the_first_and_the_last_value() -> None:
    plot = plots.trend([(date(2026, 11, 11), 4.5), (date(2026, 11, 1), 7)], low=0, high=10, day_text=DAYS)

    assert plot.summary == "2 values, from 7 on 1 Nov to 4.5 on 11 Nov."


def test_plots_side_by_side_share_their_time() -> None:
    span = (date(2026, 11, 1), date(2026, 11, 11))
    plot = plots.trend([(date(2026, 11, 2), 5.0)], low=0, high=10, day_text=DAYS, span=span)

    assert plot.points[0].x == 27.2


@pytest.mark.parametrize(
    ("first", "ends"),
    [(date(2026, 10, 1), date(2026, 11, 11)), (date(2026, 11, 9), date(2026, 11, 22))],
    ids=["up to now", "two weeks at least"],
)
def test_the_axis_begins_with_the_first_value_and_is_two_weeks_long_at_least(first: date, ends: date) -> None:
    assert plots.axis([first, date(2026, 11, 11)], date(2026, 11, 11)) == (first, ends)
