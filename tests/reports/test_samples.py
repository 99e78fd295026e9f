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
    assert ["one_organism"] == warned(said)


@pytest.mark.parametrize(("name", "code"), [
    ("kraken2_minimizer_8col.kreport.txt", "too_few_reads"),
    ("humann_demo_pathabundance.tsv", "pathways_not_taxa"),
    ("biom2_hdf5_HMPv35_even10k.biom", "format_not_read"),
    ("biom1_json_AmericanGut_metaphlan.biom", "format_not_read"),
    ("q2_mia_table.qza", "format_not_read"),
    ("mothur_example.shared", "format_not_read"),
    ("ubiome_sprague_150815.json", "format_not_read"),
    ("README.md", "not_a_profile"),
])  # fmt: skip
def test_what_is_refused(name: str, code: str) -> None:
    assert code == of(name)["problem"]["code"]
