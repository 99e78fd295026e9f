"""The dated table of names, ``synonyms.csv`` beside this file, each row with the paper that it rests on."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast

Relation = Literal["renamed", "unchanged", "split", "uncertain"]
"""
``renamed``: one group, another name. ``unchanged``: looked up, and it has kept name and members. ``split``: a part has
left, so the name does not mean the same before and after. ``uncertain``: databases draw the line differently.
"""

TABLE = Path(__file__).with_name("synonyms.csv")


@dataclass(frozen=True, slots=True)
class Synonym:
    """One row. *since*: ``YYYY-MM``, when *other* was published. *schemes*: the databases the row holds for."""

    rank: str
    name: str
    other: str
    relation: Relation
    schemes: frozenset[str]
    since: str
    source: str


@cache
def synonyms() -> tuple[Synonym, ...]:
    """Every row of the table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Synonym(
                row["rank"],
                row["name"],
                row["other"],
                cast(Relation, row["relation"]),
                frozenset(row["schemes"].split()),
                row["since"],
                row["source"],
            )
            for row in csv.DictReader(file)
        )


@cache
def rows_of(name: str, rank: str) -> tuple[Synonym, ...]:
    """The rows in which *name* stands on either side."""
    return tuple(one for one in synonyms() if one.rank == rank and name in {one.name, one.other})
