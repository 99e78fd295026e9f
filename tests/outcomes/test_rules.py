"""Scoring as tables, scales, and what makes no sense."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from telegut.errors import Invalid
from telegut.outcomes.instruments import ADHERENCE, BY_ID, GAD_7, GUT_SYMPTOMS, INSTRUMENTS, MEASURES, Instrument
from telegut.outcomes.rules import (
    Felt,
    check_answers,
    check_day,
    check_felt,
    check_span,
    instrument,
    newest_of_each_day,
    score,
)

TODAY = date(2026, 11, 24)
ITEMS = [item.id for item in GAD_7.items]


def answered(*values: int | None) -> dict[str, int]:
    return {id: value for id, value in zip(ITEMS, values, strict=True) if value is not None}


@pytest.mark.parametrize(
    ("values", "total", "band"),
    [
        ((0, 0, 0, 0, 0, 0, 0), 0, "minimal"),
        ((1, 1, 1, 1, 0, 0, 0), 4, "minimal"),
        ((1, 1, 1, 1, 1, 0, 0), 5, "mild"),
        ((3, 3, 3, 0, 0, 0, 0), 9, "mild"),
        ((3, 3, 3, 1, 0, 0, 0), 10, "moderate"),
        ((3, 3, 3, 3, 2, 0, 0), 14, "moderate"),
        ((3, 3, 3, 3, 3, 0, 0), 15, "severe"),
        ((3, 3, 3, 3, 3, 3, 3), 21, "severe"),
    ],
)
def test_gad_7_is_scored_as_published(values: tuple[int, ...], total: int, band: str) -> None:
    scored = score(GAD_7, answered(*values))

    assert (total, band, ()) == (scored.total, scored.band and scored.band.name, scored.missing)


@pytest.mark.parametrize("gap", range(7))
def test_a_missing_item_gives_no_total(gap: int) -> None:
    values: list[int | None] = [1] * 7
    values[gap] = None
    scored = score(GAD_7, answered(*values))

    assert (None, None, (ITEMS[gap],)) == (scored.total, scored.band, scored.missing)


def test_gut_symptoms_stand_for_themselves() -> None:
    scored = score(GUT_SYMPTOMS, {item.id: item.low for item in GUT_SYMPTOMS.items})

    assert (None, None, ()) == (scored.total, scored.band, scored.missing)


def test_one_item_can_be_a_total() -> None:
    assert 70 == score(ADHERENCE, {"share": 70}).total


@pytest.mark.parametrize("one", INSTRUMENTS, ids=lambda one: one.id)
def test_every_instrument_says_where_it_is_from(one: Instrument) -> None:
    assert one.source
    assert one.licence
    assert one.version >= 1
    assert len(one.items) == len({item.id for item in one.items})
    assert not one.bands or one.bands_source
    assert one.change is None or one.change_source


@pytest.mark.parametrize("one", [one for one in INSTRUMENTS if one.bands], ids=lambda one: one.id)
def test_bands_cover_the_scale_without_a_gap(one: Instrument) -> None:
    covered = [total for band in one.bands for total in range(band.low, band.high + 1)]

    assert list(range(one.low, one.high + 1)) == covered


def test_gad_7_has_its_codes() -> None:
    assert ("69737-5", "70274-6") == (GAD_7.loinc, GAD_7.loinc_total)
    assert ["69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7"] == [
        item.loinc for item in GAD_7.items
    ]


def test_phq_9_is_not_offered_before_its_ninth_item_acts() -> None:
    assert not [id for id in BY_ID if "phq" in id]


@pytest.mark.parametrize(
    ("answers", "fields"),
    [
        ({"nervous": 4}, ["answers.nervous"]),
        ({"nervous": -1}, ["answers.nervous"]),
        ({"sad": 1}, ["answers.sad"]),
        ({"nervous": 9, "sad": 1}, ["answers.nervous", "answers.sad"]),
        ({}, ["answers"]),
        ({"nervous": None}, ["answers"]),
    ],
)
def test_answers_off_the_scale_are_refused(answers: dict[str, int | None], fields: list[str]) -> None:
    with pytest.raises(Invalid) as refusal:
        check_answers(GAD_7, answers)

    assert fields == [error.field for error in refusal.value.errors]


def test_an_answer_left_open_is_left_out() -> None:
    assert {"nervous": 0} == check_answers(GAD_7, {"nervous": 0, "control": None})


def test_an_instrument_is_found_in_its_version() -> None:
    assert GAD_7 is instrument("gad-7")
    assert GAD_7 is instrument("gad-7", 1)
    for id, version in (("gad-7", 2), ("phq-9", None)):
        with pytest.raises(Invalid):
            instrument(id, version)


@pytest.mark.parametrize(
    ("felt", "fine"),
    [
        (Felt(mood=1), True),
        (Felt(gut=5, sleep=3), True),
        (Felt(note="Slept badly."), True),
        (Felt(), False),
        (Felt(note="  "), False),
        (Felt(mood=0), False),
        (Felt(sleep=6), False),
    ],
)
def test_an_entry_says_something_on_its_scale(felt: Felt, fine: bool) -> None:
    if fine:
        check_felt(felt)
        return
    with pytest.raises(Invalid):
        check_felt(felt)


@pytest.mark.parametrize(("back", "fine"), [(0, True), (14, True), (15, False), (-1, False)])
def test_a_day_is_recent_and_has_come(back: int, fine: bool) -> None:
    day = TODAY - timedelta(days=back)
    if fine:
        check_day(day, today=TODAY, back=timedelta(days=14))
        return
    with pytest.raises(Invalid):
        check_day(day, today=TODAY, back=timedelta(days=14))


def test_a_span_has_a_length() -> None:
    check_span(TODAY, TODAY, longest=timedelta(days=7))
    for since in (TODAY + timedelta(days=1), TODAY - timedelta(days=8)):
        with pytest.raises(Invalid):
            check_span(since, TODAY, longest=timedelta(days=7))


def test_of_several_entries_a_day_the_last_counts() -> None:
    day = TODAY - timedelta(days=1)

    assert [(day, 5), (TODAY, 2)] == newest_of_each_day([(TODAY, 1), (day, 5), (TODAY, 2)])


def test_measures_are_unique_and_have_a_scale() -> None:
    assert len(MEASURES) == len({one.id for one in MEASURES})
    assert all(one.low < one.high and one.unit for one in MEASURES)
