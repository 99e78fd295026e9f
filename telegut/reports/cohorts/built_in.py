"""
The four published groups that telegut brings along: summary figures of healthy adults, genus level.

Computed from public tables (see *source* of each); facts with their citation. They are not normal ranges: each holds
for samples made with the same method alone. Left out of the files: what was known only down to a family or above,
because how much that is says something about the database, not about people. The figures of a genus that under 5 of
100 people had were not computed.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from telegut.reports.cohorts.group import LEVELS, About, Group, Percentiles

_FOLDER = Path(__file__).with_name("built_in_figures")
_COLUMNS = {level: f"p{level * 100:g}" for level in LEVELS}

_ABOUT: dict[str, About] = {
    "baxter_2016_normal": About(
        name="Adults with a normal colonoscopy (Baxter 2016)",
        n=172,
        inclusion="asymptomatic, normal colonoscopy, people at high risk of colorectal cancer included",
        age_from=29,
        age_to=80,
        women=111,
        men=61,
        country="United States and Canada",
        region="V4",
        pipeline="mothur",
        antibiotics="no exclusion",
        kit="whole stool on ice, no preservative",
        extraction="PowerSoil-htp 96",
        database="RDP trainset 10 (082014)",  # code/mothur.batch of the study's repository
        denominator="all_reads",
        depth=10_000,
        licence="MIT (repository SchlossLab/Baxter_glne007Modeling_GenomeMed_2015)",
        source="Baxter et al., Genome Med 2016;8:37, doi 10.1186/s13073-016-0290-3",
    ),
    "global_gut_2012_us_adults": About(
        name="Adults in the United States (Global Gut 2012)",
        n=129,
        inclusion="adults of the Global Gut study living in the United States, relatives included",
        age_from=18,
        country="United States",
        region="V4",
        pipeline="QIIME 1 closed reference",
        database="Greengenes 13_8",
        denominator="all_reads",
        depth=10_000,
        licence="BSD-3-Clause (repository biocore/American-Gut)",
        source="Yatsunenko et al., Nature 2012;486:222, doi 10.1038/nature11053",
    ),
    "hmp_2012_v35": About(
        name="Healthy young adults (HMP 2012, 16S)",
        n=193,
        inclusion="healthy by the protocol of the Human Microbiome Project, first visit",
        age_from=18,
        age_to=40,
        country="United States",
        region="V3-V5",
        pipeline="QIIME 1 closed reference",
        database="Greengenes 13_8",
        denominator="all_reads",
        depth=1_000,
        licence="BSD-3-Clause (repository biocore/American-Gut)",
        source="Human Microbiome Project Consortium, Nature 2012;486:207, doi 10.1038/nature11234",
    ),
    "hmp1ii_2017_shotgun": About(
        name="Healthy young adults (HMP1-II 2017, shotgun)",
        n=249,
        inclusion="healthy by the protocol of the Human Microbiome Project, first visit",
        age_from=18,
        age_to=40,
        country="United States",
        region="shotgun",
        pipeline="MetaPhlAn 2",
        database="mpa_v20_m200",  # the one marker set that MetaPhlAn 2 had when the study was published
        denominator="profile",
        licence="summary figures only; the Human Microbiome Project's data are open",
        source="Lloyd-Price et al., Nature 2017;550:61, doi 10.1038/nature23889",
    ),
}


@cache
def built_in() -> tuple[Group, ...]:
    """All of them, at version 1; a change of any figure would be another version."""
    return tuple(
        Group(id=id, version=1, about=about, genera=_figures(id), built_in=True) for id, about in _ABOUT.items()
    )


def _figures(id: str) -> dict[str, Percentiles]:
    with (_FOLDER / f"{id}.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["genus"]: Percentiles(
                int(row["n"]),
                round(float(row["prevalence"]) * int(row["n"])),
                {level: float(row[column]) for level, column in _COLUMNS.items()},
            )
            for row in csv.DictReader(file)
        }
