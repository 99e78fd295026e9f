"""Kraken reports, read by taxid and indentation."""

from __future__ import annotations

import pytest

from telegut.reports.answer import answer
from telegut.reports.formats.reading import read
from telegut.reports.formats.refusals import DamagedFile, NothingClassified, TooFewReads, UnknownSample
from telegut.reports.rules import interpret
from tests.reports import lab

GENERA = {
    "Bacteroides": 600_000,
    "Roseburia": 250_000,
    "unassigned genus in Lachnospiraceae": 100_000,
    "unassigned genus in Eubacteriales": 50_000,
}


def reads(data: bytes, rank: str) -> dict[str, int | None]:
    return {row.name: row.reads for row in interpret(read([data])).taxa if row.rank == rank}


def codes(data: bytes) -> list[str]:
    return [one["code"] for one in answer(interpret(read([data])))["warnings"]]


@pytest.mark.parametrize("columns", [6, 8])
def test_six_and_eight_columns_read_the_same(columns: int) -> None:
    data = lab.kraken(lab.gut(), columns=columns)

    assert GENERA == reads(data, "genus")
    assert {"Roseburia hominis A2-183": 50_000} == reads(data, "strain")
    assert "kraken2-report" == read([data]).format


def test_shares_are_of_all_reads_and_unrounded() -> None:
    reading = interpret(read([lab.kraken(lab.gut(), unclassified=7)]))

    assert "all_reads" == reading.totals.denominator
    assert 600_000 * 100 / 1_000_007 == next(row.percent for row in reading.taxa if row.name == "Bacteroides")
    assert 7 * 100 / 1_000_007 == reading.totals.unclassified_percent
    assert 1_000_007 == reading.totals.reads
    assert 850_000 == reading.diversity.depth


def test_without_its_line_the_unclassified_share_is_unknown_not_zero() -> None:
    said = answer(interpret(read([lab.kraken(lab.gut(), unclassified=None)])))

    assert (None, None, None) == (said["unclassified_percent"], said["classified_percent"], said["total_reads"])
    assert "classified_reads" == said["denominator"]
    assert 60.0 == next(row["percent"] for row in said["taxa"] if row["name"] == "Bacteroides")


@pytest.mark.parametrize("domain", ["D", "R1", "R2", "", "K"])
def test_domains_are_known_by_taxid_whatever_their_letter(domain: str) -> None:
    assert {"Bacteria": 1_000_000} == reads(lab.kraken(lab.gut(domain=domain)), "domain")


def test_without_any_letters_the_ranks_come_from_taxids_names_and_place() -> None:
    data = lab.kraken(lab.gut(letters=False))

    assert GENERA == reads(data, "genus")
    assert {"Bacteroidota": 600_000, "Bacillota": 400_000} == reads(data, "phylum")
    assert {"Bacteroidaceae": 600_000, "Lachnospiraceae": 400_000 - 50_000} == reads(data, "family")
    assert {"Bacteroides uniformis": 500_000, "Roseburia hominis": 250_000} == reads(data, "species")
    assert ["ranks_inferred"] == codes(data)


def test_names_may_carry_rank_prefixes() -> None:
    text = lab.kraken(lab.gut()).decode().replace("Bacteroides\n", "g__Bacteroides\n")

    assert 600_000 == reads(text.encode(), "genus")["Bacteroides"]


def test_human_reads_stand_apart() -> None:
    said = answer(interpret(read([lab.kraken(lab.gut(human=800_000))])))

    assert (800_000, 40.0) == (said["human_reads"], said["human_percent"])
    assert [] == [
        row["name"] for row in said["taxa"] if row["name"] in {"Homo", "Homo sapiens", "Eukaryota", "Hominidae"}
    ]
    assert 30.0 == next(row["percent"] for row in said["taxa"] if row["name"] == "Bacteroides")
    assert ["human_reads"] == [one["code"] for one in said["warnings"]]


@pytest.mark.parametrize(("human", "warned"), [(300_000, True), (299_999, False)])
def test_human_reads_are_remarked_above_a_fifth_of_all(human: int, warned: bool) -> None:
    data = lab.kraken(lab.gut(human=human), unclassified=1_500_000 - 300_001 - 1_000_000)

    assert warned == ("human_reads" in codes(data))


def test_nothing_but_human_is_nothing_classified() -> None:
    human = lab.Node("S", 9606, "Homo sapiens", 5_000)

    with pytest.raises(NothingClassified):
        interpret(read([lab.kraken(lab.Node("R", 1, "root", 0, (human,)))]))


@pytest.mark.parametrize("data", [
    lab.kraken(lab.Node("R", 1, "root"), unclassified=50_000),
    b"100.00\t50000\t50000\tU\t0\tunclassified\n",
])  # fmt: skip
def test_nothing_classified_is_refused(data: bytes) -> None:
    with pytest.raises(NothingClassified):
        interpret(read([data]))


@pytest.mark.parametrize(("bacteria", "unclassified"), [(1, 998), (999, None)])
def test_fewer_than_a_thousand_reads_are_refused(bacteria: int, unclassified: int | None) -> None:
    tree = lab.Node("R", 1, "root", 0, (lab.Node("D", 2, "Bacteria", bacteria),))

    with pytest.raises(TooFewReads):
        interpret(read([lab.kraken(tree, unclassified=unclassified)]))


@pytest.mark.parametrize(("scale", "unclassified", "expected"), [
    (1, 499_000, []),
    (1, 498_999, ["shallow"]),
    (1, None, ["shallow"]),
    (500, None, []),
])  # fmt: skip
def test_shallow_is_remarked_below_half_a_million(scale: int, unclassified: int | None, expected: list[str]) -> None:
    assert expected == codes(lab.kraken(lab.gut(scale), unclassified=unclassified))


def test_reads_that_do_not_add_up_are_remarked() -> None:
    text = lab.kraken(lab.gut()).decode().replace("\t600000\t0\tP\t976\t", "\t700000\t0\tP\t976\t")

    assert ["ranks_do_not_add_up"] == codes(text.encode())


@pytest.mark.parametrize(("old", "new"), [
    ("\t600000\t", "\tmany\t"),
    ("\t600000\t", "\t-600000\t"),
    ("\t600000\t", "\t6e5\t"),
    ("  ", ""),
])  # fmt: skip
def test_an_edited_report_is_refused(old: str, new: str) -> None:
    # Beyond the lines that recognition looks at, so that it is a Kraken report that is damaged.
    filler = tuple(lab.Node("S", 900_000 + number, f"Roseburia sp. {number}", 1) for number in range(30))
    tree = lab.Node("R", 1, "root", 0, (lab.Node("G", 841, "Roseburia", 0, filler), *lab.gut().below))
    text = lab.kraken(tree).decode()

    with pytest.raises(DamagedFile):
        read([text.replace(old, new).encode()])


def test_two_reports_in_one_file_are_refused() -> None:
    data = lab.kraken(lab.gut())

    with pytest.raises(DamagedFile, match="two Kraken reports"):
        read([data + data])


def test_a_sample_cannot_be_chosen_where_none_is_named() -> None:
    with pytest.raises(UnknownSample):
        read([lab.kraken(lab.gut())], "S1")
