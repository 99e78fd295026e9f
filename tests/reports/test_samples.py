"""Real lab files, where they lie beside the project: what a reader must find in them (see the README there)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from telegut.reports.formats.limits import Limits
from telegut.reports.reader import outcome

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"

pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the folder shared/samples does not lie beside the project"
)


def of(name: str, sample: str | None = None) -> dict[str, Any]:
    return outcome([(SAMPLES / name).read_bytes()], sample, Limits())


def together(*names: str, sample: str | None = None) -> dict[str, Any]:
    return outcome([(SAMPLES / name).read_bytes() for name in names], sample, Limits())


def top(said: dict[str, Any], rank: str) -> tuple[str, float, int]:
    rows = [row for row in said["answer"]["taxa"] if row["rank"] == rank]
    return rows[0]["name"], rows[0]["percent"], len(rows)


def warned(said: dict[str, Any]) -> list[str]:
    return [one["code"] for one in said["answer"]["warnings"]]


def test_metaphlan_3() -> None:
    said = of("mpa3_ERR525939.tsv")

    assert ("Bacteroides", 50.98097, 14) == top(said, "genus")
    assert ("Bacteroides uniformis", 32.83207, 25) == top(said, "species")
    assert [] == warned(said)


def test_metaphlan_4_with_placeholders() -> None:
    said = of("mpa4_SGB_ERR7569997.txt")

    assert 202 == top(said, "genus")[2]
    assert ("GGB25847_SGB37835", 24.16898, 226) == top(said, "species")
    assert 211_037_392 == said["answer"]["total_reads"]
    assert "ERR7569997" == said["answer"]["sample"]


def test_metaphlan_3_merged() -> None:
    asked = of("mpa3_merged_table.txt")
    said = of("mpa3_merged_table.txt", "SRS014459-Stool_profile")

    assert ("choose_sample", 6) == (asked["state"], len(asked["samples"]))
    assert ("Faecalibacterium prausnitzii", 54.81779, 3) == top(said, "species")


def test_kraken_1() -> None:
    said = of("kraken1_cdiff_sample_01.report.txt")
    genera = [row for row in said["answer"]["taxa"] if row["rank"] == "genus"]

    assert 759_573 == said["answer"]["total_reads"]
    assert 120_098 * 100 / 759_573 == said["answer"]["unclassified_percent"]
    assert 27 == len([row for row in genera if not row["name"].startswith("unassigned")])
    assert ("Peptoclostridium difficile", 624_962 * 100 / 759_573, 41) == top(said, "species")
    assert ["one_organism", "confirm_clinically"] == warned(said)


def test_qiime_2() -> None:
    asked = together("q2_mia_table.qza", "q2_mia_taxonomy.qza")
    said = together("q2_mia_table.qza", "q2_mia_taxonomy.qza", sample="L1S105")

    assert ("choose_sample", 34) == (asked["state"], len(asked["samples"]))
    assert "Bacteroides" == top(said, "genus")[0]
    assert 7_788 == said["answer"]["total_reads"]


def test_mothur_is_shallow_here() -> None:
    names = ("mothur_example.shared", "mothur_example.cons.taxonomy")

    assert 100 == len(together(*names)["samples"])
    assert "too_few_reads" == together(*names, sample="Sample1")["problem"]["code"]


def test_a_classic_table_and_its_taxonomy() -> None:
    said = together("asv_tsv_dadaist2_feature-table.tsv", "asv_csv_dadaist2_taxonomy.csv", sample="F3D0")

    assert ("all_reads", 4_716) == (said["answer"]["denominator"], said["answer"]["total_reads"])
    assert ["shallow"] == warned(said)


def test_biom_2() -> None:
    asked = of("biom2_hdf5_HMPv35_even10k.biom")
    said = of("biom2_hdf5_HMPv35_even10k.biom", asked["samples"][0])

    assert 368 == len(asked["samples"])
    assert 10_000 == said["answer"]["total_reads"]


def test_biom_1_of_shares() -> None:
    asked = of("biom1_json_AmericanGut_metaphlan.biom")
    said = of("biom1_json_AmericanGut_metaphlan.biom", "AG-10538")

    assert ["AG-10538", "AG-11924", "AG-4607", "AG-9544"] == asked["samples"]
    assert ("profile", None) == (said["answer"]["denominator"], said["answer"]["total_reads"])
    assert "Prevotella copri" == top(said, "species")[0]


def test_ubiome() -> None:
    said = of("ubiome_sprague_150815.json")

    assert ("bacteria_reads", "ubiome-json") == (said["answer"]["denominator"], said["answer"]["format"])
    genera = [row for row in said["answer"]["taxa"] if row["rank"] == "genus"]
    assert 128 == len([row for row in genera if not row["name"].startswith("unassigned")])


@pytest.mark.parametrize(("name", "code"), [
    ("kraken2_minimizer_8col.kreport.txt", "too_few_reads"),
    ("humann_demo_pathabundance.tsv", "pathways_not_taxa"),
    ("q2_mia_table.qza", "names_missing"),
    ("q2_mia_taxonomy.qza", "table_missing"),
    ("mothur_example.shared", "names_missing"),
    ("mothur_example.cons.taxonomy", "table_missing"),
    ("asv_tsv_dadaist2_feature-table.tsv", "names_missing"),
    ("asv_csv_dadaist2_taxonomy.csv", "table_missing"),
    ("README.md", "not_a_profile"),
])  # fmt: skip
def test_what_is_refused(name: str, code: str) -> None:
    assert code == of(name)["problem"]["code"]
