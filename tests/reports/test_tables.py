"""Every family of tables ends in the same numbers, whatever its layout; and every trap in its refusal."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telegut.reports.formats.limits import Limits
from telegut.reports.formats.reading import read
from telegut.reports.formats.refusals import UnreadableReport
from telegut.reports.reader import outcome
from telegut.reports.rules import UNASSIGNED
from tests.reports import lab, tables

COUNTED: dict[str, tuple[list[bytes], str]] = {
    "a feature table with its taxonomy": ([tables.feature_table()], "feature-table"),
    "packed with a byte order mark": ([b"\xef\xbb\xbf" + tables.feature_table()], "feature-table"),
    "a feature table and a taxonomy": (
        [tables.feature_table(taxonomy=False), tables.taxonomy()],
        "feature-table+qiime2-taxonomy",
    ),
    "a taxonomy first": ([tables.taxonomy(), tables.feature_table(taxonomy=False)], "feature-table+qiime2-taxonomy"),
    "a taxonomy with a column a rank": (
        [tables.feature_table(taxonomy=False), tables.taxonomy_by_rank()],
        "feature-table+taxonomy-by-rank",
    ),
    "a taxonomy without a header": (
        [tables.feature_table(taxonomy=False), tables.taxonomy().split(b"\n", 1)[1].replace(b"\t0.99", b"")],
        "feature-table+taxonomy",
    ),
    "mothur": ([tables.shared(), tables.cons_taxonomy()], "mothur-shared+mothur-taxonomy"),
    "level-7.csv": ([tables.level_csv()], "qiime2-level-csv"),
    "BIOM 1": ([tables.biom_1()], "biom-1"),
    "BIOM 1, dense": ([tables.biom_1(dense=True)], "biom-1"),
    "BIOM 2": ([tables.biom_2(sample_metadata=True, type="OTU table")], "biom-2"),
    "BIOM 2 of an old writer": ([tables.biom_2()], "biom-2"),
    "QIIME 2": ([tables.q2_table(), tables.q2_taxonomy()], "qiime2-table+qiime2-taxonomy"),
}


def said_of(files: list[bytes], sample: str | None = None) -> dict[str, Any]:
    said = outcome(files, sample, Limits())
    assert "ready" == said["state"], said
    answer: dict[str, Any] = said["answer"]
    return answer


def rows_of(answer: dict[str, Any], rank: str) -> dict[str, float]:
    return {row["name"]: row["percent"] for row in answer["taxa"] if row["rank"] == rank}


@pytest.mark.parametrize(("files", "form"), COUNTED.values(), ids=COUNTED.keys())
def test_counts_of_a_sample(files: list[bytes], form: str) -> None:
    answer = said_of(files, "stool")

    assert form == answer["format"]
    assert {"Bacteroides": 60, "Roseburia": 30, "unassigned genus in Lachnospiraceae": 8} == rows_of(answer, "genus")
    assert ("all_reads", 10_000, 2, 98) == (
        answer["denominator"],
        answer["total_reads"],
        answer["unclassified_percent"],
        answer["classified_percent"],
    )
    assert ["stool", "mouth"] == answer["samples"]
    assert "amplicon" == answer["method"]["region"]


@pytest.mark.parametrize(("files", "form"), COUNTED.values(), ids=COUNTED.keys())
def test_a_person_chooses_among_samples(files: list[bytes], form: str) -> None:
    said = outcome(files, None, Limits())

    assert ("choose_sample", ["stool", "mouth"]) == (said["state"], said["samples"])
    assert said["recognised"]["why"]


def test_an_epithet_gets_its_genus() -> None:
    assert {"Bacteroides uniformis": 60} == rows_of(said_of([tables.feature_table()], "stool"), "species")


def test_relative_frequencies_are_shares() -> None:
    share = tables.feature_table().replace(b"\t4000\t", b"\t0.4\t").replace(b"\t2000\t", b"\t0.2\t")
    share = share.replace(b"\t3000\t", b"\t0.3\t").replace(b"\t800\t", b"\t0.08\t").replace(b"\t200\t", b"\t0.02\t")
    answer = said_of([share], "stool")

    assert ("profile", None) == (answer["denominator"], answer["total_reads"])
    assert 60 == pytest.approx(rows_of(answer, "genus")["Bacteroides"])
    assert 2 == pytest.approx(answer["unclassified_percent"])


def test_several_labels_of_mothur_are_chosen_with_the_sample() -> None:
    files = [tables.shared(("0.01", "0.03")), tables.cons_taxonomy()]
    said = outcome(files, None, Limits())

    assert ["stool (0.01)", "mouth (0.01)", "stool (0.03)", "mouth (0.03)"] == said["samples"]
    assert 60 == rows_of(said_of(files, "stool (0.03)"), "genus")["Bacteroides"]


def test_rows_of_every_rank_are_not_counted_twice() -> None:
    answer = said_of([tables.biom_of_lineages()])

    assert "profile" == answer["denominator"]
    assert {"Bacteria": 100} == rows_of(answer, "domain")
    assert {"Bacteroides": 60, "Roseburia": 30.5, "unassigned genus in Firmicutes": 9.5} == rows_of(answer, "genus")


def test_species_alone_are_counted_to_the_genera_of_their_names() -> None:
    answer = said_of([tables.biom_of_species()])
    genera = rows_of(answer, "genus")

    assert (50.5, 29.5) == (genera.pop("Akkermansia"), genera.pop("Alistipes"))
    assert all(name.startswith(UNASSIGNED) for name in genera)
    assert 15 == rows_of(answer, "species")["Lachnospiraceae bacterium 1 1 57FAA"]
    assert 2 == answer["diversity"]["observed_genera"]
    assert "genera_from_names" in {one["code"] for one in answer["warnings"]}


def test_bracken_tells_of_one_rank_and_not_of_the_unclassified() -> None:
    answer = said_of([tables.bracken()])

    assert ("bracken", "classified_reads", None) == (
        answer["format"],
        answer["denominator"],
        answer["unclassified_percent"],
    )
    assert {"Bacteroides": 600_000 * 100 / 900_000, "Roseburia": 300_000 * 100 / 900_000} == rows_of(answer, "genus")


def test_cami() -> None:
    answer = said_of([tables.cami()])

    assert ("cami", "profile", 4.0, "stool") == (
        answer["format"],
        answer["denominator"],
        answer["unclassified_percent"],
        answer["sample"],
    )
    assert {"Bacteroides": 60, "Roseburia": 30, "unassigned genus in Bacillota": 6} == rows_of(answer, "genus")
    assert "ncbi-taxonomy_2025" == answer["method"]["database"]


def test_cami_profiles_put_together() -> None:
    said = outcome([tables.cami(("a", "b"))], None, Limits())

    assert ["a", "b"] == said["samples"]
    assert "b" == said_of([tables.cami(("a", "b"))], "b")["sample"]


@pytest.mark.parametrize(
    "data",
    [tables.ubiome_json(), tables.ubiome_json(as_text=True), tables.ubiome_csv()],
    ids=["JSON", "JSON of 2014", "table"],
)
def test_ubiome_counts_on_bacteria(data: bytes) -> None:
    answer = said_of([data])

    assert "bacteria_reads" == answer["denominator"]
    assert {"Bacteroides": 60, "Roseburia": 30, "unassigned genus in Lachnospiraceae": 8} == {
        name: percent
        for name, percent in rows_of(answer, "genus").items()
        if name.split()[-1] not in {"Firmicutes", "Archaea"}
    }
    assert "private" not in str(answer)


def test_a_bracken_report_is_told_from_krakens() -> None:
    node = lab.Node(
        "G", 841, "Roseburia", 0, tuple(lab.Node("S", 9_000 + n, f"Roseburia sp. {n}", 60_000) for n in range(12))
    )
    answer = said_of([lab.kraken(lab.Node("R", 1, "root", 0, (node,)), unclassified=None)])

    assert ("bracken-report", "Kraken and Bracken") == (answer["format"], answer["method"]["pipeline"])
    assert answer["unclassified_percent"] is None


@pytest.mark.parametrize(
    ("files", "code", "form"),
    [
        ([lab.kraken(lab.Node("R", 1, "root", 0))], "nothing_classified", "kraken"),
        ([tables.shared()], "names_missing", "mothur-shared"),
        ([tables.taxonomy()], "table_missing", "qiime2-taxonomy"),
        ([tables.feature_table().replace(b"00", b"")], "too_few_reads", "feature-table"),
        ([tables.biom_1(type="Pathway table")], "pathways_not_taxa", "biom-1"),
        ([b"Dear colleague,\nthe sample never came.\n"], "not_a_profile", None),
    ],
)
def test_a_refusal_says_as_what_the_file_was_recognised(files: list[bytes], code: str, form: str | None) -> None:
    said = outcome(files, "stool" if code == "too_few_reads" else None, Limits())

    seen = said.get("recognised") or {"format": None, "why": "nothing"}
    assert (code, form) == (said["problem"]["code"], seen["format"])
    assert seen["why"]


REFUSED: dict[str, tuple[list[bytes], str]] = {
    "a table whose features have no names": ([tables.feature_table(taxonomy=False)], "names_missing"),
    "a QIIME 2 table alone": ([tables.q2_table()], "names_missing"),
    "mothur without its taxonomy": ([tables.shared()], "names_missing"),
    "names without a table": ([tables.taxonomy()], "table_missing"),
    "QIIME 2 names without a table": ([tables.q2_taxonomy()], "table_missing"),
    "the taxonomy of another table": (
        [tables.feature_table(taxonomy=False), tables.taxonomy().replace(b"\nf", b"\nx")],
        "names_missing",
    ),
    "two tables": ([tables.feature_table(), tables.shared()], "files_do_not_belong"),
    "a table and a profile": ([tables.feature_table(taxonomy=False), lab.metaphlan_4()], "files_do_not_belong"),
    "a composition": ([tables.q2_table("FeatureTable[Composition]"), tables.q2_taxonomy()], "pseudocounts_not_counts"),
    "a tree": ([tables.artifact("Phylogeny[Rooted]", {"tree.nwk": b"(a,b);"})], "format_not_read"),
    "a BIOM table of pathways": ([tables.biom_1(type="Pathway table")], "pathways_not_taxa"),
    "a BIOM 2 table of genes": ([tables.biom_2(type="Ortholog table")], "gene_families_not_taxa"),
    "a BIOM table of metabolites": ([tables.biom_1(type="Metabolite table")], "metabolites_not_taxa"),
    "half counts": ([tables.feature_table().replace(b"\t4000\t", b"\t4000.5\t")], "damaged_file"),
    "negative numbers": ([tables.feature_table().replace(b"\t4000\t", b"\t-4000\t")], "damaged_file"),
    "a cut row": ([tables.feature_table().rsplit(b"\t", 2)[0]], "damaged_file"),
    "two samples of one name": ([tables.feature_table().replace(b"mouth", b"stool")], "damaged_file"),
    "a cell beyond the table": ([tables.biom_1(data=[[99, 0, 5]])], "damaged_file"),
    "infinite": ([tables.biom_1().replace(b"4000", b"Infinity")], "damaged_file"),
    "too deep": ([b"[" * 100_000], "report_too_large"),
    "a ring of parents": (
        [tables.ubiome_json(((2, 3, 5_000, "Bacteria", "superkingdom"), (3, 2, 5_000, "X", "phylum")))],
        "damaged_file",
    ),
    "half an HDF5 file": ([tables.biom_2()[:3_000]], "damaged_file"),
    "half an artifact": ([tables.q2_table()[:-400]], "format_not_read"),
    "CAMI without its columns": ([tables.cami().replace(b"PERCENTAGE", b"SHARE")], "damaged_file"),
    "Bracken's rank that is none": ([tables.bracken("Z")], "damaged_file"),
}


@pytest.mark.parametrize(("files", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_each_trap_has_its_refusal(files: list[bytes], code: str) -> None:
    said = outcome(files, None, Limits())
    if said["state"] == "choose_sample":
        said = outcome(files, "stool", Limits())

    assert code == said.get("problem", said)["code"], said


def test_a_floor_in_every_cell_of_a_wide_table_is_refused() -> None:
    heads = "#OTU ID\ta\tb\ttaxonomy"
    rows = [f"f{n}\t{500 if n < 3 else 1}\t{1 if n < 20 else 900}\tk__Bacteria; g__Genus{n}" for n in range(30)]

    with pytest.raises(UnreadableReport) as refused:
        read(["\n".join([heads, *rows, ""]).encode()], "a")

    assert "pseudocounts_not_counts" == refused.value.code


def test_an_artifact_that_lies_about_its_size_is_refused() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        folder = "0f5c3ab1-1f0e-4d7c-9d43-0a7b6a1f5e21"
        file.writestr(f"{folder}/VERSION", "QIIME 2\narchive: 5\nframework: 2019.1\n")
        file.writestr(f"{folder}/metadata.yaml", "type: FeatureData[Taxonomy]\n")
        file.writestr(f"{folder}/data/taxonomy.tsv", b"a\n" * 2_000_000)

    with pytest.raises(UnreadableReport) as refused:
        read([bomb.getvalue()], limits=Limits(unpacked_bytes=1_000_000))

    assert "report_too_large" == refused.value.code


WHOLE = [*(data for files, _ in COUNTED.values() for data in files), tables.cami(("a", "b")), tables.ubiome_json()]
SMALL = Limits(file_bytes=60_000, unpacked_bytes=60_000, rows=300, line_characters=4_000, depth=20, samples=20)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(WHOLE), st.integers(0, 20_000), st.integers(0, 60), st.binary(max_size=30))
def test_any_edit_of_a_table_ends_well(data: bytes, at: int, cut: int, put: bytes) -> None:
    at %= len(data)
    edited = data[:at] + put + data[at + cut :]
    for files in ([edited], [edited, tables.taxonomy()]):
        for sample in (None, "stool"):
            said = outcome(files, sample, SMALL)
            assert said["state"] in {"ready", "refused", "choose_sample"}
            if said["state"] == "ready":
                assert all(0 <= row["percent"] <= 101 for row in said["answer"]["taxa"])
