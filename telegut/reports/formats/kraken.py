"""
Kraken 1 and 2 reports: reads on an indented tree, six columns, or eight with minimizers.

``percent  reads here and below  reads here  [minimizers  distinct minimizers]  rank letter  taxid  indented name``

The tree is read from taxids and indentation; letters only help (see `kraken_ranks`). The percent column is not used:
it is rounded, and of all reads only when the file has its ``unclassified`` line. A file without that line does not say
how much was unclassified. Source: Kraken 2 manual, "Sample Report Output Format" and "Distinct minimizer count
information".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from telegut.reports.formats.kraken_ranks import ROOT_TAXID, by_letter, by_name
from telegut.reports.formats.limits import Limits
from telegut.reports.formats.numbers import amount, count
from telegut.reports.formats.profile import RANKS, Clade, Profile, Rank, is_blank
from telegut.reports.formats.refusals import DamagedFile, NothingClassified, ReportTooLarge, UnknownSample

_LETTER = re.compile(r"[A-Z]?[0-9]{0,2}|-")
_PREFIX = re.compile(r"[dkpcofgs]__")
_SUBSPECIES = re.compile(r"(subsp|ssp|serovar|biovar|pv|bv)\. [^ ]+$")
_UNDER_SPECIES = frozenset({"species", "strain"})
_STEP = {rank: step for step, rank in enumerate(RANKS)}
_PROBE = 20
_SEVERAL = 10
"""Groups that hold reads of their own, from which on one rank holding them all is no accident."""


@dataclass(slots=True)
class _Node:
    """One line of the report on its way to a clade."""

    name: str
    letter: str
    taxid: int
    reads: int
    own: int
    indent: int
    parent: int | None = None
    rank: Rank | None = None
    under_species: bool = False
    children: list[int] = field(default_factory=list)


def recognise(lines: Sequence[str]) -> str | None:
    """Why *lines* are a Kraken report, in words for a person; ``None`` when they are not."""
    probed = list(islice((line for line in lines if line.strip()), _PROBE))
    widths = {line.count("\t") + 1 for line in probed}
    if len(widths) != 1 or not widths <= {6, 8} or any(_node(line) is None for line in probed):
        return None
    minimizers = " with minimizer counts" if widths == {8} else ""
    return (
        f"every line has {widths.pop()} columns{minimizers}: percent, reads, a rank letter, a taxid, an indented name"
    )


def read(lines: Sequence[str], sample: str | None, limits: Limits) -> Profile:
    """
    The one sample of a Kraken report.

    Raises:
        NothingClassified, DamagedFile, ReportTooLarge: as they say.
        UnknownSample: *sample* was asked for; these files do not name theirs.
    """
    if sample is not None:
        raise UnknownSample("A Kraken report holds one sample and does not name it.")
    unclassified: int | None = None
    nodes: list[_Node] = []
    for node in _nodes(lines, limits):
        if node.letter == "U" or (node.taxid == 0 and node.name == "unclassified"):
            if unclassified is not None:
                raise DamagedFile("The file holds two Kraken reports one after the other.")
            unclassified = node.reads
        else:
            nodes.append(node)
    _plant(nodes, limits)
    classified = sum(node.reads for node in nodes if node.parent is None)
    if classified == 0:
        raise NothingClassified
    if any(node.reads > classified for node in nodes):
        raise DamagedFile("A group in this report has more reads than the whole sample; the file may have been edited.")
    inferred = _rank(nodes)
    form, pipeline = _made_by(nodes, unclassified)
    return Profile(
        format=form,
        why=recognise(lines) or "",
        samples=(),
        sample=None,
        pipeline=pipeline,
        database=None,
        region=None,  # mostly shotgun, but Kraken is run on amplicons too, and the file does not tell
        in_reads=True,
        clades=tuple(_clades(nodes)),
        total_reads=None if unclassified is None else classified + unclassified,
        unclassified=unclassified,
        ranks_inferred=inferred,
    )


def _made_by(nodes: Sequence[_Node], unclassified: int | None) -> tuple[str, str]:
    """
    Format and pipeline. Bracken writes Kraken's layout with all reads moved to one rank and no unclassified line, where
    Kraken leaves some at every rank; version 1 has a dash between the ranks, version 2 writes R1, G2 ….
    """
    holding = {node.letter[:1] for node in nodes if node.own}
    several = sum(1 for node in nodes if node.own) >= _SEVERAL
    if unclassified is None and several and len(holding) == 1 and holding <= {"P", "C", "O", "F", "G", "S"}:
        return "bracken-report", "Kraken and Bracken"
    return (
        ("kraken1-report", "Kraken 1") if any(node.letter == "-" for node in nodes) else ("kraken2-report", "Kraken 2")
    )


def _node(line: str) -> _Node | None:
    cells = line.split("\t")
    if len(cells) not in {6, 8} or amount(cells[0]) is None or not _is_letter(letter := cells[-3].strip()):
        return None
    reads, own, taxid = count(cells[1]), count(cells[2]), count(cells[-2])
    name = cells[-1].strip()
    if reads is None or own is None or taxid is None or not name:
        return None
    indent = len(cells[-1]) - len(cells[-1].lstrip(" "))
    name = _PREFIX.sub("", name, count=1) if "__" in name else name
    return _Node(name, letter, taxid, reads, own, indent)


@lru_cache(maxsize=1024)
def _is_letter(text: str) -> bool:
    return _LETTER.fullmatch(text) is not None


def _nodes(lines: Sequence[str], limits: Limits) -> Iterator[_Node]:
    rows = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        rows += 1
        node = _node(line)
        if node is None:
            raise DamagedFile(f"Line {number} is not a line of a Kraken report; the file may have been cut or edited.")
        if rows > limits.rows or len(node.name) > limits.name_characters:
            raise ReportTooLarge(f"The file has more than {limits.rows:,} rows, or a name of extraordinary length.")
        yield node


def _plant(nodes: list[_Node], limits: Limits) -> None:
    """Find everybody's parent by indentation."""
    if len(nodes) > 1 and not any(node.indent for node in nodes):
        raise DamagedFile("The names have lost their indentation, so nobody can tell what belongs to what.")
    path: list[int] = []
    for place, node in enumerate(nodes):
        while path and nodes[path[-1]].indent >= node.indent:
            path.pop()
        if node.taxid == ROOT_TAXID and place > 0:
            raise DamagedFile("The file holds two Kraken reports one after the other.")
        if path:
            node.parent = path[-1]
            nodes[path[-1]].children.append(place)
        path.append(place)
        if len(path) > limits.depth:
            raise ReportTooLarge(f"The tree is deeper than {limits.depth} steps.")


def _rank(nodes: list[_Node]) -> int:
    """Give every node its rank; return how many had to be inferred because their letter is missing."""
    inferred = 0
    nearest: list[Rank | None] = []  # of each node: its own rank, or the nearest over it; parents come first
    for node in nodes:
        above = None if node.parent is None else nearest[node.parent]
        inferred += _rank_one(nodes, node, above)
        nearest.append(node.rank or above)
    return inferred


def _rank_one(nodes: list[_Node], node: _Node, above: Rank | None) -> bool:
    """Give *node* its rank, below a node of rank *above*; whether it was inferred."""
    node.under_species = above in _UNDER_SPECIES
    if node.taxid == ROOT_TAXID or is_blank(node.name):
        return False
    if node.under_species:
        leaf_with_a_name = not node.children and not _SUBSPECIES.search(node.name)
        node.rank = "strain" if leaf_with_a_name else None
        return False
    rank = by_letter(node.letter, node.taxid)
    inferred = rank is None and not node.letter
    if inferred:
        rank = by_name(node.name, node.taxid, above, [nodes[child].name for child in node.children])
        inferred = rank is not None
    # a letter that contradicts its place in the tree says nothing
    node.rank = None if rank is not None and above is not None and _STEP[rank] <= _STEP[above] else rank
    return inferred


def _clades(nodes: list[_Node]) -> Iterator[Clade]:
    lineages: list[str] = []
    for node in nodes:
        above = lineages[node.parent] if node.parent is not None else ""
        lineages.append(f"{above}|{node.name}".lstrip("|") if node.rank else above)
        yield Clade(
            name=node.name if node.rank or node.taxid == ROOT_TAXID else "",
            rank=node.rank,
            taxid=node.taxid or None,
            lineage=lineages[-1],
            parent=node.parent,
            amount=node.reads,
            own=node.own,
            reads=node.reads,
        )
