"""
From names with ranks, and no word on what belongs to what, to a tree that claims nothing more.

Tables that people map and reports that people type give "Bacteroides, genus, 23.1". A species stands under the genus
whose name it begins with, when that genus is there, or when there are species alone; nothing else is placed. When rows
of wider groups hold what is in the narrower ones, every rank adds up to the same whole, so only genera and species are
kept, and what the widest rank holds beyond its genera is known, but not to genus. Otherwise every row is its own
amount.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from telegut.reports.formats.binomials import genus_of
from telegut.reports.formats.profile import Clade, Rank

_NARROW: tuple[Rank, ...] = ("genus", "species")
_WIDE: tuple[Rank, ...] = ("family", "order", "class", "phylum", "domain")


@dataclass(frozen=True, slots=True)
class Amount:
    """What somebody says there is of one group, in reads or percent. rank ``None``: between the ranks."""

    name: str
    rank: Rank | None
    amount: float
    taxid: int | None = None
    written: str = ""


def clades_of(rows: Sequence[Amount], *, in_reads: bool, nested: bool) -> tuple[Clade, ...]:
    """The tree of *rows*; several rows of one name and rank are one. nested: wider groups hold the narrower ones."""
    together = _together(rows)
    if species_alone(together):
        together = _with_genera(together, nested=nested)
    kept = [row for row in together if row.rank in _NARROW] if nested else together
    if nested and not kept:
        kept, nested = _narrowest(together), False
    below = _below(kept)
    placed = {id(child) for children in below.values() for child in children}
    tops = [row for row in kept if id(row) not in placed]
    amounts = [row.amount + (0 if nested else sum(child.amount for child in below.get(id(row), ()))) for row in tops]
    clades: list[Clade] = []
    if nested:
        whole = max(_sums(together).values())
        clades.append(_clade(Amount("", None, whole), None, whole, whole - sum(amounts), in_reads=in_reads))
    for row, amount in zip(tops, amounts, strict=True):
        children = below.get(id(row), ())
        place, own = len(clades), amount - sum(child.amount for child in children)
        clades.append(_clade(row, 0 if nested else None, amount, own, in_reads=in_reads))
        clades += [_clade(child, place, child.amount, child.amount, in_reads=in_reads) for child in children]
    return tuple(clades)


def species_alone(rows: Sequence[Amount]) -> bool:
    """Whether *rows* name species and not one genus, as many letters of laboratories do."""
    ranks = {row.rank for row in rows if row.amount > 0}
    return "species" in ranks and "genus" not in ranks


def _with_genera(rows: Sequence[Amount], *, nested: bool) -> list[Amount]:
    """*rows* after the genera that the names of their species begin with (`binomials`); nested: with what they hold."""
    sums: dict[str, float] = {}
    for row in rows:
        genus = genus_of(row.name) if row.rank == "species" else None
        if genus is not None:
            sums[genus] = sums.get(genus, 0.0) + row.amount
    return [*(Amount(name, "genus", held if nested else 0.0, None, name) for name, held in sums.items()), *rows]


def _narrowest(rows: Sequence[Amount]) -> list[Amount]:
    """Of a table without genera and species: the rows of its narrowest rank."""
    rank = next((one for one in _WIDE if any(row.rank == one for row in rows)), None)
    return [row for row in rows if row.rank == rank]


def _together(rows: Sequence[Amount]) -> list[Amount]:
    found: dict[tuple[str, Rank | None], Amount] = {}
    for row in rows:
        key = row.name, row.rank
        before = found.get(key)
        amount = row.amount + (before.amount if before else 0.0)
        found[key] = Amount(row.name, row.rank, amount, row.taxid, row.written)
    return [row for row in found.values() if row.amount > 0]


def _sums(rows: Sequence[Amount]) -> dict[Rank | None, float]:
    sums: dict[Rank | None, float] = {}
    for row in rows:
        if row.rank is not None:
            sums[row.rank] = sums.get(row.rank, 0.0) + row.amount
    return sums


def _below(rows: Sequence[Amount]) -> dict[int, list[Amount]]:
    """By the identity of a genus: its species."""
    genera = {row.name: row for row in rows if row.rank == "genus"}
    found: dict[int, list[Amount]] = {}
    for row in rows:
        genus = genera.get(row.name.split(" ", 1)[0]) if row.rank == "species" else None
        if genus is not None:
            found.setdefault(id(genus), []).append(row)
    return found


def _clade(row: Amount, parent: int | None, amount: float, own: float, *, in_reads: bool) -> Clade:
    return Clade(
        name=row.name if row.rank else "",
        rank=row.rank,
        taxid=row.taxid,
        lineage=row.written or row.name,
        parent=parent,
        amount=amount,
        own=max(own, 0.0),
        reads=round(amount) if in_reads else None,
    )
