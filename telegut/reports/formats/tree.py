"""From features with lineages to one tree: what is named the same way is one clade, and parents hold their children."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from telegut.reports.formats.profile import Clade, Rank
from telegut.reports.formats.taxonomy import Part


@dataclass(slots=True)
class _Node:
    """A clade while amounts are added to it."""

    part: Part
    parent: int | None
    own: float = 0.0
    taxid: int | None = None


class Tree:
    """Collects amounts in any order; `clades` gives the tree, parents first."""

    def __init__(self) -> None:
        self._nodes: list[_Node] = []
        self._places: dict[tuple[int | None, Rank, str], int] = {}

    def add(self, parts: Sequence[Part], amount: float, taxid: int | None = None) -> None:
        """Add *amount* of something that is known as far as the last of *parts*, whose taxid may be given."""
        parent: int | None = None
        for part in parts:
            parent = self._place(parent, part)
        if parent is not None:
            self._nodes[parent].own += amount
            self._nodes[parent].taxid = taxid or self._nodes[parent].taxid

    def clades(self, *, in_reads: bool) -> tuple[Clade, ...]:
        """The tree without clades of nothing. in_reads: whether the amounts are counts."""
        amounts = [node.own for node in self._nodes]
        for place in range(len(self._nodes) - 1, -1, -1):
            parent = self._nodes[place].parent
            if parent is not None:
                amounts[parent] += amounts[place]
        places: dict[int, int] = {}
        clades: list[Clade] = []
        for place, node in enumerate(self._nodes):
            if amounts[place] > 0:
                places[place] = len(clades)
                parent = None if node.parent is None else places[node.parent]
                clades.append(_clade(node, parent, amounts[place], in_reads=in_reads))
        return tuple(clades)

    def _place(self, parent: int | None, part: Part) -> int:
        key = (parent, part.rank, part.written)
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = len(self._nodes)
            self._nodes.append(_Node(part, parent))
        return place


def _clade(node: _Node, parent: int | None, amount: float, *, in_reads: bool) -> Clade:
    return Clade(
        name=node.part.name,
        rank=node.part.rank,
        taxid=node.taxid,
        lineage=node.part.written,
        parent=parent,
        amount=amount,
        own=node.own,
        reads=round(amount) if in_reads else None,
    )
