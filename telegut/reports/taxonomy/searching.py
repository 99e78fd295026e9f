"""
Other names under which people look for a group that is in a sample: the old ones, the new ones, and those of its parts.

Built from the dated table of names. A name that is certainly another one of the group is told apart from one that only
some databases use for it, so that a search finds both and says which is which. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from telegut.reports.taxonomy.synonyms import synonyms


@dataclass(frozen=True, slots=True)
class OtherName:
    """*name*, a group as the file writes it, is looked for as *other*; *certain*: both are names of one group."""

    name: str
    rank: str
    other: str
    certain: bool


def other_names(taxa: Iterable[Mapping[str, Any]]) -> list[OtherName]:
    """
    Every other name of the groups in *taxa* (rows with ``name`` and ``rank``), in the order of the table of names.

    >>> [one.other for one in other_names([{"name": "Segatella copri", "rank": "species"}])]
    ['Prevotella copri']
    """
    there = {(row["rank"], row["name"]) for row in taxa}
    return list(dict.fromkeys(_found(there)))


def _found(there: set[tuple[str, str]]) -> Iterator[OtherName]:
    for row in synonyms():
        for name, other in ((row.name, row.other), (row.other, row.name)):
            if name != other and (row.rank, name) in there:
                yield OtherName(name, row.rank, other, row.relation == "renamed")
