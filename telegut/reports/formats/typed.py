"""
A profile that a person typed from a PDF or a photo: names, ranks and percentages, and nothing about the method.

The laboratory's file is kept and never read. What is typed has no pipeline, no database and no region, so no comparison
group and no earlier sample can be matched to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from telegut.reports.formats.named import Amount, clades_of, species_alone
from telegut.reports.formats.profile import Profile
from telegut.reports.formats.refusals import NothingClassified

FORMAT = "typed-by-hand"


def read(rows: Sequence[Mapping[str, Any]]) -> Profile:
    """
    The profile of typed *rows*: ``{name, rank, percent, …}``, rank ``genus`` or ``species``.

    Raises:
        NothingClassified: every percentage is zero.
    """
    amounts = [Amount(row["name"], row["rank"], float(row["percent"]), None, row["name"]) for row in rows]
    # Lists give a genus with everything in it beside its species: each rank is a view of the same whole.
    clades = clades_of(amounts, in_reads=False, nested=True) if any(one.amount for one in amounts) else ()
    if not clades:
        raise NothingClassified
    return Profile(
        format=FORMAT,
        why="a person typed these numbers from the laboratory's document",
        samples=(),
        sample=None,
        pipeline=None,
        database=None,
        region=None,
        in_reads=False,
        clades=clades,
        total_reads=None,
        unclassified=None,
        genera_from_names=species_alone(amounts),
    )
