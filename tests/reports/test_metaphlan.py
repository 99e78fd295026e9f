"""MetaPhlAn in all its layouts."""

from __future__ import annotations

import gzip

import pytest

from telegut.reports.answer import answer
from telegut.reports.formats.reading import read
from telegut.reports.formats.refusals import ChooseSample, DamagedFile, NothingClassified, TooFewReads, UnknownSample
from telegut.reports.rules import interpret
from tests.reports import lab


def said(data: bytes, sample: str | None = None) -> dict[str, object]:
    return answer(interpret(read([data], sample)))


def percents(data: bytes, rank: str, sample: str | None = None) -> dict[str, float]:
    reading = interpret(read([data], sample))
    return {row.name: row.percent for row in reading.taxa if row.rank == rank}


GENERA = {"Bacteroides": 60.0, "Roseburia": 30.0, "unassigned genus in Lachnospiraceae": 10.0}
SPECIES = {
    "Bacteroides uniformis": 45.5,
    "Roseburia hominis": 30.0,
    "Bacteroides ovatus": 14.5,
    "Eubacterium rectale": 10.0,
}

LAYOUTS = {
    "metaphlan-2": lab.metaphlan_2(),
    "metaphlan-3": lab.metaphlan_3(),
    "metaphlan-4": lab.metaphlan_4(),
}


@pytest.mark.parametrize(("name", "data"), [*LAYOUTS.items(), ("metaphlan-4", lab.metaphlan_with_reads())])
def test_the_same_sample_reads_the_same_in_every_layout(name: str, data: bytes) -> None:
    assert name == said(data)["format"]
    assert GENERA == percents(data, "genus")
    assert SPECIES == percents(data, "species")


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: gzip.compress(data[:900]) + gzip.compress(data[900:])])
def test_a_packed_file_reads_like_the_file_in_it(pack: object) -> None:
    assert GENERA == percents(pack(lab.metaphlan_4()), "genus")  # type: ignore[operator]


@pytest.mark.parametrize("change", [
    lambda text: text.replace("\n", "\r\n"),
    lambda text: "\ufeff" + text,
    lambda text: text + "\n\n",
    lambda text: "\n".join(reversed(text.split("\n")[5:])),
])  # fmt: skip
def test_line_ends_marks_and_order_make_no_difference(change: object) -> None:
    changed = change(lab.metaphlan_4().decode()).encode()  # type: ignore[operator]

    assert GENERA == percents(changed, "genus")


def test_a_percentage_is_passed_through_to_the_last_digit() -> None:
    rows = [("k__Bacteria", "2", 99.99999), ("k__Bacteria|p__Bacillota", "2|1239", 99.99999)]

    assert {"Bacillota": 99.99999} == percents(lab.metaphlan_4(rows), "phylum")


@pytest.mark.parametrize(("unknown", "unclassified", "classified"), [(None, None, None), (25.0, 25.0, 75.0)])
def test_the_unclassified_share_is_what_the_file_says_or_unknown(
    unknown: float | None, unclassified: float | None, classified: float | None
) -> None:
    found = said(lab.metaphlan_3(unknown=unknown))

    assert (unclassified, classified) == (found["unclassified_percent"], found["classified_percent"])
    assert [] == found["warnings"]


def test_version_4_calls_it_unclassified() -> None:
    rows = [("UNCLASSIFIED", "-1", 40.0), ("k__Bacteria", "2", 60.0), ("k__Bacteria|p__Bacillota", "2|1239", 60.0)]

    assert 40.0 == said(lab.metaphlan_4(rows))["unclassified_percent"]


@pytest.mark.parametrize(("line", "sample"), [
    ("#SampleID\tMetaphlan_Analysis", None),
    ("#SampleID\tERR1", "ERR1"),
    ("#ERR1\tMetaphlan_Analysis", "ERR1"),
])  # fmt: skip
def test_a_sample_name_is_found_in_either_place(line: str, sample: str | None) -> None:
    data = lab.metaphlan_4(header=lab.HEADER_4.replace("#SampleID\tMetaphlan_Analysis", line))

    found = said(data)

    assert (sample, [sample] if sample else []) == (found["sample"], found["samples"])


@pytest.mark.parametrize(("database", "name", "pipeline"), [
    ("mpa_v20_m200", "metaphlan-2", "MetaPhlAn 2"),
    ("mpa_v31_CHOCOPhlAn_201901", "metaphlan-3", "MetaPhlAn 3"),
    ("mpa_vJan21_CHOCOPhlAnSGB_202103", "metaphlan-4", "MetaPhlAn 4"),
    ("mpa_vJan25_CHOCOPhlAnSGB_202503", "metaphlan-4", "MetaPhlAn 4"),
])  # fmt: skip
def test_the_version_is_that_of_the_database(database: str, name: str, pipeline: str) -> None:
    header = lab.HEADER_4.replace("mpa_vJun23_CHOCOPhlAnSGB_202403", database)

    found = said(lab.metaphlan_4(header=header))

    assert name == found["format"]
    assert {"database": database, "pipeline": pipeline, "region": "shotgun"} == found["method"]
    assert 12_000_000 == found["total_reads"]


def test_estimated_reads_are_kept_and_depth_stays_unknown() -> None:
    reading = interpret(read([lab.metaphlan_with_reads()]))

    assert {"Bacteroides": 60_000, "Roseburia": 30_000} == {
        row.name: row.reads for row in reading.taxa if row.rank == "genus" and not row.unassigned
    }
    assert reading.diversity.depth is None


def test_placeholders_keep_their_names_and_are_genera() -> None:
    lineage = "k__Bacteria|p__Bacillota|c__CFGB1|o__OFGB1|f__FGB1|g__GGB25847|s__GGB25847_SGB37835|t__SGB37835"
    rows = [("|".join(lineage.split("|")[:end]), "", 100.0) for end in range(1, 9)]

    data = lab.metaphlan_4(rows)

    assert {"GGB25847": 100.0} == percents(data, "genus")
    assert {"GGB25847_SGB37835": 100.0} == percents(data, "species")
    assert {"SGB37835": 100.0} == percents(data, "strain")


@pytest.mark.parametrize(
    "blank", ["g__", "g__unclassified", "g__Lachnospiraceae_unclassified", "g__Lachnospiraceae_noname"]
)
def test_a_blank_genus_is_no_row_and_counts_under_its_family(blank: str) -> None:
    rows = [(lab.LACHNO, "", 100.0), (f"{lab.LACHNO}|{blank}", "", 100.0), (f"{lab.LACHNO}|{blank}|s__A_b", "", 100.0)]

    assert {"unassigned genus in Lachnospiraceae": 100.0} == percents(lab.metaphlan_4(rows), "genus")
    assert {"A b": 100.0} == percents(lab.metaphlan_4(rows), "species")


def test_what_a_family_has_beyond_its_genera_is_unassigned() -> None:
    rows = [(lab.LACHNO, "", 100.0), (f"{lab.LACHNO}|g__Roseburia", "", 70.0)]

    assert {"Roseburia": 70.0, "unassigned genus in Lachnospiraceae": 30.0} == percents(lab.metaphlan_4(rows), "genus")


def test_ranks_may_be_missing_in_a_lineage() -> None:
    rows = [("k__Bacteria", "2", 100.0), ("k__Bacteria|f__Lachnospiraceae|g__Roseburia", "2|186803|841", 100.0)]

    assert {"Roseburia": 100.0} == percents(lab.metaphlan_4(rows), "genus")


def test_a_file_of_one_rank_gets_the_ranks_above_from_its_lineages() -> None:
    rows = [row for row in lab.STOOL if "|s__" in row[0]]

    assert GENERA == percents(lab.metaphlan_4(rows), "genus")
    assert {"Bacteroidota": 60.0, "Bacillota": 40.0} == percents(lab.metaphlan_4(rows), "phylum")


def test_several_samples_need_a_choice_and_the_refusal_names_them() -> None:
    with pytest.raises(ChooseSample, match=r"stool_1, mouth_1") as refused:
        read([lab.merged()])

    assert ("stool_1", "mouth_1") == refused.value.samples


def test_the_chosen_sample_is_read_without_the_others_rows() -> None:
    assert GENERA == percents(lab.merged(), "genus", "stool_1")
    assert {"Streptococcus": 100.0} == percents(lab.merged(), "genus", "mouth_1")


def test_one_sample_in_a_merged_table_needs_no_choice() -> None:
    assert "stool_1" == said(lab.merged(["stool_1"]))["sample"]


@pytest.mark.parametrize("data", [lab.merged(), lab.metaphlan_4()])
def test_a_name_that_is_not_there_is_refused(data: bytes) -> None:
    with pytest.raises(UnknownSample):
        read([data], "somebody else")


@pytest.mark.parametrize("data", [lab.HEADER_4.encode(), lab.metaphlan_4([("UNCLASSIFIED", "-1", 100.0)])])
def test_nothing_classified_is_refused(data: bytes) -> None:
    with pytest.raises(NothingClassified):
        read([data])


def test_too_few_reads_are_refused() -> None:
    data = lab.metaphlan_4(header=lab.HEADER_4.replace("12000000", "999"))

    with pytest.raises(TooFewReads):
        interpret(read([data]))


@pytest.mark.parametrize(("old", "new"), [
    ("60.0\t", "sixty\t"),
    ("60.0\t", "nan\t"),
    ("60.0\t", "-60.0\t"),
    ("60.0\t", "6000\t"),
    ("|p__Bacillota\t", "|x__Bacillota\t"),
    ("k__Bacteria|p__Bacteroidota\t", "k__Bacteria\t"),
])  # fmt: skip
def test_a_broken_line_is_refused_with_its_number(old: str, new: str) -> None:
    text = lab.metaphlan_4().decode()
    assert old in text

    with pytest.raises(DamagedFile, match=r"Line \d+"):
        read([text.replace(old, new, 1).encode()])
