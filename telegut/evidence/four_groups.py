"""
The same eight genera in four groups of healthy people: the figures of a page that teaches, never a range for anybody.

Percent of the sample: 5th percentile, median, 95th percentile; then the share of people who have the genus at all, in
percent. Summary figures computed for telegut from the public tables that `GROUPS` name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Group:
    """Healthy people who were measured one way. *label* is for a chart, *people* their number."""

    label: str
    people: int
    method: str
    source: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One genus in one group: *low* and *high* hold 9 of 10 people; *found_in*: percent of people who have it."""

    low: float
    median: float
    high: float
    found_in: int


@dataclass(frozen=True, slots=True)
class Genus:
    """One genus in every group, in the order of `GROUPS`."""

    name: str
    figures: tuple[Figure, Figure, Figure, Figure]

    @property
    def top(self) -> float:
        """The highest figure of any group: the right edge of its drawing."""
        return max(one.high for one in self.figures)


GROUPS: Final = (
    Group(
        "Group A",
        193,
        "part of one gene, older machine (16S V3-V5, 454, Greengenes 13_8)",
        "HMP Consortium, Nature 2012; table of biocore/American-Gut (BSD-3)",
    ),
    Group(
        "Group B",
        129,
        "part of one gene (16S V4, HiSeq, Greengenes 13_8)",
        "Yatsunenko et al., Nature 2012; table of biocore/American-Gut (BSD-3)",
    ),
    Group(
        "Group C",
        172,
        "a normal look into the bowel; part of one gene (16S V4, MiSeq, mothur with RDP names)",
        "Baxter et al., Genome Medicine 2016; tables of the authors (MIT)",
    ),
    Group(
        "Group D",
        249,
        "all genes (shotgun, MetaPhlAn 2)",
        "Lloyd-Price et al., Nature 2017; summary figures only",
    ),
)

SOURCES: Final = "; ".join(one.source for one in GROUPS)

GENERA: Final = (
    Genus(
        "Bacteroides",
        (
            Figure(12.84, 50.4, 85.46, 100),
            Figure(3.05, 13.71, 40.01, 100),
            Figure(0.62, 14.71, 39.8, 100),
            Figure(11.37, 48.96, 84.13, 100),
        ),
    ),
    Genus(
        "Faecalibacterium",
        (
            Figure(0, 1.8, 9.74, 92),
            Figure(0.96, 9.49, 18.96, 99),
            Figure(0.11, 3.61, 9.77, 98),
            Figure(0.06, 2.3, 12.1, 98),
        ),
    ),
    Genus(
        "Blautia",
        (
            Figure(0, 0.4, 3.24, 87),
            Figure(1.9, 6.2, 15.16, 100),
            Figure(2.07, 10.69, 34.44, 100),
            Figure(0.05, 0.36, 3.67, 99),
        ),
    ),
    Genus(
        "Roseburia",
        (
            Figure(0, 0, 0.6, 37),
            Figure(0.04, 0.59, 2.58, 98),
            Figure(0.26, 3.2, 11.66, 99),
            Figure(0.02, 0.68, 4.88, 98),
        ),
    ),
    Genus(
        "Alistipes",
        (
            Figure(0, 0, 0.7, 30),
            Figure(0, 0, 0.14, 47),
            Figure(0.01, 2.19, 9.57, 96),
            Figure(0, 10.91, 30.77, 94),
        ),
    ),
    Genus(
        "Coprococcus",
        (
            Figure(0, 0.9, 4.64, 92),
            Figure(1.12, 3.51, 7.46, 100),
            Figure(0, 0.82, 3.98, 92),
            Figure(0, 0.08, 1.56, 82),
        ),
    ),
    Genus(
        "Bifidobacterium",
        (
            Figure(0, 0, 0.4, 22),
            Figure(0, 0.84, 7.48, 87),
            Figure(0, 0.45, 8.17, 87),
            Figure(0, 0.11, 3.3, 77),
        ),
    ),
    Genus(
        "Akkermansia",
        (
            Figure(0, 0, 1.9, 23),
            Figure(0, 0.16, 3.86, 77),
            Figure(0, 0.88, 12.44, 94),
            Figure(0, 0.01, 6.27, 55),
        ),
    ),
)
