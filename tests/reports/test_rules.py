"""Interpretation: totals, what is left over, remarks, diversity; and what never appears."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegut.reports import statements
from telegut.reports.answer import answer
from telegut.reports.cohorts.built_in import built_in
from telegut.reports.cohorts.comparison import compare
from telegut.reports.described import not_yet
from telegut.reports.diversity import observed, shannon
from telegut.reports.formats.profile import RANKS, is_blank, readable
from telegut.reports.formats.reading import read
from telegut.reports.rules import interpret
from tests.reports import lab


def said(data: bytes, sample: str | None = None) -> dict[str, object]:
    return answer(interpret(read([data], sample)))


def codes(data: bytes, sample: str | None = None) -> list[str]:
    warnings = said(data, sample)["warnings"]
    assert isinstance(warnings, list)
    return [one["code"] for one in warnings]


def test_the_answer_has_the_names_of_the_contract() -> None:
    found = said(lab.metaphlan_4())

    wanted = {
        *("format", "samples", "sample", "denominator", "total_reads", "unclassified_percent", "classified_percent"),
        *("taxa", "method", "diversity", "warnings"),
    }
    assert wanted <= set(found)
    assert {"database", "pipeline", "region"} == set(found["method"])  # type: ignore[call-overload]
    assert {"rank", "log_base", "shannon", "observed_genera", "depth"} == set(found["diversity"])  # type: ignore[call-overload]
    assert {"name", "rank", "taxid", "lineage", "percent", "reads"} == set(found["taxa"][0])  # type: ignore[index]


@pytest.mark.parametrize("data", [lab.metaphlan_4(), lab.metaphlan_3(unknown=20), lab.kraken(lab.gut(human=99_000))])
def test_genera_and_unassigned_make_up_all_that_was_classified(data: bytes) -> None:
    reading = interpret(read([data]))
    totals = reading.totals
    genera = math.fsum(row.percent for row in reading.taxa if row.rank == "genus")

    named = totals.classified_percent if totals.classified_percent is not None else 100.0
    assert math.isclose(named - (totals.human_percent or 0), genera, abs_tol=1e-4)


def test_rows_come_by_rank_and_then_the_largest_first() -> None:
    rows = interpret(read([lab.kraken(lab.gut())])).taxa

    assert [(RANKS.index(row.rank), -row.percent) for row in rows] == sorted(
        (RANKS.index(row.rank), -row.percent) for row in rows
    )


def test_diversity_is_that_of_named_genera() -> None:
    diversity = interpret(read([lab.metaphlan_4()])).diversity

    expected = -(2 / 3 * math.log(2 / 3) + 1 / 3 * math.log(1 / 3))
    assert diversity.shannon == pytest.approx(expected, rel=1e-12)
    assert (2, None) == (diversity.observed_genera, diversity.depth)


# scikit-bio 0.7.4, skbio.diversity.alpha.shannon(counts, base=e)
@pytest.mark.parametrize(("amounts", "expected"), [
    ([5], 0.0),
    ([1, 1], math.log(2)),
    ([1, 1, 1, 1], math.log(4)),
    ([0, 10, 0, 10], math.log(2)),
    ([1, 2, 3, 4], 1.2798542258336676),
    ([120, 3, 45, 0, 7, 1], 0.8368701934307573),
    ([0, 1, 1, 4, 2, 5, 2, 4, 1, 2], 2.032113929063348),
])  # fmt: skip
def test_shannon_in_known_cases(amounts: list[float], expected: float) -> None:
    assert shannon(amounts) == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=50), st.floats(0.001, 1000))
def test_shannon_does_not_depend_on_the_unit_and_stays_in_its_bounds(amounts: list[float], scale: float) -> None:
    first, second = shannon(amounts), shannon([amount * scale for amount in amounts])
    if first is None or second is None:
        return

    assert first == pytest.approx(second, abs=1e-6)
    assert -1e-9 <= first <= math.log(max(observed(amounts), 1)) + 1e-9


@pytest.mark.parametrize(("name", "blank"), [
    ("", True), ("_", True), ("unclassified", True), ("Unassigned", True), ("Lachnospiraceae_unclassified", True),
    ("Bacteria_noname", True), ("unclassified Siphoviridae", True), ("uncultured", True), ("Bacteroides", False),
    ("Clostridia_unclassified_SGB4373", False), ("Unclassifiedella", False),
])  # fmt: skip
def test_blank_names(name: str, blank: bool) -> None:
    assert blank == is_blank(name)


@pytest.mark.parametrize(("name", "shown"), [
    ("Bacteroides_uniformis", "Bacteroides uniformis"),
    ("GGB25847_SGB37835", "GGB25847_SGB37835"),
    ("Clostridium_sp_CAG_58", "Clostridium sp CAG 58"),
    ("Blautia_A", "Blautia_A"),
    ("Blautia_A wexlerae", "Blautia_A wexlerae"),
    ("Clostridia_unclassified_SGB4373", "Clostridia SGB4373"),
])  # fmt: skip
def test_names_as_people_write_them(name: str, shown: str) -> None:
    assert shown == readable(name)


def one_family(**genera: float) -> bytes:
    rows = [("k__Bacteria", "2", 100.0), ("k__Bacteria|f__X", "", 100.0)]
    for genus, percent in genera.items():
        rows.append((f"k__Bacteria|f__X|g__{genus}", "", percent))
        rows.append((f"k__Bacteria|f__X|g__{genus}|s__{genus}_a", "", percent))
    return lab.metaphlan_4(rows)


@pytest.mark.parametrize(("data", "expected"), [
    (one_family(Bacteroides=90.0, Roseburia=10.0), []),
    (one_family(Bacteroides=90.1, Roseburia=9.9), ["one_organism"]),
    (one_family(Bacteroides=60, Roseburia=35, Veillonella=5.0), []),
    (one_family(Bacteroides=60, Roseburia=34.9, Veillonella=5.1), ["oral_or_skin"]),
    (one_family(Bacteroides=60, Roseburia=34, Cutibacterium=3, Streptococcus=3), ["oral_or_skin"]),
    (one_family(Bacteroides=60, Roseburia=39), ["ranks_do_not_add_up"]),
    (one_family(Bacteroides=60, Roseburia=41), ["ranks_do_not_add_up"]),
    (lab.metaphlan_4(header=lab.HEADER_4.replace("12000000", "499999")), ["shallow"]),
    (lab.metaphlan_4(header=lab.HEADER_4.replace("12000000", "500000")), []),
    (lab.metaphlan_3([("k__Bacteria", "2", 60.0)]), ["ranks_do_not_add_up"]),
])  # fmt: skip
def test_what_is_remarked(data: bytes, expected: list[str]) -> None:
    assert expected == codes(data)


def test_shares_of_what_could_be_named_decide_not_shares_of_everything() -> None:
    assert ["one_organism"] == codes(
        lab.metaphlan_3([("k__Bacteria", "2", 100.0), ("k__Bacteria|g__A|s__A_b", "2", 100.0)], unknown=80)
    )


FORBIDDEN = re.compile(
    r"score|ratio|dysbiosis|eubiosis|firmicutes.{0,3}/|f/b|health(y|ier) gut|good bacteria|bad bacteria|balance|restore"
    r"|boost|cure|you should (eat|take)|too (low|high)|abnormal|deficien",
    re.IGNORECASE,
)
HARMLESS = re.compile(
    r"preserveAspectRatio|values of healthy people|gene[rt]ation|duration|concentration|respiration"
    r"|Leave out scores, ratios, ranges and advice: they are not kept",
    re.IGNORECASE,
)


@pytest.mark.parametrize("data", [lab.metaphlan_4(), lab.kraken(lab.gut(human=900_000)), one_family(Streptococcus=100)])
def test_no_score_no_ratio_no_advice_comes_out(data: bytes) -> None:
    found = said(data)
    beside = compare(found, {}, built_in(), for_patient=False).as_answer()
    text = json.dumps([found, beside, statements.EVIDENCE, statements.DIVERSITY])

    assert None is FORBIDDEN.search(HARMLESS.sub("", text))


def test_no_page_and_no_type_knows_a_score_or_a_ratio() -> None:
    package = Path(__file__).parents[2] / "telegut" / "reports"
    words = [
        FORBIDDEN.search(HARMLESS.sub("", path.read_text()))
        for path in [*package.glob("pages/*.html"), package / "bodies.py"]
    ]

    assert [] == [word[0] for word in words if word]


def test_the_comparison_says_why_there_is_none() -> None:
    full = compare(said(lab.metaphlan_3()), {}, built_in(), for_patient=False)
    bare = compare(said(lab.kraken(lab.gut())), {}, built_in(), for_patient=False)

    assert (None, False) == (full.group, full.matched)
    assert "shotgun, MetaPhlAn 3, mpa_v30" in full.why
    assert "Nobody states its region and database" in bare.why


@pytest.mark.parametrize(("said", "fields"), [
    ({}, []),
    ({"collected_at": "2026-11-22"}, []),
    ({"collected_at": "2026-11-23", "received_at": "2026-11-23T13:00:00Z"}, []),
    ({"collected_at": "2026-11-24"}, ["collected_at"]),
    ({"collected_at": "2026-11-01", "received_at": "2026-11-24T00:00:00Z"}, ["received_at"]),
])  # fmt: skip
def test_a_day_has_come_once_it_is_that_day_somewhere(said: dict[str, str], fields: list[str]) -> None:
    assert fields == not_yet(said, datetime(2026, 11, 22, 23, 30, tzinfo=UTC))
