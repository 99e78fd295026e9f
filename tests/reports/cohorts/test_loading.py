"""The table of a clinic's own group: what is read, and what keeps it out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telegut.reports.cohorts.built_in import built_in
from telegut.reports.cohorts.loading import load
from tests.reports.cohorts.people import GENERA, table

HEAD = "person,age,sex,reads,patient,consent,g__Bacteroides,Blautia\n"
FIVE = "".join(f"P{at},30,f,20000,,,{10 + at},{at}.5\n" for at in range(1, 6))


def codes(text: str | bytes, unit: str = "percent") -> list[str]:
    data = text if isinstance(text, bytes) else text.encode()
    return [one.code for one in load(data, unit).findings if one.blocks]  # type: ignore[arg-type]


def test_a_table_becomes_sorted_values_without_rows() -> None:
    found = load(table(30), "percent")

    assert [] == [one for one in found.findings if one.blocks]
    figures = found.figures()
    assert set(GENERA) == set(figures["genera"])  # type: ignore[call-overload]
    for values in figures["genera"].values():  # type: ignore[attr-defined]
        assert values == sorted(values)
        assert 30 == len(values)
    assert 2_000_000 == found.depth


def test_reads_become_percentages_and_names_are_spelled_our_way() -> None:
    found = load((HEAD + FIVE.replace(".5", "")).encode(), "reads")

    assert ("Bacteroides", "Blautia") == found.genera
    assert (11 * 100 / 20_000, 1 * 100 / 20_000) == found.people[0].amounts


@pytest.mark.parametrize(("text", "expected"), [
    (HEAD + FIVE, []),
    (HEAD.replace(",", ";") + FIVE.replace(",", ";"), []),
    ("", ["empty"]),
    (HEAD, ["empty"]),
    ("name,Bacteroides\na,1\n", ["no_person_column"]),
    ("person,age\na,1\n", ["no_genera"]),
    ("person,age,age,Blautia\na,1,1,1\n", ["column_twice"]),
    ("person,Blautia,g__Blautia\na,1,1\n", ["genus_twice"]),
    (HEAD + FIVE[: FIVE.index("P5")], ["too_few_people"]),
    (HEAD + FIVE + "p1,44,f,20000,,,3,3\n", ["person_twice"]),
    (HEAD + FIVE + "P9,44,f,20000,,,11,1.5\n", ["same_values"]),
    (HEAD + FIVE + "P9,44,f,20000,,,99,3\n", ["line"]),
    (HEAD + FIVE + "P9,44,f,20000,,,-1,3\n", ["line"]),
    (HEAD + FIVE + "P9,44,f,20000,,,nan,3\n", ["line"]),
    (HEAD + FIVE + "P9,44,f,20000,,,much,3\n", ["line"]),
    (HEAD + FIVE + "P9,44,f,500,,,1,3\n", ["line"]),
    (HEAD + FIVE + "P9,440,f,20000,,,1,3\n", ["line"]),
    (HEAD + FIVE + "P9,44,f,20000,somebody,,1,3\n", ["line"]),
    (HEAD + FIVE + ",44,f,20000,,,1,3\n", ["line"]),
    (HEAD + FIVE + "P9,44,f,20000,,,0,0\n", ["line"]),
    (HEAD + FIVE + "P9,44,f,900000,,,1,3\n", ["depths_differ"]),
    (b"\xff\xfe\x00", ["not_text"]),
])  # fmt: skip
def test_what_is_wrong_is_said_by_name(text: str | bytes, expected: list[str]) -> None:
    assert expected == codes(text)


def test_more_reads_on_genera_than_the_sample_has_is_refused() -> None:
    assert ["line"] * 5 == codes(HEAD + FIVE.replace("20000", "1000").replace(".5", "00000"), "reads")


def test_a_table_without_a_single_zero_has_had_something_added() -> None:
    genera = sorted(built_in()[0].genera)[:20]
    rows = [",".join([f"P{who}", *(f"{1 + who * 0.01 + at * 0.02:.3f}" for at in range(20))]) for who in range(6)]

    assert ["pseudocounts"] == codes("\n".join([",".join(["person", *genera]), *rows]))


def test_depth_that_nobody_states_is_told_to_whoever_approves() -> None:
    found = load((HEAD + FIVE.replace("20000", "")).encode(), "percent")

    told = [(one.code, one.blocks) for one in found.findings]
    assert [("depth_not_stated", False), ("not_whole", False), ("small_sums", False)] == told


def test_what_is_no_name_of_a_genus_is_left_out_by_name() -> None:
    text = HEAD.replace("Blautia", "Blautia,bmi,=cmd|x,F/B ratio") + FIVE.replace("\n", ",2,3,4\n")

    found = load(text.encode(), "percent")

    (left,) = [one.text for one in found.findings if one.code == "columns_left_out"]
    assert ("Bacteroides", "Blautia") == found.genera
    assert all(name in left for name in ("bmi", "=cmd|x", "F/B ratio"))


COUNTED = "person,Blautia,Dorea,Unassigned\n" + "".join(f"P{at},{at}0000,70000,9\n" for at in range(1, 6))
WHOLE = "person,reads,Blautia,Unassigned\n" + "".join(f"P{at},20000,{at}0,{100 - at * 10}\n" for at in range(1, 6))


@pytest.mark.parametrize(("text", "unit", "whole"), [
    (WHOLE, "percent", True),
    (WHOLE.replace("P3,20000,30,70", "P3,20000,30,60"), "percent", False),
    (WHOLE.replace(",Unassigned", ",Rest").replace("20000", "100000"), "percent", True),
    (WHOLE.replace("20000", "10000").replace("0,", "00,"), "reads", False),
    (HEAD + FIVE, "percent", False),
    (COUNTED, "reads", False),
])  # fmt: skip
def test_what_has_no_column_was_not_there_only_where_the_columns_are_the_whole_sample(
    text: str, unit: str, whole: bool
) -> None:
    found = load(text.encode(), unit)  # type: ignore[arg-type]

    assert not [one for one in found.findings if one.blocks]
    assert whole == found.figures()["complete"] == ("not_whole" not in {one.code for one in found.findings})
    assert whole == bool(found.figures()["shannon"])


def test_a_column_that_is_not_known_is_a_genus_only_when_somebody_says_so() -> None:
    text = (HEAD.replace("Blautia", "Blautia,Vagina,BMI,GutScore,Rest") + FIVE.replace("\n", ",2,3,24,5\n")).encode()

    asked, answered = load(text, "percent"), load(text, "percent", {"Vagina", "GutScore", "Nobody asked"})
    assert (("Vagina", "BMI"), ("Bacteroides", "Blautia")) == (asked.unknown, asked.genera)
    assert (("BMI",), ("Vagina",)) == (answered.unknown, answered.confirmed)
    assert ("Bacteroides", "Blautia", "Vagina") == answered.genera
    told = {one.code: str(one.text) for one in answered.findings}
    assert "“Vagina”" in told["names_confirmed"]
    assert "“BMI”, “GutScore”" in told["columns_left_out"]
    assert ["no_genera"] == codes("person,age,GutScore\na,1,2\n")
    assert ("Vagina",) == load(b"person,Vagina\na,1\n", "percent").unknown, "asked before it is refused"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=300).map(lambda text: (HEAD + text).encode()))
def test_any_bytes_end_in_a_table_or_a_finding(data: bytes) -> None:
    for unit in ("percent", "reads"):
        found = load(data, unit)
        assert found.people or found.findings
