"""
The phylum of a genus, as a drawing and never as a finding: a name beside the bar, and which of the fixed hues it has.

A phylum keeps its hue from report to report, whatever the database calls it. Nothing is added up by phylum, anywhere:
sums and ratios of phyla do not capture how guts differ (Porcari et al., Lancet Gastroenterol Hepatol 2025;10:154-167).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from telegut.reports.taxonomy.names import spelled
from telegut.reports.taxonomy.synonyms import rows_of

_HUES: Final[Mapping[str, int]] = {
    "Bacteroidota": 1,
    "Bacillota": 2,
    "Actinomycetota": 3,
    "Pseudomonadota": 4,
    "Verrucomicrobiota": 5,
}
"""Categorical tokens of the style sheet, for the phyla that stool of adults mostly holds; none of them is red."""
OTHER: Final = 7
"""The grey one: any other phylum, and none."""
_PARTED = re.compile(r"_[A-Z]{1,2}$")
"""GTDB's letters: for a hue, ``Bacillota_A`` is Bacillota."""


@dataclass(frozen=True, slots=True)
class Phylum:
    """*name* as the file has it, ``None`` when it states none; *hue*: number of a categorical token."""

    name: str | None
    hue: int


UNSTATED: Final = Phylum(None, OTHER)


@dataclass(frozen=True, slots=True)
class Phyla:
    """The phyla of one sample, by lineage."""

    by_lineage: Mapping[str, str]

    def of(self, lineage: str) -> Phylum:
        """The phylum that *lineage* runs through."""
        parts = lineage.split("|")
        for depth in range(len(parts), 0, -1):
            if name := self.by_lineage.get("|".join(parts[:depth])):
                return Phylum(name, hue_of(name))
        return UNSTATED


def phyla_in(taxa: Iterable[Mapping[str, Any]]) -> Phyla:
    """The phyla among the rows of a reading."""
    return Phyla({row["lineage"]: spelled(row["name"]) for row in taxa if row["rank"] == "phylum"})


def hue_of(name: str) -> int:
    """
    Which hue a phylum has, under its old name or the new one.

    >>> hue_of("Firmicutes") == hue_of("Bacillota_A") == 2
    True
    """
    plain = _PARTED.sub("", spelled(name))
    names = {plain, *(row.other for row in rows_of(plain, "phylum"))}
    return next((hue for known, hue in _HUES.items() if known in names), OTHER)
