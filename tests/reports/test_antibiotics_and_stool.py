"""What is said of antibiotics and stool form is read once, and in the way that compares less."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from telegut.reports.antibiotics_and_stool import Antibiotic, antibiotic, stool_form, watery
from telegut.reports.change.circumstances import reasons
from telegut.reports.cohorts.circumstances import circumstances
from tests.reports.change.samples import EARLIER, LATER, measured

NONE, UNSTATED = Antibiotic("none"), Antibiotic("unstated")


@pytest.mark.parametrize(("said", "expected"), [
    ({}, UNSTATED),
    ({"medicines": "none"}, NONE),
    ({"medicines": "sertraline; no antibiotics"}, NONE),
    ({"medicines": "penicillin allergy"}, UNSTATED),
    ({"medicines": "allergic to amoxicillin, takes metformin"}, UNSTATED),
    ({"medicines": "sertraline, an unknown brand"}, UNSTATED),
    ({"medicines": "penicillin allergy; no antibiotics in the last year"}, NONE),
    ({"medicines": "no other medicines or antibiotics"}, NONE),
    ({"medicines": "did not finish antibiotics"}, Antibiotic("named")),
    ({"medicines": "none besides antibiotics last week"}, Antibiotic("named")),
    ({"medicines": "no more antibiotics since 2026-05"}, Antibiotic("named", date(2026, 5, 31))),
    ({"medicines": "no antibiotics since yesterday"}, Antibiotic("named")),
    ({"medicines": "Augmentin until last week"}, Antibiotic("named")),
    ({"medicines": "Cipro"}, Antibiotic("named")),
    ({"medicines": "rifampicin"}, Antibiotic("named")),
    ({"medicines": "keine Antibiotika"}, NONE),
    ({"antibiotics": "-"}, UNSTATED),
    ({"antibiotics": "No idea"}, UNSTATED),
    ({"antibiotics": "not sure", "medicines": "none"}, NONE),
    ({"antibiotics": "none known"}, UNSTATED),
    ({"antibiotics": "I would rather not say", "medicines": "I would rather not say"}, UNSTATED),
    ({"medicines": "see my file"}, UNSTATED),
    ({"antibiotics": "0"}, NONE),
    ({"antibiotics": "in den letzten 12 Monaten keine"}, NONE),
    ({"antibiotics": "0 days ago"}, Antibiotic("named")),
    ({"antibiotics": "No, yes: see below"}, Antibiotic("named")),
    ({"antibiotics": "never mind, yes"}, Antibiotic("named")),
    ({"antibiotics": "No antibiotics except last month: one course"}, Antibiotic("named")),
    ({"antibiotics": "none in the last year", "medicines": "rifaximin"}, Antibiotic("named")),
    ({"antibiotics": "none", "medicines": "amoxicillin until 2026-11-10"}, Antibiotic("named", date(2026, 11, 10))),
    ({"antibiotics": "none", "medicines": "sertraline"}, NONE),
    ({"antibiotics": "none in the last month", "medicines": "none"}, UNSTATED),
    ({"antibiotics": "no (last 6 months)"}, NONE),
    ({"antibiotics": "none in the last month"}, UNSTATED),
    ({"antibiotics": "none in the last 4 weeks"}, UNSTATED),
    ({"medicines": "no antibiotics in the past two weeks"}, UNSTATED),
    ({"antibiotics": "no, but doxycycline in 2026-05"}, Antibiotic("named", date(2026, 5, 31))),
    ({"antibiotics": "yes"}, Antibiotic("named")),
    ({"medicines": "amoxicillin until 2026-05-01, no antibiotics since"}, Antibiotic("named", date(2026, 5, 1))),
    ({"medicines": "amoxicillin in 2019"}, Antibiotic("named", date(2019, 12, 31))),
    ({"medicines": "amoxicillin in 2024-02"}, Antibiotic("named", date(2024, 2, 29))),
    ({"medicines": "cefuroxime 2025.11 and 2026/12"}, Antibiotic("named", date(2026, 12, 31))),
    ({"medicines": "ciprofloxacin until 2026-02-31"}, Antibiotic("named", date(2026, 2, 28))),
    ({"antibiotics_until": "2026-06-30", "antibiotics": "no"}, Antibiotic("named", date(2026, 6, 30))),
])  # fmt: skip
def test_what_is_said_of_antibiotics(said: dict[str, Any], expected: Antibiotic) -> None:
    assert expected == antibiotic(said)


@pytest.mark.parametrize("text", [
    "not now", "not currently", "No current medications",
    "none currently", "currently none", "none now", "none at present", "none today",
    "none for 10 days", "none in 10 days", "none for two weeks", "not for a few days", "no antibiotics for 3 weeks",
    "no antibiotics within 30 days", "no, not this week", "no antibiotics for a month", "none for half a month",
    "none these days", "no recent antibiotics", "keine seit 2 Wochen", "none in the last couple of months",
])  # fmt: skip
@pytest.mark.parametrize("field", ["antibiotics", "medicines"])
def test_a_denial_of_a_moment_or_a_short_time_is_none(field: str, text: str) -> None:
    assert antibiotic({field: text}).said in {"unstated", "named"}


@pytest.mark.parametrize("text", ["none for 4 months", "none in 90 days", "no antibiotics for years", "none, 12 weeks"])
def test_a_denial_of_a_long_time_says_that_none_was_taken(text: str) -> None:
    assert NONE == antibiotic({"antibiotics": text})


def test_the_form_of_an_order_asks_for_medicines_besides_antibiotics() -> None:
    inherited = {"inherited": {"medicines": "order"}}

    assert UNSTATED == antibiotic({"medicines": "none", **inherited})
    assert NONE == antibiotic({"medicines": "none", "antibiotics": "none", **inherited})
    assert NONE == antibiotic({"medicines": "no medicines, no antibiotics", **inherited})


@pytest.mark.parametrize(("said", "expected"), [
    ({"bowel_habit": "1 to 7"}, None), ({"bowel_habit": "type 3 to 5"}, 4),
    ({}, None), ({"bowel_habit": "type 4"}, 4), ({"bowel_habit": " 3 "}, 3), ({"bowel_habit": "3-4"}, 3.5),
    ({"bowel_habit": "every 2 days"}, None), ({"bowel_habit": "2 a day, type 4"}, 4),
    ({"bowel_habit": "form normal, 2 a day"}, None), ({"bowel_habit": "type 2 mostly"}, 2),
    ({"bowel_habit": "Bristol 5, daily"}, 5), ({"bowel_habit": "Bristol stool form is usually 6 to 7"}, 6.5),
    ({"bowel_habit": "form 4 to 6, every day"}, 5), ({"bowel_habit": "type 3 times a day"}, None),
    ({"stool_form": 2, "bowel_habit": "type 4"}, 2), ({"stool_form": 9}, None), ({"stool_form": True}, None),
])  # fmt: skip
def test_the_stool_form_is_read_from_words(said: dict[str, Any], expected: float | None) -> None:
    assert expected == stool_form(said)


@pytest.mark.parametrize(("said", "expected"), [
    ({"stool_form": 7}, True), ({"stool_form": 6}, False), ({"bowel_habit": "type 6-7"}, True),
    ({"bowel_habit": "watery that week"}, True), ({"bowel_habit": "no diarrhoea"}, False),
    ({"bowel_habit": "diarrhoea last month, now type 4"}, False), ({}, False),
])  # fmt: skip
def test_watery_is_told_by_form_or_word(said: dict[str, Any], expected: bool) -> None:
    assert expected == watery(said)


@pytest.mark.parametrize(("said", "expected"), [
    ({"medicines": "none"}, set()),
    ({"antibiotics_until": "2026-08-20"}, {"antibiotic_between"}),
    ({"antibiotics": "yes"}, {"antibiotic_between"}),
    ({"antibiotics_until": "2025-06-30"}, set()),
    ({"bowel_habit": "diarrhoea"}, {"stool_form_differs"}),
])  # fmt: skip
def test_a_group_and_an_earlier_sample_are_told_the_same(said: dict[str, Any], expected: set[str]) -> None:
    later, earlier = measured(day=LATER, said=said), measured(day=EARLIER, said={"medicines": "none"})

    assert expected == {one.code for one in reasons(later, earlier)}
    assert bool(expected) == bool(circumstances({**said, "collected_at": LATER.isoformat()}).against)


def test_loose_stool_in_words_beside_a_usual_form_is_a_reservation() -> None:
    said = {"bowel_habit": "diarrhoea most days, sometimes type 4", "antibiotics": "none"}

    assert ["watery stool is spoken of" in one for one in circumstances(said).reasons] == [True]


def test_who_would_rather_not_say_is_compared_with_a_reservation() -> None:
    unsaid = dict.fromkeys(("medicines", "bowel_habit"), "I would rather not say")

    assert 2 == len(circumstances({**unsaid, "collected_at": LATER.isoformat()}).reasons)


def test_an_antibiotic_before_the_earlier_sample_counts_by_whichever_form_tells_it() -> None:
    earlier = measured(day=EARLIER, said={"antibiotics_until": "2026-02-10"})

    assert ["antibiotic_between"] == [one.code for one in reasons(measured(day=LATER), earlier)]


def test_an_antibiotic_that_ended_after_the_later_sample_may_speak_in_it() -> None:
    later = measured(day=LATER, said={"antibiotics_until": "2026-09-03"})

    assert ["antibiotic_between"] == [one.code for one in reasons(later, measured(day=EARLIER))]
