"""Where things lie in a drawing of scores."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

from telegut.outcomes.charts import HEIGHT, WIDTH, chart
from telegut.outcomes.instruments import GAD_7

MONDAY = date(2026, 11, 16)


def on(*days: int) -> list[tuple[date, float]]:
    return [(MONDAY + timedelta(days=day), float(day % 5 + 1)) for day in days]


def test_days_are_spaced_by_the_calendar() -> None:
    drawn = chart(on(0, 1, 10), low=1, high=5)
    first, second, last = (dot.x for dot in drawn.dots)

    assert 0 < first < second < last < WIDTH
    assert round((second - first) * 10, 0) == round(last - first, 0)


def test_the_scale_is_fixed_and_values_stay_inside() -> None:
    drawn = chart([(MONDAY, 1.0), (MONDAY + timedelta(days=1), 5.0), (MONDAY + timedelta(days=2), 9.0)], low=1, high=5)
    low, high, above = (dot.y for dot in drawn.dots)

    assert high < low < HEIGHT
    assert high == above
    assert [low, high] == [drawn.ticks[0].y, drawn.ticks[-1].y]


def test_missing_days_are_gaps() -> None:
    values = on(0, 1, 2, 6, 7, 20)

    assert 2 == len(chart(values, low=1, high=5, gap=timedelta(days=2)).lines)
    assert 1 == len(chart(values, low=1, high=5).lines)


def test_one_value_is_a_dot_and_none_is_nothing() -> None:
    assert (1, ()) == (len(chart(on(0), low=1, high=5).dots), chart(on(0), low=1, high=5).lines)
    assert () == chart([], low=1, high=5).dots


def test_bands_touch_and_fill_the_scale() -> None:
    stripes = chart([], low=0, high=21, bands=GAD_7.bands).stripes

    assert 4 == len(stripes)
    for lower, upper in itertools.pairwise(stripes):
        assert abs(upper.y + upper.height - lower.y) < 0.2
