"""Names in people's own tables: known to the house, asked about, or never a group; what a reading does with them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from telegut.reports.change.untreated import usual
from telegut.reports.cohorts.built_in import built_in
from telegut.reports.formats import reading
from telegut.reports.formats.limits import Limits
from telegut.reports.formats.mapped_names import names_to_ask
from telegut.reports.formats.mapping import ColumnMapping
from telegut.reports.formats.no_groups import is_no_group
from telegut.reports.formats.profile import is_blank
from telegut.reports.formats.refusals import ChooseSample
from telegut.reports.reader import outcome
from telegut.reports.taxonomy.known import asked_of, looks_like_a_name
from telegut.reports.taxonomy.synonyms import synonyms

SAMPLES = os.environ.get("TELEGUT_SAMPLES", "")
KNOWN = (
    "Bacteroides", "g__Roseburia", "Bacteroides uniformis", "s__Bacteroides_uniformis", "[Ruminococcus] gnavus group",
    "[Eubacterium] hallii", "Clostridium sensu stricto 1", "Clostridium XlVa", "Clostridium cluster XIVa",
    "Prevotella 9", "Blautia_A", "Coprococcus 2", "UCG-005", "CAG-56", "Clostridia UCG-014",
    "Lachnospiraceae NK4A136 group", "F082", "Rikenellaceae RC9 gut group", "Christensenellaceae R-7 group",
    "Family XIII AD3011 group", "Escherichia/Shigella", "Escherichia-Shigella", "Streptococcus mitis/oralis",
    "Candidatus Saccharibacteria", "SGB15342", "TM7x", "GGB9602_SGB15031", "CFGB3362",
    "Bifidobacterium longum subsp. infantis", "Escherichia coli O157:H7", "Candida spp.", "Blautia sp. SC05B48",
    "Ruminococcus sp. SR1/5", "Firmicutes bacterium CAG:83", "Lachnospiraceae bacterium 5_1_63FAA",
    "Bacteroides thetaiotaomicron ATCC 29148", "Lactobacillus rhamnosus GG", "Lactobacillus casei group",
    "Firmicutes", "Enterobacteriaceae", "Bacteroidales", "Bacteroides pectinophilus", "Saccharomyces cerevisiae",
    "Bifidobacterium sp.", "k__Bacteria;p__Firmicutes;c__Clostridia;o__;f__;g__Roseburia",
    "k__Bacteria|p__Bacillota|g__Dorea|s__Dorea_longicatena",
)  # fmt: skip
ASKED = (
    "Calprotectin", "Zonulin", "sIgA", "pH", "Vitamin D", "Keimzahl", "Niedrig", "Elevated", "Warning", "bacteroides",
    "Verdict: imbalanced", "Butyrate production", "Serotonin production", "Manger plus de fibres", "Comer más fibra",
    "Vermeiden Sie Zucker", "Kefir daily", "Leicht erhöht", "Flora intestinal alterada", "nan", "Typ B", "BMI",
    "Type 2", "B12", "Q10", "Hefe", "Inulin 5 g", "Omnibiotic 10", "Anti-inflammatory", "Happy gut", "Stress", "IBS",
    "Inflammation potential", "Opportunists", "Lena Hartmann", "Laktobazillen", "Bifidobakterien", "E. coli", "Depth",
    "Akkermansia OK", "Faecalibacterium count", "Dorea deficiency", "Roseburia status", "Roseburia baja",
    "Roseburia 40", "Bacteroides erhöht", "Blautia minimum", "Bacteroides 5x", "Prevotella/Bacteroides",
    "Bacteroides-Prevotella group", "human gut metagenome", "butyrate-producing bacterium ART55/1", "Faecousia2",
    "Nowhereia", "Nowhereia strangea", "Bacteroides strangeus", "\uff21lpha", "x" * 300,
)  # fmt: skip
NEVER = (
    "P/B", "F/B", "F:B quotient", "Firmicutes/Bacteroidetes ratio", "Gut age 54", "Microbiome age", "Leaky gut risk",
    "Depression risk 80%", "Pathobionts", "Opportunistic pathogens", "Healthscore", "GutScore", "Dysbioseindex",
    "Gesamtpunktzahl", "Gute Bakterien", "bonnes bactéries", "Protective bacteria", "Recommended: oats", "Add kefir",
    "Increase fibre", "Bacteroides is low", "Percentile 83", "Grade B", "Vitality 7/10", "123", "7.5", "%", "?",
    "Sco\u200bre", "Sco\xadre", "\uff33\uff43\uff4f\uff52\uff45", "Total bacteria", "Bakterien gesamt",
    "Roseburia is low, add kefir", "Low Akkermansia", "Faecalibacterium low", "n.d.", "Akkermansia LOW",
    "Good Bifidobacterium",
)  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_a_name_that_the_house_knows_needs_no_question(name: str) -> None:
    assert () == asked_of(name)
    assert not is_no_group(name)


@pytest.mark.parametrize("name", ASKED)
def test_what_is_not_known_is_asked(name: str) -> None:
    assert 1 == len(asked_of(name))
    assert not is_no_group(name)


@pytest.mark.parametrize("name", NEVER)
def test_scores_ratios_and_advice_are_asked_of_nobody(name: str) -> None:
    assert is_no_group(name)
    assert () == asked_of(name)


def test_every_name_of_the_houses_own_figures_is_known() -> None:
    names = {*usual(), *(name for group in built_in() for name in group.genera)}
    names |= {name for row in synonyms() for name in (row.name, row.other)}

    assert [] == [name for name in sorted(names) if asked_of(name)]


@pytest.mark.parametrize(("name", "looks"), [
    ("Nowhereia", True), ("Nowhereia strangea", True), ("Candidatus Nowhereia", True), ("Bacteroides strangeus", True),
    ("Vitamin D", False), ("niedrig", False), ("B12", False), ("Calprotectin", False), ("Keimzahl", False),
    ("Butyrate production", False), ("Bacteroides sp. low", False), ("Nowhereia sp. X12", True), ("Warning", False),
    ("Manger plus de fibres", False), ("Typ B", False),
])  # fmt: skip
def test_those_who_are_asked_see_which_are_at_least_written_as_names(name: str, looks: bool) -> None:
    assert looks == looks_like_a_name(name)


PLAIN = ColumnMapping(layout="one_column", taxon="Group", value="Percent")
TABLE = "Group;Percent;Note\nBacteroides;50;fine\nNowhereia;20;-\nZonulin;20;-\nGut score;7;-\nother;3;-\n"
LINEAGES = ColumnMapping(layout="one_column", taxon="Group", taxon_is="lineage", rank_from="name", value="Percent")


def read(text: str, mapping: ColumnMapping, confirmed: tuple[str, ...] | None = None) -> dict[str, Any]:
    words = [{"name": name, "by": None, "at": "2026-11-23T09:00:00+00:00"} for name in confirmed or ()]
    told = {"name": "x", "mapping": mapping.as_dict(), "confirmed": words}
    return outcome([text.encode()], None, Limits(), None if confirmed is None else told)


def genera(said: dict[str, Any]) -> dict[str, float]:
    return {row["name"]: row["percent"] for row in said["answer"]["taxa"] if row["rank"] == "genus"}


def test_only_what_somebody_confirmed_is_taken_and_the_report_says_what_was_left_out() -> None:
    said = read(TABLE, PLAIN, ("Nowhereia", "Gut score"))
    alone = read(TABLE, PLAIN, ())

    assert {"Bacteroides": 50, "Nowhereia": 20} == genera(said)
    assert ("1", "1 name, 20.0 % of the sample") == (
        said["answer"]["notes"]["names that a person confirmed"],
        said["answer"]["notes"]["left out: names that nobody confirmed"],
    )
    assert {"Bacteroides": 50} == genera(alone)
    [remark] = [one["text"] for one in alone["answer"]["warnings"] if one["code"] == "names_left_out"]
    assert "2 names, 40.0 % of the sample" in remark
    assert not [one for one in alone["answer"]["warnings"] if "cut or edited" in one["text"]]


@pytest.mark.parametrize(("unit", "rows", "share"), [
    ("counts", "Bacteroides;6000\nZonulin;2000\nRoseburia;1000\nother;1000\n", "20.0"),
    ("fraction", "Bacteroides;0.6\nZonulin;0.25\nRoseburia;0.15\n", "25.0"),
    ("percent", "Bacteroides;90\nRoseburia;9.96\nZonulin;0.04\n", "less than 0.1"),
    ("percent", "Bacteroides;90\nRoseburia;10\nZonulin;0\n", "0"),
])  # fmt: skip
def test_how_large_the_share_is_in_every_unit(unit: Any, rows: str, share: str) -> None:
    mapping = ColumnMapping(layout="one_column", taxon="Group", value="Percent", unit=unit)
    said = read(f"Group;Percent\n{rows}", mapping, ())

    assert f"1 name, {share} % of the sample" == said["answer"]["notes"]["left out: names that nobody confirmed"]


def test_of_a_lineage_what_is_known_above_the_name_stays() -> None:
    text = (
        "Group;Percent\nk__Bacteria|p__Bacillota|f__Lachnospiraceae|g__Nowhereia;30\n"
        "k__Bacteria|p__Bacillota|f__Lachnospiraceae|g__Roseburia|s__Roseburia_strangea;20\n"
        "k__Bacteria|p__Bacteroidota|f__Bacteroidaceae|g__Bacteroides;50\n"
    )
    said = read(text, LINEAGES, ())

    assert {"Bacteroides": 50, "unassigned genus in Lachnospiraceae": 30, "Roseburia": 20} == genera(said)
    partly = read(f"{text}Zonulin;2\n", LINEAGES, ())
    above, gone = "what stands in a wider group was counted to that group", "left out: names that nobody confirmed"

    assert f"2 names, and {above}" == said["answer"]["notes"][gone]
    assert f"3 names, 2.0 % of the sample; {above}" == partly["answer"]["notes"][gone]
    assert {"Bacteroides": 50, "Nowhereia": 30, "Roseburia": 20} == genera(read(text, LINEAGES, ("Nowhereia",)))


def test_the_question_comes_before_the_reading_whatever_the_columns_turn_out_to_mean() -> None:
    found = read(TABLE, PLAIN)["table"]["asked"]
    across = read("id,Bacteroides,Nowhereia,Age,Zonulin,Score\nS1,1,2,3,4,5\nS2,1,2,3,4,5\nS3,5,4,3,2,1\n", PLAIN)
    wide = ColumnMapping(layout="taxa_as_columns", sample="id", unit="counts", left_out=("Age",))

    assert ("Nowhereia", "Zonulin") == names_to_ask(found, PLAIN)
    assert ("fine",) == names_to_ask(found, replace(PLAIN, taxon="Note"))
    assert () == names_to_ask(
        found, ColumnMapping(layout="one_column", taxon="Group", taxon_is="taxid", value="Percent")
    )
    assert ("Nowhereia", "Zonulin") == names_to_ask(across["table"]["asked"], wide)


REAL = (
    ("mpa3_ERR525939.tsv",),
    ("mpa3_merged_table.txt",),
    ("mpa4_SGB_ERR7569997.txt",),
    ("kraken1_cdiff_sample_01.report.txt",),
    ("kraken2_minimizer_8col.kreport.txt",),
    ("ubiome_sprague_150815.json",),
    ("biom1_json_AmericanGut_metaphlan.biom",),
    ("biom2_hdf5_HMPv35_even10k.biom",),
    ("q2_mia_table.qza", "q2_mia_taxonomy.qza"),
    ("mothur_example.shared", "mothur_example.cons.taxonomy"),
    ("asv_tsv_dadaist2_feature-table.tsv", "asv_csv_dadaist2_taxonomy.csv"),
)
"""Every file of real laboratories that is read; those that belong together beside each other."""


@pytest.mark.long
@pytest.mark.skipif(not SAMPLES, reason="TELEGUT_SAMPLES names no folder of real lab files")
@pytest.mark.parametrize("files", REAL, ids=lambda files: files[0])
def test_no_name_that_a_laboratory_wrote_is_one_that_nobody_can_confirm(files: tuple[str, ...]) -> None:
    data = [(Path(SAMPLES) / one).read_bytes() for one in files]
    try:
        profile = reading.read(data)
    except ChooseSample as asked:
        profile = reading.read(data, asked.samples[0])
    names = {clade.name for clade in profile.clades if not is_blank(clade.name)}

    assert names
    assert [] == sorted(name for name in names if is_no_group(name))
    assert all(len(asked_of(name)) <= 1 for name in names)  # known, or asked about as one
