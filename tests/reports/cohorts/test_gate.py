"""When a sample may be held beside a group, and who sees it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from telegut.reports.cohorts import unrecognised
from telegut.reports.cohorts.built_in import built_in
from telegut.reports.cohorts.circumstances import circumstances
from telegut.reports.cohorts.comparison import compare
from telegut.reports.cohorts.match import pipeline_family, region_of
from telegut.reports.taxonomy.databases import database_of
from tests.reports.cohorts.people import SAID, answer, group

SAMPLE = answer({"Bacteroides": 9.0, "Roseburia": 0.4, "Nova": 0.2})
FORBIDDEN = re.compile(
    r"score|ratio\b|dysbiosis|healthy gut|good bacteria|bad bacteria|balance|restore|boost|too (low|high)|abnormal"
    r"|deficien|normal range|percentile|you should",
    re.IGNORECASE,
)


def test_a_sample_measured_alike_is_placed_for_everybody() -> None:
    for_patient = False
    for for_patient in (False, True):
        found = compare(SAMPLE, SAID, [group(240)], for_patient=for_patient)

        assert (True, False, ()) == (found.matched, found.provisional, found.reasons)
        said = found.as_answer()
        assert "Bacteroides" == said["places"][0]["name"]
        assert said["places"][0]["words"].startswith("Higher than ")
        assert {"p2_5", "p50", "p97_5", "intervals"} <= set(said["places"][0]["band"])
        assert "found" == said["places"][2]["how"]
        assert ("Akkermansia", False) == next(
            (one["name"], one["detected"]) for one in said["places"] if one["name"] == "Akkermansia"
        )
        assert ("own", 1) == (said["group_id"], said["group_version"])
        json.dumps(said)


@pytest.mark.parametrize(("changed", "word"), [
    ({"method": {**SAMPLE["method"], "region": "amplicon"}}, "region"),
    ({"method": {**SAMPLE["method"], "pipeline": "MetaPhlAn 3"}}, "analysis"),
    ({"method": {**SAMPLE["method"], "database": "mpa_vOct22_CHOCOPhlAnSGB_202212"}}, "database of names"),
    ({"method": {**SAMPLE["method"], "database": None}}, "not stated for this sample"),
    ({"denominator": "all_reads"}, "percentages are of"),
])  # fmt: skip
def test_another_method_is_never_compared(changed: dict[str, Any], word: str) -> None:
    team = compare({**SAMPLE, **changed}, SAID, [group(240)], for_patient=False)
    patient = compare({**SAMPLE, **changed}, SAID, [group(240)], for_patient=True)

    for found in (team, patient):
        assert (None, False, (), None) == (found.group, found.matched, found.places, found.diversity)
    assert word in " ".join(team.considered[0].why)
    assert "No comparison group here was measured the same way" in team.why
    assert "We cannot say whether this is much or little" in patient.why
    assert () == patient.considered


@pytest.mark.parametrize(("changed", "word"), [
    ({"kit": None}, "the kit is not stated for this sample"),
    ({"kit": "own tube"}, "the kit differs"),
    ({"extraction": "phenol"}, "DNA was extracted differs"),
    ({"country": "Kenya"}, "the country differs"),
    ({"age": None}, "age at the time"),
    ({"age": 90}, "outside of the group"),
    ({"medicines": None}, "antibiotic"),
    ({"bowel_habit": "type 1"}, "stool form was unusual"),
])  # fmt: skip
def test_what_is_less_than_equal_is_provisional_and_for_the_team_alone(changed: dict[str, Any], word: str) -> None:
    team = compare(SAMPLE, {**SAID, **changed}, [group(240)], for_patient=False)
    patient = compare(SAMPLE, {**SAID, **changed}, [group(240)], for_patient=True)

    assert (True, True) == (team.matched, team.provisional)
    assert word in team.why
    assert team.places
    assert (None, False, ()) == (patient.group, patient.matched, patient.places)


@pytest.mark.parametrize(("changed", "word"), [
    ({"medicines": "amoxicillin until 2026-10-01"}, "less than 12 weeks"),
    ({"medicines": "an antibiotic in spring"}, "cannot be told"),
    ({"antibiotics_until": "2026-09-30", "antibiotics": "doxycycline"}, "less than 12 weeks"),
    ({"antibiotics": "yes"}, "cannot be told"),
    ({"stool_form": 7}, "watery"),
    ({"bowel_habit": "diarrhoea that week"}, "watery"),
])  # fmt: skip
def test_some_samples_are_compared_with_nobody(changed: dict[str, Any], word: str) -> None:
    for for_patient in (False, True):
        found = compare(SAMPLE, {**SAID, **changed}, [group(240)], for_patient=for_patient)

        assert (None, False, ()) == (found.group, found.matched, found.places)
        assert word in found.why
        assert found.against


@pytest.mark.parametrize("said", [
    {"medicines": "no antibiotics"},
    {"medicines": "amoxicillin until 2026-05-01"},
    {"antibiotics": "none in the last year", "medicines": "penicillin allergy"},
    {"antibiotics_until": "2026-06-30"},
])  # fmt: skip
def test_an_antibiotic_long_ago_or_none_speaks_against_nothing(said: dict[str, Any]) -> None:
    assert () == circumstances({"collected_at": "2026-11-03", **said}).against


def test_what_could_still_be_there_is_told_of_counted_reads_alone() -> None:
    counted = replace(group(240), about=replace(group(240).about, denominator="all_reads"))
    for sample, held, bound in (
        (SAMPLE, group(240), False),
        ({**SAMPLE, "denominator": "all_reads", "total_reads": 10_000}, counted, True),
    ):
        places = compare(sample, SAID, [held], for_patient=False).as_answer()["places"]
        missing = next(one["words"] for one in places if one["name"] == "Akkermansia")
        assert bound == ("up to about 0.03 %" in missing)
        assert "240 of the 240 people" in missing


def test_what_was_typed_by_hand_is_compared_with_nobody() -> None:
    found = compare({**SAMPLE, "format": "typed-by-hand"}, SAID, [group(240)], for_patient=False)

    assert (None, False) == (found.group, found.matched)
    assert "typed by hand" in found.why


def test_a_child_is_not_compared_with_adults() -> None:
    found = compare(SAMPLE, {**SAID, "age": 9}, [group(240)], for_patient=False)

    assert not found.matched
    assert "the group is of adults" in found.considered[0].why


def test_a_small_group_that_matches_says_so_to_both() -> None:
    for for_patient in (False, True):
        found = compare(SAMPLE, SAID, [group(60)], for_patient=for_patient)

        assert (True, True) == (found.matched, found.provisional)
        assert "fewer than 120 people" in found.why
        assert "p10" in (found.as_answer()["places"][0]["band"] or {})


def test_a_tiny_group_gives_nothing_away() -> None:
    said = compare(SAMPLE, SAID, [group(12)], for_patient=False).as_answer()

    assert ([], None) == (said["places"], said["diversity"])


def test_the_better_match_wins_then_the_clinics_own_then_the_larger() -> None:
    full, other_kit = group(130), replace(group(300), id="large", about=replace(group(300).about, kit="another"))
    larger = replace(group(200), id="larger")

    three = [full, other_kit, larger]
    assert "larger" == compare(SAMPLE, SAID, three, for_patient=False).as_answer()["group_id"]
    of_protocol = {**SAID, "group": "own"}
    assert "own" == compare(SAMPLE, of_protocol, three, for_patient=False).as_answer()["group_id"]
    assert "larger" == compare(SAMPLE, {**SAID, "group": "large"}, three, for_patient=False).as_answer()["group_id"]


def test_a_withdrawn_group_is_no_longer_for_patients() -> None:
    gone = replace(group(240), withdrawn=True)

    assert "withdrawn" in compare(SAMPLE, SAID, [gone], for_patient=False).why
    assert not compare(SAMPLE, SAID, [gone], for_patient=True).matched


def test_a_published_group_is_at_best_provisional_where_its_kit_is_not_stated() -> None:
    sample = answer(
        {"Bacteroides": 40.0, "Faecalibacterium": 3.0},
        method={"region": "shotgun", "pipeline": "MetaPhlAn 2", "database": None},
    )
    team = compare(sample, SAID, built_in(), for_patient=False)

    assert "hmp1ii_2017_shotgun" == team.as_answer()["group_id"]
    assert "the kit is not stated for the group" in team.reasons
    assert not compare(sample, SAID, built_in(), for_patient=True).matched


def test_no_published_group_is_held_beside_another_method() -> None:
    for region, pipeline, database in (
        ("V4", "QIIME 2 with DADA2", "Greengenes 13_8"),
        ("V3-V4", "mothur", "RDP trainset 10"),
        ("V4", "mothur", "RDP trainset 18"),
        ("shotgun", "MetaPhlAn 4", "mpa_vJun23_CHOCOPhlAnSGB_202307"),
    ):
        method = {"region": region, "pipeline": pipeline, "database": database}
        assert not compare({**SAMPLE, "method": method}, SAID, built_in(), for_patient=False).matched


def test_profiles_with_and_without_what_was_not_recognised_are_on_two_scales() -> None:
    with_rest = {**SAMPLE, "unclassified_percent": 60.0}
    theirs = replace(group(240), about=replace(group(240).about, denominator="profile_with_unrecognised"))

    for sample, held, matched in (
        (SAMPLE, group(240), True),
        ({**SAMPLE, "unclassified_percent": 0.0}, group(240), True),
        (with_rest, group(240), False),
        (with_rest, theirs, True),
        (SAMPLE, theirs, False),
    ):
        found = compare(sample, SAID, [held], for_patient=False)
        assert matched is found.matched
        assert matched or "what the percentages are of differs" in found.considered[0].why[0]


@pytest.mark.parametrize(("heads", "value", "denominator", "wrong"), [
    ("person\tBacteroides\tUNKNOWN", "60", "profile", True),
    ("person\tBacteroides\tUNKNOWN", "0", "profile", False),
    ("person,Bacteroides,Unclassified", "60", "profile_with_unrecognised", False),
    ("person\tBacteroides\tUnassigned", "60", "profile", False),
    ("person\tBacteroides\tUnassigned", "60", "profile_with_unrecognised", True),
    ("person\tBacteroides\tUNKNOWN", "60", "all_reads", False),
])  # fmt: skip
def test_a_table_and_what_is_said_of_its_whole_agree(heads: str, value: str, denominator: str, *, wrong: bool) -> None:
    mark = "," if "," in heads else "\t"
    table = f"{heads}\nP1{mark}40{mark}{value}\n".encode()

    assert wrong is bool(list(unrecognised.wrong(table, {"denominator": denominator})))


@pytest.mark.parametrize(("one", "other", "same"), [
    ("RDP classifier 2.13, trainset 18", "RDP classifier 2.13, trainset 16", False),
    ("RDP trainset 18", "RDP classifier 2.11, training set 18", True),
    ("RDP classifier 2.13", "RDP classifier 2.13", False),
    ("GTDB bac120 r202", "GTDB bac120 r207", False), ("GTDB 16S r202", "GTDB 16S r207", False),
    ("GTDB R09-RS220", "gtdb_rs220", True), ("GTDB 207", "GTDB r207", True),
    ("SILVA NR99 v138", "silva_nr99_v138_train_set", True), ("SILVA 138.1", "silva_nr99_v138.1_train_set", True),
    ("SILVA 132", "SILVA NR99 v138", False), ("silva 515f-806r", "silva 515f-806r", False),
])  # fmt: skip
def test_databases_are_told_apart_by_their_own_version(one: str, other: str, *, same: bool) -> None:
    here, there = database_of(one), database_of(other)

    assert here is not None
    assert there is not None
    assert same is here.same_as(there)


def test_no_sentence_judges() -> None:
    for said in (SAID, {}, {**SAID, "stool_form": 7}):
        for groups in ([group(240)], [group(60)], built_in()):
            for for_patient in (True, False):
                text = json.dumps(compare(SAMPLE, said, groups, for_patient=for_patient).as_answer())
                assert None is FORBIDDEN.search(text)


@pytest.mark.parametrize(("text", "expected"), [
    ("515F/806R, V4 region", "V4"), ("V3–V5", "V3-V5"), ("V3V4", "V3-V4"), ("none", "shotgun"),
    ("V2, V3, V4, V6-7, V8, V9 (Ion 16S kit)", None), ("V1-V2 and V4", None), ("V4, V4-V5", None), ("18S V4", None),
    ("16S V4 v1.2 protocol", None), ("ITS1", None), ("V4 of 16S, V4 primers", "V4"), ("V1-V9 full length", "V1-V9"),
    ("Whole metagenome", "shotgun"), ("16S", None), ("", None), (None, None),
])  # fmt: skip
def test_a_region_is_told_from_words(text: str | None, expected: str | None) -> None:
    assert expected == region_of(text)


@pytest.mark.parametrize(("text", "expected"), [
    ("mothur v1.48", "mothur"), ("QIIME 1.9.1, closed-reference", "QIIME 1 closed reference"),
    ("QIIME 2 2024.5, DADA2", "DADA2"), ("metaphlan 4.1.1", "MetaPhlAn 4"), ("kraken2 2.1.3", "Kraken"),
    ("Kraken 2 and Bracken", "Kraken and Bracken"), ("our pipeline 3.1", "our pipeline"), (None, None),
])  # fmt: skip
def test_a_pipeline_is_told_by_its_family(text: str | None, expected: str | None) -> None:
    assert expected == pipeline_family(text)
