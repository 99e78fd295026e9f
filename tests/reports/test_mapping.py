"""Tables that no format knows: seen as tables, explained, read by that, and never read by a guess."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telegut.reports.formats.limits import Limits
from telegut.reports.formats.mapped import of_excerpt
from telegut.reports.formats.mapping import ColumnMapping, fits, of_dict, problems, rank_of, signature
from telegut.reports.formats.plain_table import number, table_of
from telegut.reports.mapping.preview import preview
from telegut.reports.reader import outcome
from tests.reports import own_tables as own


def read(data: bytes, mapping: ColumnMapping | None = None, sample: str | None = None) -> dict[str, Any]:
    told = {"name": "Lab, version 1", "mapping": mapping.as_dict()} if mapping else None
    return outcome([data], sample, Limits(), told)


def rows(said: dict[str, Any]) -> list[tuple[str, str, float, int | None]]:
    return [(row["name"], row["rank"], row["percent"], row["reads"]) for row in said["answer"]["taxa"]]


@pytest.mark.parametrize("data", [own.GERMAN, own.WIDE, own.ACROSS, own.LONG])
def test_a_table_that_nobody_knows_is_refused_with_its_first_rows(data: bytes) -> None:
    said = read(data)

    assert ("refused", "unknown_table") == (said["state"], said["problem"]["code"])
    assert said["table"]["rows"]


@pytest.mark.parametrize("data", [
    b"Liebe Frau Hartmann,\nIhr Befund liegt vor, siehe unten, Seite 2.\nMit Dank\n",
    b"<!doctype html><title>Sign in</title>\n<p>1, 2</p>\n",
    b"# Report\n\n| a | b |\n\nwords, and more words\nno numbers, here\n",
])  # fmt: skip
def test_what_is_no_table_cannot_be_explained(data: bytes) -> None:
    assert "table" not in read(data)


@pytest.mark.parametrize(("data", "mapping"), [
    (own.GERMAN, own.GERMAN_MAPPING), (own.WIDE, replace(own.WIDE_MAPPING, unit="percent", nested=True)),
])  # fmt: skip
def test_the_draft_is_a_good_guess(data: bytes, mapping: ColumnMapping) -> None:
    assert mapping == of_dict(read(data)["table"]["draft"])


def test_semicolons_decimal_commas_and_lines_above_the_headings() -> None:
    said = read(own.GERMAN, own.GERMAN_MAPPING)

    assert [
        ("Bacteroides", "genus", 45.5, None),
        ("Roseburia", "genus", 30.0, None),
        ("unassigned genus in no known group", "genus", 24.5, None),
        ("Bacteroides uniformis", "species", 40.25, None),
    ] == rows(said)
    assert ("mapped-table", "profile", None) == tuple(
        said["answer"][name] for name in ("format", "denominator", "unclassified_percent")
    )
    assert "Lab, version 1" == said["answer"]["notes"]["columns described by"]
    assert "1 rows, read as not found" in said["answer"]["notes"].values()


def test_a_column_for_each_sample_waits_for_a_choice() -> None:
    assert ["P-1", "P-2"] == read(own.WIDE, own.WIDE_MAPPING)["samples"]
    said = read(own.WIDE, own.WIDE_MAPPING, "P-1")
    assert [("Bacteroides", "genus", 50.0, None), ("Roseburia", "genus", 40.0, None)] == rows(said)
    assert 10.0 == said["answer"]["unclassified_percent"]
    assert 816 == said["answer"]["taxa"][0]["taxid"]


def test_a_row_for_each_sample() -> None:
    said = read(own.ACROSS, own.ACROSS_MAPPING, "P1")

    assert [("Bacteroides", "genus", 50.0, 5000), ("Roseburia", "genus", 30.0, 3000)] == rows(said)[:2]
    assert ("classified_reads", None) == (said["answer"]["denominator"], said["answer"]["total_reads"])


def test_lineages_whose_wider_groups_hold_the_narrower_ones() -> None:
    said = read(own.LONG, own.LONG_MAPPING, "A")

    assert ("Bacteria", "domain", 100.0, 9500) == rows(said)[0]
    assert ("unassigned genus in Bacteroidota", 3000) in [(row[0], row[3]) for row in rows(said)]


WRONG: list[tuple[bytes, ColumnMapping, str, str]] = [
    (own.GERMAN, replace(own.GERMAN_MAPPING, unit="counts"), "damaged_file", "45.5"),
    (own.GERMAN, replace(own.GERMAN_MAPPING, unit="fraction"), "damaged_file", "60"),
    (own.GERMAN, replace(own.GERMAN_MAPPING, decimal="."), "damaged_file", "Line 7"),
    (own.GERMAN, replace(own.GERMAN_MAPPING, nested=False), "damaged_file", "% of the sample"),
    (own.GERMAN, replace(own.GERMAN_MAPPING, taxon="Genus"), "mapping_does_not_fit", "no column"),
    (own.WIDE, replace(own.WIDE_MAPPING, rank_from="name"), "damaged_file", "g__"),
    (own.LONG, replace(own.LONG_MAPPING, taxon="probe", sample=""), "damaged_file", "lineage"),
]


@pytest.mark.parametrize(("data", "mapping", "code", "words"), WRONG)
def test_a_wrong_description_is_refused_by_its_line_and_can_be_corrected(
    data: bytes, mapping: ColumnMapping, code: str, words: str
) -> None:
    said = read(data, mapping, "P-1" if data == own.WIDE else None)

    assert ("refused", code) == (said["state"], said["problem"]["code"])
    assert words in said["problem"]["detail"]
    assert said["table"]["headings"]


def test_a_known_format_is_never_read_by_a_description() -> None:
    from tests.reports import lab

    assert "mapping_does_not_fit" == read(lab.metaphlan_4(), own.GERMAN_MAPPING)["problem"]["code"]


@pytest.mark.parametrize(("text", "decimal", "value"), [
    ("12.5", ".", 12.5), ("12,5 %", ",", 12.5), ("1.234,5", ",", 1234.5), ("1,234", ".", 1234.0), ("5e-3", ".", 0.005),
    ("\u00a07", ".", 7.0),
    ("n.d.", ".", 0.0), ("", ",", 0.0), ("-3", ".", None), ("inf", ".", None), ("1.2.3", ".", None),
    ("٣", ".", None), ("1_000", ".", None), ("0x10", ".", None), (".5", ".", 0.5), ("5.", ".", None),
    ("E1", ".", None), (".e1", ".", None),
])  # fmt: skip
def test_numbers_as_labs_write_them(text: str, decimal: str, value: float | None) -> None:
    assert value == number(text, decimal)


@pytest.mark.parametrize(("word", "name", "rank"), [
    ("Genus", "x", "genus"), ("G", "x", "genus"), ("Gattung", "x", "genus"), ("espèce", "x", "species"),
    ("kingdom", "Bacteria", "domain"), ("kingdom", "Bacillati", None), ("Stamm", "x", None), ("no rank", "x", None),
])  # fmt: skip
def test_words_of_ranks(word: str, name: str, rank: str | None) -> None:
    assert rank == rank_of(word, name)


def test_a_description_is_known_again_by_headings_that_name_nobody() -> None:
    german = table_of(own.GERMAN_TEXT.splitlines(), Limits())
    assert german is not None
    known = frozenset(signature(own.GERMAN_MAPPING, german.headings))
    wide = ("tax_name", "taxid", "rank", "remark", "somebody's sample")

    assert fits(own.GERMAN_MAPPING, german.headings, known)
    assert not fits(own.GERMAN_MAPPING, (*german.headings, "more"), known)
    assert ("rank", "tax_name", "taxid") == signature(own.WIDE_MAPPING, (*wide, "P-1"))
    assert fits(own.WIDE_MAPPING, wide, frozenset(signature(own.WIDE_MAPPING, wide)))
    assert not fits(own.WIDE_MAPPING, wide[1:], frozenset())


def test_what_does_not_fit_together_is_said_by_field() -> None:
    assert {"taxon", "value"} == set(problems(ColumnMapping(layout="one_column"), ("a", "b")))
    assert {"sample"} == set(problems(ColumnMapping(layout="taxa_as_columns"), ("a", "b")))
    twice = ColumnMapping(layout="one_column", taxon="a", value="a")
    assert {"taxon"} == set(problems(twice, ("a", "b")))


def test_the_preview_says_what_becomes_of_each_row() -> None:
    table = of_excerpt(read(own.GERMAN)["table"])

    made = preview(table, own.GERMAN_MAPPING, rows_in_all=6)
    third = made.lines[2]
    assert ("Bacteroides", "genus", 45.5, "") == (third.name, third.rank, third.amount, third.problem)
    assert "less than so much" in made.lines[5].problem
    wrong = preview(table, replace(own.GERMAN_MAPPING, decimal="."), rows_in_all=6)
    assert "no number" in wrong.lines[2].problem
    ratio = of_excerpt(read((own.GERMAN_TEXT + "F/B;Index;0,7\n").encode())["table"])
    assert "left out" in preview(ratio, own.GERMAN_MAPPING, rows_in_all=7).lines[6].problem


CELLS = st.sampled_from(
    [
        "Bacteroides",
        "g__Roseburia",
        "k__Bacteria;p__X",
        "genus",
        "Art",
        "1,5",
        "2.5",
        "<0,1",
        "-1",
        "1e15",
        "",
        "%",
        '"',
        "12",
    ]
)
TABLE = st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=4, max_size=12)
HEADS = st.sampled_from(["Genus", "Percent", "Rank", "S1", "column 2", ""])
MAPPING = st.builds(
    ColumnMapping,
    layout=st.sampled_from(["one_column", "samples_as_columns", "taxa_as_columns"]),
    taxon=HEADS,
    taxon_is=st.sampled_from(["name", "taxid", "lineage"]),
    rank_from=st.sampled_from(["column", "name", "one"]),
    rank=st.one_of(HEADS, st.sampled_from(["genus", "species", "nonsense"])),
    taxid=HEADS,
    value=HEADS,
    sample=HEADS,
    unit=st.sampled_from(["counts", "percent", "fraction"]),
    decimal=st.sampled_from([".", ","]),
    nested=st.booleans(),
)


@settings(max_examples=120, deadline=None)
@given(TABLE, st.sampled_from("\t;,|"), MAPPING)
def test_any_table_with_any_description_ends_well(cells: list[list[str]], mark: str, mapping: ColumnMapping) -> None:
    lines = [["Genus", "Percent", "Rank", "S1", ""][: len(cells[0])], *cells]
    said = read("\n".join(mark.join(line) for line in lines).encode(), mapping)

    if said["state"] == "ready":
        assert all(0 <= row["percent"] <= 102 for row in said["answer"]["taxa"])
    else:
        assert said["problem"]["code"]
