"""
Every trap of the domain research's section 3 (input formats), and the test that holds it.

=====================================  =================================================================================
MetaPhlAn 2: nested ranks, sums        here: down to genomes; test_metaphlan: what a family has beyond its genera
MetaPhlAn 3: UNKNOWN, empty column     test_metaphlan: the unclassified share; here: the fourth column, empty or not
MetaPhlAn 4: UNCLASSIFIED or none      test_metaphlan: version 4 calls it unclassified; here: 4.2 without the row
  placeholders, ranks missing, names   test_metaphlan: placeholders; ranks may be missing; a name in either place
  rel_ab_w_read_stats                  test_metaphlan: estimated reads are kept (the value is the third column)
  --mpa3                               here: a file shaped as version 4's with a version 3 database
merged: many samples, body sites       test_metaphlan: several samples need a choice; here: names of another place,
                                       columns as the three merging scripts name them
Kraken: R1, R2, letters empty          test_kraken: domains by taxid; without any letters
  percent of all, human, no U line     test_kraken: shares are of all reads; human apart; unknown, not zero
Bracken: rounding, no unclassified     here: fractions are not used; compared with no Kraken; genera by species' names
  a report that looks like Kraken's    test_tables: a Bracken report is told from Kraken's
QIIME 2: two files, MD5, Composition   test_tables: each trap has its refusal; relative frequencies are shares
  versions 1 to 6, sizes, paths        here: every archive version, hostile paths; test_tables: a lie about its size
level-N.csv: metadata at the end       test_tables: counts of a sample (age and sex stand behind)
classic: header with a hash            test_tables: counts of a sample
BIOM 1: sparse, dense, string, shares  test_tables: counts of a sample; rows of every rank are not counted twice
  stray quotes                         here: quotes around or inside lineages
BIOM 2: no sample metadata, no type    test_tables: counts of a sample (tables.biom_2 has neither)
  the extension says nothing           nothing here knows a file's name
  other tables                         test_strangers: BIOM of pathways, genes, metabolites
mothur: labels, trailing tab, quotes   test_tables: several labels are chosen; counts of a sample; here: bootstrap,
                                       the .taxonomy without a header
  unclassified keeps its parent        test_tables: counts of a sample (Lachnospiraceae_unclassified)
taxonomy strings                       here: Greengenes 13, SILVA new and old, GTDB, Greengenes2 cut, NCBI 2025
HUMAnN: strata, RPK, version 4         here: pathways are listed, never added up, never a profile
CAMI                                   test_tables: cami; profiles put together
  original lineage, database kept      here: every row of a report has the lineage as the file wrote it
  no certain map, no comparison        cohorts/test_names, cohorts/test_gate
uBiome: numbers as text, of Bacteria   test_tables: uBiome counts on Bacteria, and reads no private note
Ombre, Biomesight, any other table     test_mapping, test_explaining
PDF                                    test_explaining: a document is typed; here: kept beside a profile
(a) by content, and says why           test_handlers: a file is taken, read and answered (recognised.why)
(b) refused by name                    test_strangers, test_tables; not stool: here
(c) one sample, chosen by a person     test_service: choosing
(d) same hash, same sample, again      test_service: the same file and the same sample are remarked
(e) unclassified and human apart       test_kraken, test_rules
(f) plausibility                       test_rules: what is remarked
  ratios and scores in a table         here: left out, and written down; test_explaining: typed by nobody
  names that need a clinical test      here: a sentence, and never a finding
(g) limits                             test_strangers: beyond the limits; test_isolation; test_fuzz
=====================================  =================================================================================
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from telegut.reports.change.sample import Measured
from telegut.reports.change.versus import versus
from telegut.reports.cohorts.comparison import compare
from telegut.reports.formats.binomials import genus_of
from telegut.reports.formats.limits import Limits
from telegut.reports.formats.mapping import ColumnMapping
from telegut.reports.formats.summaries import is_summary
from telegut.reports.formats.taxonomy import parts_of
from telegut.reports.reader import outcome
from tests.reports import lab, own_tables, tables, twins
from tests.reports.cohorts.people import SAID, group


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


GENOMES = (
    (f"{lab.BACTEROIDES}|s__Bacteroides_uniformis|t__GCF_000154205", "", 40.0),
    (f"{lab.BACTEROIDES}|s__Bacteroides_uniformis|t__Bacteroides_uniformis_unclassified", "", 5.5),
)


def named(said: dict[str, Any], rank: str) -> dict[str, float]:
    return {row["name"]: row["percent"] for row in said["answer"]["taxa"] if row["rank"] == rank}


def test_version_2_tells_genomes_too_and_its_species_need_not_make_up_their_genus() -> None:
    without_ovatus = [row for row in lab.STOOL if "ovatus" not in row[0]]
    said = of(lab.metaphlan_2([*without_ovatus, *GENOMES]))

    assert {"GCF_000154205": 40} == named(said, "strain")
    assert (60, 45.5) == (named(said, "genus")["Bacteroides"], named(said, "species")["Bacteroides uniformis"])


def test_the_fourth_column_of_version_3_is_nobodys_amount() -> None:
    filled = lab.metaphlan_3().replace(b"\t45.50000\t", b"\t45.50000\tk__Bacteria|g__Bacteroides|s__Bacteroides_sp_X")

    assert of(lab.metaphlan_3())["answer"]["taxa"] == of(filled)["answer"]["taxa"]


@pytest.mark.parametrize("head", ["clade_name", "ID", "#SampleID", "#clade_name"])
def test_merged_tables_are_known_by_any_name_of_their_first_column(head: str) -> None:
    lines = [line.split("\t") for line in lab.merged().decode().splitlines()]
    kept = ["\t".join([cells[0], *cells[2:]]) for cells in lines[1:]]  # as version 2 and 4 merge: no column of taxids
    said = of("\n".join([kept[0].replace("clade_name", head, 1), *kept[1:], ""]).encode(), sample="stool_1")

    assert of(lab.merged(), sample="stool_1")["answer"]["diversity"] == said["answer"]["diversity"]


def test_bracken_counts_by_estimated_reads_and_not_by_rounded_fractions() -> None:
    rounded = tables.bracken().replace(b"0.66667", b"0.7").replace(b"0.33333", b"0.3")

    assert of(tables.bracken())["answer"]["taxa"] == of(rounded)["answer"]["taxa"]


def test_brackens_species_are_counted_to_the_genus_of_their_name() -> None:
    said = of(tables.bracken("S").replace(b"Bacteroides", b"Bacteroides uniformis").replace(b"Rose", b"[Rose] gnavus "))

    assert ["genera_from_names"] == codes(said)
    assert {"Bacteroides", "unassigned genus in no known group"} == set(named(said, "genus"))


@pytest.mark.parametrize(("species", "genus"), [
    ("Roseburia hominis", "Roseburia"), ("Blautia sp. SC05B48", "Blautia"), ("Roseburia hominis A2-183", "Roseburia"),
    ("[Ruminococcus] gnavus", None), ("Candidatus Avoscillospira stercoris", None), ("Escherichia phage T4", None),
    ("Lachnospiraceae bacterium 5_1_63FAA", None), ("Clostridiales bacterium", None), ("uncultured Dorea sp.", None),
    ("Bacteroides", None), ("Human gut metagenome", None), ("Enterobacteria phage P2", None),
])  # fmt: skip
def test_a_binomial_begins_with_its_genus(species: str, genus: str | None) -> None:
    assert genus == genus_of(species)


def test_bracken_is_compared_with_no_kraken() -> None:
    kraken, bracken = (of(data)["answer"] for data in (lab.kraken(lab.gut()), tables.bracken()))
    day = date(2026, 3, 1)
    two = [Measured(answer=one, metadata={}, collected=day, handed_in=datetime(2026, 3, 9, tzinfo=UTC))
           for one in (kraken, bracken)]  # fmt: skip
    alike = group(240, region="shotgun", pipeline="Kraken 2", database="Standard 2024-06", denominator="all_reads")
    said = {**SAID, "database": "Standard 2024-06"}

    assert "method_differs" in {one.code for one in versus(*two).reasons}
    assert compare(bracken, said, [alike], for_patient=False).group is None


@pytest.mark.parametrize("path", ["../../evil", "/etc/evil", "0f5c3ab1-1f0e-4d7c-9d43-0a7b6a1f5e21/../../evil"])
def test_paths_of_an_archive_lead_nowhere(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a/b")
    packed = io.BytesIO(tables.q2_table())
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr(path, b"evil")

    assert of(packed.getvalue(), tables.q2_taxonomy(), sample="stool")["state"] in {"ready", "refused"}
    assert ["a", "a/b"] == sorted(str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*"))


@pytest.mark.parametrize("quoted", [
    lambda names: f'"{names}"',
    lambda names: [f'"{name}"' for name in names.split("; ")],
    lambda names: [name + '"' if name == "k__Bacteria" else name for name in names.split("; ")],
], ids=["around the string", "around each", "one that stayed behind"])  # fmt: skip
def test_stray_quotes_are_part_of_no_name(quoted: Callable[[str], Any]) -> None:
    rows = [{"id": one, "metadata": {"taxonomy": quoted(names)}} for one, names, _, _ in tables.FEATURES]
    plain, stray = (of(data, sample="stool") for data in (tables.biom_1(), tables.biom_1(rows=rows)))

    assert named(plain, "genus") == named(stray, "genus")


def test_mothurs_taxonomy_without_a_header_names_the_same() -> None:
    rows = [line.split(b"\t") for line in tables.cons_taxonomy().splitlines()[1:]]
    bare = b"".join(b"%s\t%s\n" % (one, names) for one, _, names in rows)
    both = [of(tables.shared(), names, sample="stool") for names in (tables.cons_taxonomy(), bare)]

    assert named(both[0], "genus") == named(both[1], "genus")


@pytest.mark.parametrize("files", twins.READ.values(), ids=twins.READ.keys())
def test_every_row_keeps_the_lineage_as_the_file_wrote_it(files: list[bytes]) -> None:
    written = files[0].decode().replace("\\", "")
    rows = of(*files)["answer"]["taxa"]
    last = [row["lineage"].replace(";", "|").split("|")[-1] for row in rows if not row["name"].startswith("unassigned")]

    assert last
    assert [] == [one for one in last if one.strip() not in written]


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


@pytest.mark.parametrize(("name", "summary"), [
    ("Firmicutes/Bacteroidetes", True), ("F/B", True), ("Bacillota to Bacteroidota ratio", True), ("Shannon", True),
    ("Dysbiosis score", True), ("Diversity index", True), ("alpha-diversity", True), ("Richness", True),
    ("Good bacteria total", True), ("g__Gut_health_score", True), ("Your Dorea is low, take more", True),
    ("Escherichia/Shigella", False), ("Bacteroides", False), ("Clostridium sensu stricto 1", False),
    ("f__Bacteroidaceae", False), ("k__B;p__Firmicutes;c__B", False), ("B. fragilis", False),
    ("Prevotella 9", False), ("Simplicispira", False), ("Bacteroidetes bacterium", False),
])  # fmt: skip
def test_ratios_and_scores_are_known_by_their_names(name: str, summary: bool) -> None:
    assert summary == is_summary(name)


def test_a_lineage_is_asked_part_by_part_and_a_species_tells_its_genus() -> None:
    lineages = (
        "Lineage;Percent\nk__Bacteria|p__Firmicutes|g__Roseburia;30\nk__Bacteria|p__Gut age|g__Roseburia;5\n"
        "k__Bacteria|p__Firmicutes|g__|s__Bacteroides_pectinophilus;30\nk__Bacteria|p__Bacteroidetes|g__Bacteroides;35\n"
    )
    mapping = ColumnMapping(layout="one_column", taxon="Lineage", taxon_is="lineage", rank_from="name", value="Percent")
    said = outcome([lineages.encode()], None, Limits(), {"name": "x", "mapping": mapping.as_dict()})["answer"]
    species = "Group;Percent\nBacteroides uniformis;40\nRoseburia hominis;30\nRoseburia faecis;20\nCAG-56;10\n"
    mapping = ColumnMapping(layout="one_column", taxon="Group", value="Percent", rank="species")
    found = outcome([species.encode()], None, Limits(), {"name": "x", "mapping": mapping.as_dict()})["answer"]
    typed = [{"name": name, "rank": "species", "percent": 40} for name in ("Dorea longicatena", "Dorea sp. 5")]

    assert "1 rows" == said["notes"]["left out: ratios, scores and indices"]
    assert "Bacteroides pectinophilus" in {row["name"] for row in said["taxa"]}
    genera = {row["name"]: row["percent"] for row in found["taxa"] if row["rank"] == "genus"}
    assert {"Bacteroides": 40, "Roseburia": 50, "unassigned genus in no known group": 10} == genera
    assert "genera_from_names" in {one["code"] for one in found["warnings"]}
    by_hand = outcome([], None, Limits(), {"rows": typed})["answer"]
    assert {"Dorea": 80} == {row["name"]: row["percent"] for row in by_hand["taxa"] if row["rank"] == "genus"}


def test_a_level_table_of_semicolons_is_read_and_a_wide_table_is_offered() -> None:
    heads = 'index;"k__Bacteria;p__Bacillota;g__Blautia";"k__Bacteria;p__Bacteroidota;g__Bacteroides";age\n'
    said = outcome([f"{heads}S1;4000,0;6000;40\n".encode()], None, Limits())["answer"]
    torn = outcome([b"index;k__Bacteria;p__Bacillota;g__Blautia;age\nS1;4000;3000;3000;40\n"], None, Limits())

    assert ("qiime2-level-csv", {"Bacteroides": 60, "Blautia": 40}) == (
        said["format"],
        {row["name"]: row["percent"] for row in said["taxa"] if row["rank"] == "genus"},
    )
    assert ("unknown_table", 1) == (torn["problem"]["code"], torn["table"]["rows_in_all"])


def test_what_a_profiler_could_place_no_further_is_no_fault_of_the_file() -> None:
    heads = b"@SampleID:S\n@Version:0.10.0\n@Ranks:superkingdom|phylum\n@@TAXID\tRANK\tTAXPATH\tTAXPATHSN\tPERCENTAGE\n"
    rows = b"2\tsuperkingdom\t2\tBacteria\t%b\n976\tphylum\t2|976\tBacteria|Bacteroidota\t60\n"
    for whole, remarks in ((b"98", False), (b"50", True)):
        assert remarks == ("ranks_do_not_add_up" in codes(of(heads + rows % whole)))


def test_a_ratio_in_a_table_is_left_out_and_that_it_was_is_written_down() -> None:
    table = own_tables.GERMAN_TEXT + "Firmicutes/Bacteroidetes-Ratio;Index;0,7\nDysbiose-Score;Index;hoch\n"
    described = {"name": "Labor Beispiel, version 1", "mapping": own_tables.GERMAN_MAPPING.as_dict()}
    plain, more = (outcome([text.encode()], None, Limits(), described) for text in (own_tables.GERMAN_TEXT, table))

    assert plain["answer"]["taxa"] == more["answer"]["taxa"]
    assert "2 rows" == more["answer"]["notes"]["left out: ratios, scores and indices"]
    assert "hoch" not in json.dumps(more)


def test_a_name_that_needs_a_clinical_test_earns_a_sentence_and_nothing_else() -> None:
    renamed = [
        (lineage.replace("Roseburia_hominis", "Clostridioides_difficile"), *rest) for lineage, *rest in lab.STOOL
    ]
    plain, found = of(lab.metaphlan_4())["answer"], of(lab.metaphlan_4(renamed))["answer"]  # type: ignore[arg-type]

    assert [] == plain["warnings"]
    [remark] = found["warnings"]
    assert "confirm_clinically" == remark["code"]
    assert "a clinical test is what tells" in remark["text"]
    assert plain["diversity"] == found["diversity"]
