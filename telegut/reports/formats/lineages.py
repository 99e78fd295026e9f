"""
From rows with whole lineages to one tree: every ancestor exists once, values that a file leaves out are summed.

A rank is read from its prefix (``g__``), never from its position: lineages may skip ranks. A file of one rank alone
(``--tax_lev s``) gets the ranks above from its lineages. Where a file does have rows of a rank, one that appears only
in lineages is not made a row: MetaPhlAn 4 sometimes puts a species under another parent than the parent's own row.
"""

from __future__ import annotations

from dataclasses import dataclass

from telegut.reports.formats.limits import Limits
from telegut.reports.formats.profile import Clade, Rank, is_blank, readable
from telegut.reports.formats.refusals import DamagedFile, ReportTooLarge

_RANKS: dict[str, Rank] = {
    "k": "domain",  # MetaPhlAn writes domains as kingdoms: k__Bacteria
    "d": "domain",
    "p": "phylum",
    "c": "class",
    "o": "order",
    "f": "family",
    "g": "genus",
    "s": "species",
    "t": "strain",  # version 4 puts the species-level genome bin (SGB) here
}


@dataclass(frozen=True, slots=True)
class Row:
    """
    One line of a profile. *taxids* is MetaPhlAn's ``2|976|…``, aligned with the lineage or empty. *written*: the
    lineage word for word, where the file writes it otherwise.
    """

    lineage: str
    taxids: str
    amount: float
    reads: int | None
    number: int
    written: str = ""


class Lineages:
    """Collects rows in any order; `clades` gives the tree, parents first."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._rows: dict[str, Row | None] = {}

    def __bool__(self) -> bool:
        return any(row is not None and row.amount > 0 for row in self._rows.values())

    def add(self, row: Row) -> None:
        """
        Take one row.

        Raises:
            DamagedFile: its lineage was there before, or a part of it has no rank.
            ReportTooLarge: it is deeper than any taxonomy.
        """
        if self._rows.get(row.lineage) is not None:
            raise DamagedFile(f"Line {row.number} repeats a lineage that was there before.")
        parts = row.lineage.split("|")
        if len(parts) > self._limits.lineage_parts or len(row.lineage) > self._limits.name_characters:
            raise ReportTooLarge(f"Line {row.number} has a longer lineage than any taxonomy.")
        for part in parts:
            if part[1:3] != "__" or part[0] not in _RANKS:
                raise DamagedFile(f"Line {row.number} has a lineage with a part that names no rank.")
        self._rows[row.lineage] = row
        for end in range(1, len(parts)):
            self._rows.setdefault("|".join(parts[:end]), None)

    def clades(self) -> tuple[Clade, ...]:
        """The tree. An ancestor without a row of its own is the sum of its children; clades of nothing are left out."""
        order = sorted(self._rows, key=lambda lineage: lineage.count("|"))
        amounts = self._amounts(order)
        given = {_rank(lineage) for lineage, row in self._rows.items() if row is not None}
        places: dict[str, int] = {}
        clades: list[Clade] = []
        for lineage in order:
            if amounts[lineage] > 0:
                places[lineage] = len(clades)
                derived = self._rows[lineage] is None and _rank(lineage) in given
                clades.append(self._clade(lineage, amounts[lineage], places.get(_above(lineage)), derived))
        return tuple(clades)

    def _amounts(self, order: list[str]) -> dict[str, float]:
        sums: dict[str, float] = {}
        amounts: dict[str, float] = {}
        for lineage in reversed(order):
            row = self._rows[lineage]
            amounts[lineage] = row.amount if row is not None else sums.get(lineage, 0.0)
            above = _above(lineage)
            sums[above] = sums.get(above, 0.0) + amounts[lineage]
        return amounts

    def _clade(self, lineage: str, amount: float, parent: int | None, derived: bool) -> Clade:
        row = self._rows[lineage]
        last = lineage.rsplit("|", 1)[-1]
        name = last[3:]
        blank = is_blank(name)
        return Clade(
            name="" if blank else readable(name),
            rank=None if blank else _rank(lineage),
            taxid=_taxid(row.taxids, lineage) if row is not None else None,
            lineage=row.written or lineage if row is not None else lineage,
            parent=parent,
            amount=amount,
            reads=row.reads if row is not None else None,
            derived=derived,
        )


def _rank(lineage: str) -> Rank:
    return _RANKS[lineage.rsplit("|", 1)[-1][0]]


def _above(lineage: str) -> str:
    return lineage.rpartition("|")[0]


def _taxid(taxids: str, lineage: str) -> int | None:
    """The last of ``2|976|816``; ``None`` when it is empty (placeholders have none) or a list of another length."""
    parts = taxids.split("|")
    last = parts[-1].strip()
    aligned = len(parts) == lineage.count("|") + 1 or len(parts) == 1
    return int(last) if aligned and last.isascii() and last.isdigit() and len(last) < 16 else None
