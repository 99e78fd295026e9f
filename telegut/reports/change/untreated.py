"""
What changes in a gut by itself: figures of untreated adults, and for which method they hold.

The only ones we have: HMP1-II, 156 people, two visits months apart, shotgun sequencing read by MetaPhlAn 2
(Lloyd-Price et al., Nature 2017;550:61-66, doi 10.1038/nature23889; ``untreated.csv`` and the constants are computed
from its published profiles). They are not norms, and they hold for no other method.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SOURCE = "Lloyd-Price et al., Nature 2017;550:61-66, doi 10.1038/nature23889"
PEOPLE = 156
REGION, FAMILY = "shotgun", "MetaPhlAn 2"
"""The method of which these figures are, as `telegut.reports.cohorts.match` writes it."""

OUTSIDE_BY_ITSELF = 0.05
"""The share of untreated people outside each band: a band ends at the 95th percentile."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles of Bray-Curtis distances of species (0: the same, 1: nothing in common)."""

    p5: float
    median: float
    p95: float


SAME_PERSON = Spread(0.19, 0.35, 0.66)
DIFFERENT_PEOPLE = Spread(0.53, 0.75, 0.92)
SAME_STOOL_TWICE = Spread(0.02, 0.08, 0.24)
"""76 samples that were sequenced twice."""

SHANNON_SD = 0.40
"""Standard deviation of the change of Shannon's index (species, natural logarithm) from one visit to the next."""
SHANNON_USUAL = 0.8
"""95 of 100 people change by no more than about this: 1.96 times `SHANNON_SD`, rounded."""
SHANNON_SAME_STOOL = 0.31
"""Repeat sequencing stays within this."""


@dataclass(frozen=True, slots=True)
class Usual:
    """How one genus changes by itself. only_one: share of pairs that have it in one sample alone; folds ≥ 1."""

    genus: str
    pairs: int
    both: int
    only_one: float
    median: float
    p90: float
    p95: float


@cache
def usual() -> dict[str, Usual]:
    """The table, by genus."""
    text = Path(__file__).with_name("untreated.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {
        row["genus"]: Usual(
            row["genus"],
            int(row["pairs"]),
            int(row["both"]),
            float(row["only_one"]),
            float(row["median"]),
            float(row["p90"]),
            float(row["p95"]),
        )
        for row in rows
    }
