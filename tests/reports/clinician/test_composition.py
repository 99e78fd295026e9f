"""Bars, hues and names: 15 genera on one scale, a phylum as a colour with its word, old names found."""

from __future__ import annotations

from dataclasses import asdict, fields

import pytest

from telegut.reports.composition import bars_of
from telegut.reports.panel import GENERA_FOR_CLINICIANS, GENERA_FOR_PATIENTS, Panel
from telegut.reports.phyla import OTHER, hue_of, phyla_in
from telegut.reports.taxonomy.searching import other_names
from tests.reports.clinician.samples import panel, stored


def test_bars_are_the_largest_genera_and_everything_that_has_no_name() -> None:
    bars = panel().bars
    assert ["genus"] * GENERA_FOR_CLINICIANS + ["rest", "unassigned", "unclassified"] == [bar.kind for bar in bars]
    said = panel().answer
    assert abs(100 - sum(bar.percent or 0 for bar in bars)) < 0.01
    assert 100 == max(bar.length for bar in bars)
    assert said["unclassified_percent"] == bars[-1].percent


def test_both_readers_see_one_order_so_that_a_place_has_one_name() -> None:
    said = stored().answer
    assert said
    team, patient = (
        [bar.name for bar in bars_of(said, most) if bar.kind == "genus"]
        for most in (GENERA_FOR_CLINICIANS, GENERA_FOR_PATIENTS)
    )
    assert team[:GENERA_FOR_PATIENTS] == patient
    assert team == [row["name"] for row in said["taxa"] if row["rank"] == "genus"][:GENERA_FOR_CLINICIANS]


@pytest.mark.parametrize(("older", "newer"), [
    ("Bacteroidetes", "Bacteroidota"), ("Firmicutes", "Bacillota"), ("Firmicutes", "Bacillota_A"),
    ("Actinobacteria", "Actinomycetota"), ("Proteobacteria", "Pseudomonadota"), ("p__Firmicutes", "Firmicutes_B"),
])  # fmt: skip
def test_a_phylum_keeps_its_hue_under_every_name(older: str, newer: str) -> None:
    assert hue_of(older) == hue_of(newer) != OTHER


@pytest.mark.parametrize("name", ["Euryarchaeota", "Fusobacteriota", "Desulfobacterota", "Nobody_knows"])
def test_other_phyla_are_grey(name: str) -> None:
    assert OTHER == hue_of(name)


def test_a_genus_has_the_phylum_that_its_file_says() -> None:
    hues = {bar.name: (bar.phylum.name, bar.phylum.hue) for bar in panel().bars if bar.kind == "genus"}
    assert ("Bacteroidota", 1) == hues["Bacteroides"]
    assert ("Firmicutes", 2) == hues["Roseburia"]
    assert (None, OTHER) == (lambda one: (one.name, one.hue))(phyla_in([]).of("k__Bacteria|g__Roseburia"))


def test_a_phylum_is_a_drawing_and_nothing_is_added_up_by_it() -> None:
    assert not [one.name for one in fields(Panel) if "phyl" in one.name]
    for bar in panel().bars:
        assert {"name", "hue"} == set(asdict(bar.phylum))


@pytest.mark.parametrize(("name", "rank", "other", "certain"), [
    ("Segatella copri", "species", "Prevotella copri", True),
    ("Prevotella copri", "species", "Segatella copri", True),
    ("Bacillota", "phylum", "Firmicutes", True),
    ("Segatella", "genus", "Prevotella", False),
])  # fmt: skip
def test_a_group_is_found_under_its_other_names(name: str, rank: str, other: str, certain: bool) -> None:
    found = [(one.other, one.certain) for one in other_names([{"name": name, "rank": rank}])]
    assert (other, certain) in found


@pytest.mark.parametrize(("name", "rank"), [("Akkermansia", "genus"), ("Segatella copri", "genus")])
def test_nothing_is_another_name_of_itself_or_of_another_rank(name: str, rank: str) -> None:
    assert [] == other_names([{"name": name, "rank": rank}])
