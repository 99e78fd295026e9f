"""
Every trap of the domain research's section 3 (input formats), and the test that holds it.

=====================================  =================================================================================
MetaPhlAn 2: nested ranks, sums        test_metaphlan: same sample in every layout; what a family has beyond its genera
MetaPhlAn 3: UNKNOWN, empty column     test_metaphlan: the unclassified share; lab.metaphlan_3 leaves the column empty
MetaPhlAn 4: UNCLASSIFIED or none      test_metaphlan: version 4 calls it unclassified; here: 4.2 without the row
  placeholders, ranks missing, names   test_metaphlan: placeholders; ranks may be missing; a name in either place
  rel_ab_w_read_stats                  test_metaphlan: estimated reads are kept (the value is the third column)
  --mpa3                               here: a file shaped as version 4's with a version 3 database
merged: many samples, body sites       test_metaphlan: several samples need a choice; here: names of another place
Kraken: R1, R2, letters empty          test_kraken: domains by taxid; without any letters
  percent of all, human, no U line     test_kraken: shares are of all reads; human apart; unknown, not zero
Bracken: rounding, no unclassified     test_tables: Bracken tells of one rank; a Bracken report is told from Kraken's
QIIME 2: two files, MD5, Composition   test_tables: each trap has its refusal; relative frequencies are shares
  versions 1 to 6, sizes, paths        here: every archive version; test_tables: an artifact that lies about its size
level-N.csv: metadata at the end       test_tables: counts of a sample (age and sex stand behind)
classic: header with a hash            test_tables: counts of a sample
BIOM 1: sparse, dense, string, shares  test_tables: counts of a sample; rows of every rank are not counted twice
BIOM 2: no sample metadata, no type    test_tables: counts of a sample (tables.biom_2 has neither)
  the extension says nothing           nothing here knows a file's name
  other tables                         test_strangers: BIOM of pathways, genes, metabolites
mothur: labels, trailing tab, quotes   test_tables: several labels are chosen; counts of a sample; here: bootstrap
  unclassified keeps its parent        test_tables: counts of a sample (Lachnospiraceae_unclassified)
taxonomy strings                       here: Greengenes 13, SILVA new and old, GTDB, Greengenes2 cut, NCBI 2025
HUMAnN: strata, RPK, version 4         here: pathways are listed, never added up, never a profile
CAMI                                   test_tables: cami; profiles put together
uBiome: numbers as text, of Bacteria   test_tables: uBiome counts on Bacteria
Ombre, Biomesight, any other table     test_mapping, test_explaining
PDF                                    test_explaining: a document is typed; here: kept beside a profile
(a) by content, and says why           test_handlers: a file is taken, read and answered (recognised.why)
(b) refused by name                    test_strangers, test_tables; not stool: here
(c) one sample, chosen by a person     test_service: choosing
(d) same hash, same sample, again      test_service: the same file and the same sample are remarked
(e) unclassified and human apart       test_kraken, test_rules
(f) plausibility                       test_rules: what is remarked
(g) limits                             test_strangers: beyond the limits; test_isolation; test_fuzz
=====================================  =================================================================================
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from telegut.reports.formats.limits import Limits
from telegut.reports.formats.taxonomy import parts_of
from telegut.reports.reader import outcome
from tests.reports import lab, tables, twins


def of(*files: bytes, sample: str | None = None) -> dict[str, Any]:
    return outcome(list(files), sample, Limits())


def codes(said: dict[str, Any]) -> list[str]:
    return [one["code"] for one in said["answer"]["warnings"]]


def test_a_file_shaped_as_version_4_with_a_version_3_database() -> None:
    header = lab.HEADER_4.replace("mpa_vJun23_CHOCOPhlAnSGB_202403", "mpa_v31_CHOCOPhlAn_201901")
    said = of(lab.metaphlan_4([("UNCLASSIFIED", "-1", 0.0), *lab.STOOL], header=header))["answer"]

    assert ("metaphlan-3", "mpa_v31_CHOCOPhlAn_201901") == (said["format"], said["method"]["database"])
    assert 12_000_000 == said["total_reads"]


def test_version_4_2_without_the_row_of_what_is_unclassified() -> None:
    header = lab.HEADER_4.replace("mpa_vJun23_CHOCOPhlAnSGB_202403", "mpa_vJan25_CHOCOPhlAnSGB_202503")
    said = of(lab.metaphlan_4(header=header))["answer"]

    assert ("metaphlan-4", None) == (said["format"], said["unclassified_percent"])


@pytest.mark.parametrize("archive", range(1, 7))
def test_every_archive_version_of_qiime_2(archive: int) -> None:
    table = tables.artifact(
        "FeatureTable[Frequency]", {"feature-table.biom": tables.biom_2(lineages=False)}, archive=archive
    )

    assert 10_000 == of(table, tables.q2_taxonomy(), sample="stool")["answer"]["total_reads"]


LINEAGES = {
    "Greengenes 13": ("k__Bacteria; p__Firmicutes; c__; o__; f__Lachnospiraceae; g__; s__", "Lachnospiraceae"),
    "SILVA": ("d__Bacteria;p__Bacteroidota;c__Bacteroidia;g__Bacteroides;s__uncultured_bacterium", "Bacteroides"),
    "SILVA of old": ("D_0__Bacteria;D_1__Firmicutes;D_5__Blautia;D_6__uncultured", "Blautia"),
    "GTDB": ("d__Bacteria;p__Bacillota_A;g__Blautia_A;s__Blautia_A wexlerae", "Blautia_A wexlerae"),
    "Greengenes2, cut": ("d__Bacteria; p__Firmicutes_A; f__Lachnospiraceae; g__Blautia_A_141781", "Blautia_A"),
    "NCBI 2025": ("Bacteria;Bacillati;Bacillota;Clostridia;Lachnospirales;Lachnospiraceae;Dorea", "Dorea"),
    "mothur": (
        '"Bacteria(100);Firmicutes(99);Clostridia(99);Clostridiales(99);Lachnospiraceae(98);Dorea(81);"',
        "Dorea",
    ),
}


@pytest.mark.parametrize(("lineage", "last"), LINEAGES.values(), ids=LINEAGES.keys())
def test_taxonomy_strings_are_never_read_by_their_position(lineage: str, last: str) -> None:
    parts = parts_of(lineage, Limits())

    assert ("domain", last) == (parts[0].rank, parts[-1].name)
    assert lineage.strip('"').startswith(parts[-1].written.split(";")[0])


def test_pathways_are_listed_and_never_added_up_over_organisms() -> None:
    said = of(twins.HUMANN)

    assert ("refused", "pathways_not_taxa") == (said["state"], said["problem"]["code"])
    [one] = said["research"]["samples"]
    assert ("S1", "rpk", 2, 3.5, 70.0) == tuple(one.values())
    assert (None, 2) == (said["research"]["version"], said["research"]["stratified_rows"])


def test_pathways_of_version_4_tell_version_and_unit() -> None:
    research = of(twins.HUMANN_4)["research"]

    assert "4.0.0.alpha.1" == research["version"]
    assert [("S1", "cpm", 1, 25.0, None), ("S2", "cpm", 1, 0.0, None)] == [
        tuple(one.values()) for one in research["samples"]
    ]


def test_relative_pathways_are_known_by_their_sum() -> None:
    said = of(b"# Pathway\tS1_Abundance\nUNMAPPED\t0.4\nPWY-1: x\t0.6\n")

    assert "relab" == said["research"]["samples"][0]["unit"]


@pytest.mark.parametrize("beside", [twins.HUMANN, twins.PDF])
def test_what_gives_no_numbers_is_kept_beside_a_profile(beside: bytes) -> None:
    alone, both = of(lab.metaphlan_4()), of(beside, lab.metaphlan_4())

    assert alone["answer"]["taxa"] == both["answer"]["taxa"]
    assert both["answer"]["notes"]["kept beside it"]


@pytest.mark.parametrize(("place", "read"), [
    ("UBERON:feces", True), ("stool", True), ("Gut", True), ("something else", True),
    ("saliva", False), ("Tongue_dorsum", False), ("posterior fornix", False), ("soil", False),
])  # fmt: skip
def test_a_sample_that_its_file_says_is_not_stool_is_refused(place: str, read: bool) -> None:
    columns = [{"id": "stool", "metadata": {"BODY_SITE": place}}, {"id": "mouth", "metadata": None}]
    said = of(tables.biom_1(columns=columns), sample="stool")

    assert ("ready" if read else "refused") == said["state"]
    assert read or "not_stool" == said["problem"]["code"]


def test_a_level_table_tells_the_place_in_a_column_of_its_own() -> None:
    table = tables.level_csv().replace(b",sex", b",body_site").replace(b",f", b",oral cavity")

    assert "not_stool" == of(table, sample="stool")["problem"]["code"]


@pytest.mark.parametrize(("name", "code"), [
    ("SRS014472-Buccal_mucosa_profile", "another_place"), ("Mock-1", "control_sample"), ("neg_ctrl", "control_sample"),
    ("SRS014459-Stool_profile", None), ("P. Palmer", None), ("Moulder", None), ("blanka", None),
])  # fmt: skip
def test_a_name_that_sounds_like_another_sample_is_remarked(name: str, code: str | None) -> None:
    found = [one for one in codes(of(lab.merged((name,)))) if one in {"another_place", "control_sample"}]

    assert ([] if code is None else [code]) == found


def test_a_genus_alone_is_one_organism_where_species_are_hardly_known() -> None:
    rows = [
        {"id": "a", "metadata": {"taxonomy": ["k__Bacteria", "g__Aerococcus"]}},
        {"id": "b", "metadata": {"taxonomy": ["k__Bacteria", "g__Atopobium", "s__vaginae"]}},
    ]
    made = json.loads(tables.biom_1()) | {
        "rows": rows, "columns": [{"id": "s", "metadata": None}], "data": [[0, 0, 9900], [1, 0, 100]], "shape": [2, 1]
    }  # fmt: skip

    assert "one_organism" in codes(of(json.dumps(made).encode()))
