"""Which names are certainly one group in two databases, and which are not."""

from __future__ import annotations

import re

import pytest

from telegut.reports.taxonomy.databases import database_of
from telegut.reports.taxonomy.names import also_called, same_name, spelled
from telegut.reports.taxonomy.synonyms import synonyms

M2, M3, M4 = "mpa_v20_m200", "mpa_v30_CHOCOPhlAn_201901", "mpa_vJun23_CHOCOPhlAnSGB_202307"


@pytest.mark.parametrize(("name", "rank", "here", "there", "expected"), [
    ("Prevotella copri", "species", M3, M4, "Segatella copri"),
    ("Segatella copri", "species", M4, M3, "Prevotella copri"),
    ("s__Prevotella_copri", "species", M3, M4, "Segatella copri"),
    ("Bacteroides vulgatus", "species", M3, M4, "Phocaeicola vulgatus"),
    ("Phocaeicola vulgatus", "species", M4, "GTDB r220", "Phocaeicola vulgatus"),
    ("Bacteroidetes", "phylum", M3, M4, "Bacteroidota"),
    ("Bacteroidota", "phylum", M4, "NCBI 2019-01", "Bacteroidetes"),
    ("Firmicutes", "phylum", M3, M4, "Bacillota"),
    ("Firmicutes", "phylum", M3, "GTDB r220", None),
    ("Proteobacteria", "phylum", M3, M4, None),
    ("Prevotella", "genus", M3, M4, None),
    ("Prevotella", "genus", M2, M3, "Prevotella"),
    ("Bacteroides", "genus", M3, M4, None),
    ("Lactobacillus", "genus", M3, M4, None),
    ("Ruminococcus", "genus", "SILVA 138.1", "Greengenes 13_8", None),
    ("Eubacterium", "genus", "RDP trainset 18", "SILVA 138.1", None),
    ("Clostridium_sensu_stricto", "genus", "RDP trainset 18", "SILVA 138.1", None),
    ("Clostridium_XlVa", "genus", "RDP trainset 18", "SILVA 138.1", None),
    ("Ruminococcus2", "genus", "RDP trainset 18", "SILVA 138.1", None),
    ("[Ruminococcus]", "genus", "Greengenes 13_8", "SILVA 138.1", None),
    ("Escherichia/Shigella", "genus", "RDP trainset 18", "Greengenes 13_8", None),
    ("Blautia_A", "genus", "GTDB r207", "SILVA 138.1", None),
    ("Blautia_A", "genus", "GTDB r207", "GTDB r207", "Blautia_A"),
    ("Blautia_A_141781", "genus", "Greengenes2 2022.10", "GTDB r207", None),
    ("Akkermansia", "genus", "Greengenes2 2022.10", "SILVA 138.1", None),
    ("Akkermansia", "genus", "Greengenes 13_8", "SILVA 138.1", "Akkermansia"),
    ("Roseburia", "genus", "Greengenes 13_8", "SILVA 138.1", None),
    ("Roseburia", "genus", "gg_13_8", "Greengenes 13.8", "Roseburia"),
    ("Roseburia", "genus", None, M4, None),
    ("Roseburia", "genus", "SILVA", "SILVA", None),
])  # fmt: skip
def test_only_what_is_certain_has_a_name(
    name: str, rank: str, here: str | None, there: str | None, expected: str | None
) -> None:
    found = same_name(name, rank, here, there)

    assert expected == found.name
    assert found.why


@pytest.mark.parametrize(("text", "scheme", "version"), [
    ("gg_13_8", "greengenes", "13.8"),
    ("Greengenes 13.8, closed reference", "greengenes", "13.8"),
    ("greengenes2 2022.10", "greengenes2", "2022.10"),
    ("silva_138_1", "silva", "138.1"),
    ("SILVA release 138", "silva", "138"),
    ("GTDB R09-RS220", "gtdb", "220"),
    ("gtdb r95", "gtdb", "95"),
    ("trainset10_082014", "rdp", "10"),
    ("RDP", "rdp", None),
    ("mpa_v20_m200", "metaphlan", "v20"),
    ("#mpa_vOct22_CHOCOPhlAnSGB_202212", "metaphlan", "voct22_chocophlansgb_202212"),
    ("k2_standard_20230605", "ncbi", "k2.standard.20230605"),
    ("k2_pluspf_20230605", "ncbi", "k2.pluspf.20230605"),
    ("our own", "our own", None),
])  # fmt: skip
def test_a_database_is_told_by_scheme_and_version(text: str, scheme: str, version: str | None) -> None:
    found = database_of(text)

    assert found is not None
    assert (scheme, version) == (found.scheme, found.version)


def test_the_table_is_dated_and_every_row_has_its_source() -> None:
    for row in synonyms():
        assert re.fullmatch(r"(19|20)\d\d-(0[1-9]|1[0-2])", row.since), row
        assert row.source
        assert row.schemes
        assert row.relation in {"renamed", "unchanged", "split", "uncertain"}
        assert spelled(row.name) == row.name
    renamed = [(one.rank, one.name) for one in synonyms() if one.relation == "renamed"]
    assert len(renamed) == len(set(renamed))


def test_people_find_a_group_by_its_other_name() -> None:
    assert ("Segatella copri",) == also_called("Prevotella copri", "species")
    assert ("Bacteroidetes",) == also_called("Bacteroidota", "phylum")
    assert () == also_called("Prevotella", "genus")
