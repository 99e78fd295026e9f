"""
The names of organisms that the house knows: those of its own figures and tables, and a list written by hand.

They decide whether a name of somebody's own table is asked about (`telegut.reports.taxonomy.known`), and nothing else.
What other patients' files held is not learned: which names were ever met in a clinic says something about its patients,
and a file that somebody made could teach anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from telegut.reports.change.untreated import usual
from telegut.reports.cohorts.built_in import built_in
from telegut.reports.formats.profile import readable
from telegut.reports.taxonomy.synonyms import synonyms

LIST = Path(__file__).with_name("house_names.txt")
_ORDINARY = frozenset({"minimum", "maxima", "medium", "communis", "commune"})
"""Epithets that are words of judgement beside another genus: "Bifidobacterium minimum" is one, "Dorea minimum" none."""


@dataclass(frozen=True, slots=True)
class House:
    """*whole*: names as they stand, of any rank. *heads*: those of one word. *epithets*: second words of species."""

    whole: frozenset[str]
    heads: frozenset[str]
    epithets: frozenset[str]


@cache
def house() -> House:
    """All of them; read once a process."""
    whole = {readable(name) for name in _everything()} - {""}
    heads = {name.strip("[]") for name in whole if " " not in name}
    return House(frozenset(whole), frozenset(heads), frozenset(_epithets(whole) - _ORDINARY))


def _everything() -> Iterator[str]:
    yield from usual()
    for group in built_in():
        yield from group.genera
    for row in synonyms():
        yield from (row.name, row.other)
    yield from _written()


def _written() -> Iterator[str]:
    for line in LIST.read_text(encoding="utf-8").splitlines():
        first, *others = line.split() or ["#"]
        if first == ">":
            yield from others
        elif first != "#":
            yield first
            yield from (f"{first} {epithet}" for epithet in others)


def _epithets(names: set[str]) -> set[str]:
    pairs = (name.split(" ") for name in names)
    return {pair[1] for pair in pairs if len(pair) == 2 and pair[1].isalpha() and pair[1].islower()}
