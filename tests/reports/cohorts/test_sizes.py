"""What may be said by the size of a group, and the numbers that it rests on."""

from __future__ import annotations

import math
import random

import pytest

from telegut.reports.cohorts.binomial import at_most, most_unseen, ranks, share_interval
from telegut.reports.cohorts.built_in import built_in
from telegut.reports.cohorts.group import LEVELS, Percentiles, Values
from telegut.reports.cohorts.places import place_of, position, shown_of
from telegut.reports.cohorts.strips import strip_of
from telegut.reports.cohorts.words import more_than, of_place
from tests.reports.cohorts.people import GENERA, group, person


@pytest.mark.parametrize(("n", "p"), [(1, 0.5), (20, 0.025), (129, 0.3), (249, 0.975)])
def test_the_binomial_is_the_sum_of_its_terms(n: int, p: float) -> None:
    total = 0.0
    for k in range(n):
        total += math.comb(n, k) * p**k * (1 - p) ** (n - k)
        assert at_most(k, n, p) == pytest.approx(total, abs=1e-12)


@pytest.mark.parametrize(("k", "n", "low", "high"), [
    (0, 10, 0.0, 0.3085),  # Clopper and Pearson's chart and every later table
    (5, 10, 0.1871, 0.8129),
    (10, 10, 0.6915, 1.0),
    (1, 20, 0.0013, 0.2487),
    (81, 263, 0.2527, 0.3676),  # Newcombe, Stat Med 1998;17:857, table I
    (15, 148, 0.0578, 0.1617),
    (0, 20, 0.0, 0.1684),
    (1, 29, 0.0009, 0.1776),
])  # fmt: skip
def test_the_interval_of_a_share_is_the_published_one(k: int, n: int, low: float, high: float) -> None:
    assert (low, high) == tuple(round(one, 4) for one in share_interval(k, n))


@pytest.mark.parametrize(("n", "low", "high"), [
    (119, 1, 7), (132, 1, 7), (133, 1, 8), (160, 1, 8), (161, 1, 9), (187, 1, 9), (188, 2, 9), (189, 2, 9),
    (190, 2, 10), (218, 2, 10), (219, 2, 11), (248, 2, 11), (249, 2, 12),
])  # fmt: skip
def test_limits_of_the_lowest_percentile_are_those_of_the_clsi_table(n: int, low: int, high: int) -> None:
    """CLSI EP28-A3c, table 8 (from Reed et al., Clin Chem 1971;17:275), 90 % limits of the 2.5th percentile."""
    assert (low, high) == ranks(n, 0.025)
    assert (n + 1 - high, n + 1 - low) == ranks(n, 0.975)


def test_too_few_people_bound_a_percentile_on_one_side_only() -> None:
    assert (None, 3) == ranks(20, 0.025)
    assert (6, 15) == ranks(20, 0.5)


@pytest.mark.parametrize(("n", "dots", "expected"), [
    (4, True, "nothing"), (5, True, "dots"), (5, False, "nothing"), (19, True, "dots"), (20, True, "quartiles"),
    (39, False, "quartiles"), (40, False, "tenths"), (119, False, "tenths"), (120, False, "fortieths"),
])  # fmt: skip
def test_how_much_is_shown_grows_with_the_group(n: int, dots: bool, expected: str) -> None:
    assert expected == shown_of(n, dots_allowed=dots)


@pytest.mark.parametrize(("n", "levels"), [
    (20, ["p25", "p50", "p75"]),
    (40, ["p10", "p25", "p50", "p75", "p90"]),
    (120, ["p2_5", "p5", "p10", "p25", "p50", "p75", "p90", "p95", "p97_5"]),
])  # fmt: skip
def test_the_band_holds_what_its_size_allows_inside_its_limits(n: int, levels: list[str]) -> None:
    place = place_of("Bacteroides", 8.0, group(n))

    assert levels == [one.name for one in place.band]
    for one in place.band:
        assert one.low is None or one.low <= one.value
        assert one.high is None or one.value <= one.high
    assert place.low is not None
    assert place.high is not None
    assert 0 <= place.low < place.high <= 100


def test_a_group_too_small_gives_no_position_and_no_values() -> None:
    place = place_of("Bacteroides", 8.0, group(19))

    assert ("nothing", None, None, (), ()) == (place.how, place.low, place.high, place.band, place.points)
    assert place.have is None


def test_a_rare_genus_is_told_as_found_or_not() -> None:
    values = Values(tuple([0.0] * 85 + [0.2] * 15))
    rare = group(100)
    rare = type(rare)(id="own", version=1, about=rare.about, genera={"Rara": values}, complete=True)

    found, missing, unheard = (place_of(*one, rare) for one in (("Rara", 0.4), ("Rara", 0.0), ("Nova", 0.1)))
    assert "Found. 15 of the 100 people in this comparison group have it." == of_place(found, 10_000)
    assert of_place(missing, 10_000).startswith("Not detected at this depth: up to about 0.03 % of the sample")
    assert ("found", 0) == (unheard.how, unheard.have)
    assert ((), None) == (found.band, found.low)


def test_few_people_are_not_counted_out() -> None:
    values = Values(tuple([0.0] * 98 + [0.2] * 2))
    own = group(100)
    rare = place_of(
        "Rara", 0.4, type(own)(id="own", version=1, about=own.about, genera={"Rara": values}, complete=True)
    )

    assert "Found. Fewer than 5 of the 100 people in this comparison group have it." == of_place(rare, None)


def test_an_unseen_group_may_still_be_there() -> None:
    assert 0.03 == pytest.approx(most_unseen(10_000))
    assert "Not detected at this depth." in of_place(place_of("Bacteroides", 0.0, group(120)), None)


@pytest.mark.parametrize(("low", "high", "expected"), [
    (70, 82, "Higher than about 70 to 82 of 100 people in this comparison group."),
    (0, 4, "Higher than at most 4 of 100 people in this comparison group."),
    (96, 100, "Higher than at least 96 of 100 people in this comparison group."),
])  # fmt: skip
def test_a_position_is_a_natural_frequency(low: int, high: int, expected: str) -> None:
    assert expected == more_than(low, high)


def test_published_percentiles_enclose_what_the_people_themselves_would_say() -> None:
    """Of the same 172 people, the position from percentiles alone holds the one from every value."""
    dice = random.Random(7)
    values = Values(tuple(sorted(dice.lognormvariate(0, 1) for _ in range(172))))
    known = Percentiles(172, 172, {level: _as_published(values.sorted, level) for level in LEVELS})
    for value in (0.05, 0.3, 1.0, 2.0, 6.0, 50.0):
        (low, high), (least, most) = position(values, value), position(known, value)
        assert least <= low <= high <= most
    for level in LEVELS:
        exact, told = values.ranked(*ranks(172, level)), known.ranked(*ranks(172, level))
        assert told[0] is None or exact[0] is None or told[0] <= exact[0]
        assert told[1] is None or exact[1] is None or told[1] >= exact[1]


def _as_published(values: tuple[float, ...], level: float) -> float:
    """Linear between ranks from 1, as numpy's percentile does."""
    place = level * (len(values) - 1)
    low = int(place)
    return values[low] + (place - low) * (values[min(low + 1, len(values) - 1)] - values[low])


def test_built_in_groups_are_whole() -> None:
    assert [172, 129, 193, 249] == [one.n for one in built_in()]
    for one in built_in():
        assert one.about.source
        assert one.about.licence
        for name, figures in one.genera.items():
            assert isinstance(figures, Percentiles)
            values = [figures.known[level] for level in LEVELS]
            assert values == sorted(values), name
            assert 0 < figures.have <= one.n


def test_people_of_the_own_group_fall_outside_its_widest_band_about_five_in_a_hundred_times() -> None:
    own, dice, outside, asked = group(240, seed=3), random.Random(4), 0, 0
    for _ in range(600):
        for name, percent in person(dice).items():
            band = {one.name: one.value for one in place_of(name, percent, own).band}
            outside += not band["p2_5"] <= percent <= band["p97_5"]
            asked += 1

    assert 600 * len(GENERA) == asked
    assert 0.03 < outside / asked < 0.07


@pytest.mark.parametrize("n", [20, 40, 120])
def test_a_strip_keeps_the_order_of_what_it_draws(n: int) -> None:
    strip = strip_of(place_of("Bacteroides", 9.0, group(n)))

    assert strip is not None
    assert strip.first <= strip.lower <= strip.median <= strip.upper <= strip.last
    for low, high in [*strip.limits, (strip.at, strip.at)]:
        assert 0 <= low <= high <= 100


def test_where_no_band_may_be_shown_no_strip_is_drawn() -> None:
    assert None is strip_of(place_of("Bacteroides", 9.0, group(19)))
    assert None is strip_of(place_of("Bacteroides", 0.0, group(120)))
