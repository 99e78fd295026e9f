"""
What the rows of a described table are named: nobody, no group, a group that is known, one that a person is asked about.

Names that the house does not know (`telegut.reports.taxonomy.known`) stand in the table's excerpt, column by column, so
that the question can be put before the table is read. Only what somebody then confirmed is taken; the rest is left out,
of a lineage from the first such part on, and the notes say how much of the sample that is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from telegut.reports.formats.mapping import ColumnMapping
from telegut.reports.formats.no_groups import is_no_group
from telegut.reports.formats.plain_table import PlainTable, numeric
from telegut.reports.formats.profile import UNANSWERED, Rank, is_blank
from telegut.reports.formats.summaries import is_summary
from telegut.reports.taxonomy.known import LONGEST_NAME, asked_of

MOST_ASKED = 2_000
"""Names of one column that are asked about; the longest lists of laboratories hold about as many species in all."""
CONFIRMED = "names that a person confirmed"
NOBODY = frozenset({"unassigned", "other", "others", "no hit", "andere", "rest", "autres", "otros"})
_SMALLEST_SHOWN = 0.1
"""Percent of the sample, to the one decimal that is told."""
_PREFIX = re.compile(r"^(sk|[a-z])__|^D_[0-9]+__")
_PARTS = re.compile(r"[;|]")


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One amount of one sample. taxon: the name, or the whole lineage; written: what stands in the table. problem: why the
    row cannot be read, for a person.
    """

    line: int
    taxon: str
    rank: Rank | None
    taxid: int | None
    sample: str
    value: float
    below: bool = False
    problem: str = ""
    written: str = ""


@dataclass(frozen=True, slots=True)
class Sorted:
    """
    Rows by what their names are. taken: to be read. no_groups: how many are none, whoever says so. unanswered: names
    that nobody confirmed, and *share*, the percentage of the sample that is left out with them. counted_above: whether
    some of what they name was counted to the wider group that stands above them, and so is not left out.
    """

    taken: tuple[Entry, ...]
    no_groups: int
    unanswered: tuple[str, ...]
    share: float
    counted_above: bool

    def notes(self, confirmed: Collection[str], mapping: ColumnMapping) -> dict[str, str]:
        """What the reading says of itself about names."""
        used = {name for one in self.taken for name in asked(one, mapping)} & set(confirmed)
        said = {CONFIRMED: str(len(used))} if used else {}
        if self.unanswered:
            said[UNANSWERED] = "; ".join(self._left_out())
        return said

    def _left_out(self) -> Iterator[str]:
        many = len(self.unanswered)
        names = "1 name" if many == 1 else f"{many:,} names"
        if self.share > 0 or not self.counted_above:
            yield f"{names}, {_share_in_words(self.share)} of the sample"
        if self.counted_above:
            wider = "what stands in a wider group was counted to that group"
            yield wider if self.share > 0 else f"{names}, and {wider}"


def sort(entries: Sequence[Entry], mapping: ColumnMapping, confirmed: Collection[str]) -> Sorted:
    """Part *entries* of one sample; confirmed: names that somebody said are groups of organisms."""
    groups = [one for one in entries if not is_left_out(one, mapping)]
    taken: list[Entry] = []
    gone: list[Entry] = []
    names: list[str] = []
    counted_above = False
    for one in groups:
        unknown = [name for name in asked(one, mapping) if name not in confirmed]
        names += unknown
        shorter = _down_to(one, unknown[0], mapping) if unknown else one
        if shorter is None:
            gone.append(one)
        else:
            taken.append(shorter)
            counted_above = counted_above or (shorter is not one and one.value > 0)
    share = _share(gone, groups, mapping)
    return Sorted(tuple(taken), len(entries) - len(groups), tuple(dict.fromkeys(names)), share, counted_above)


def asked(one: Entry, mapping: ColumnMapping) -> tuple[str, ...]:
    """The names in a row that the house does not know; a taxid is no name."""
    if mapping.taxon_is == "taxid" or is_nobody(one) or is_left_out(one, mapping):
        return ()
    return asked_of(one.written)


def is_left_out(one: Entry, mapping: ColumnMapping) -> bool:
    """Whether a row is of no group: a ratio, a score, a judgement, advice. Of a lineage each part is asked alone."""
    if is_nobody(one):
        return False
    if mapping.taxon_is != "lineage":
        return is_no_group(one.taxon)
    names = (_PREFIX.sub("", part.strip()) for part in _PARTS.split(one.taxon))
    return any(is_no_group(name) for name in names if len(name) > 1)


def is_nobody(one: Entry) -> bool:
    """Whether a row is about what has no name; of a lineage, every part must be blank (``k__;p__``)."""
    if one.taxon.casefold() in NOBODY or (is_blank(one.taxon) and not is_summary(one.taxon)):
        return True
    parts = _PARTS.split(one.taxon)
    return len(parts) > 1 and all(is_blank(_PREFIX.sub("", part.strip())) for part in parts)


def excerpt_of_names(table: PlainTable) -> dict[str, Any]:
    """JSON: of every column of words the names in it that are asked about, and the headings that hold such names."""
    columns = {
        heading: found
        for place, heading in enumerate(table.headings)
        if not numeric(table, place) and (found := _asked_among(row[place] for _, row in table.rows))
    }
    return {"columns": columns, "headings": [head for head in table.headings if asked_of(head)][:MOST_ASKED]}


def names_to_ask(said: Mapping[str, Any], mapping: ColumnMapping) -> tuple[str, ...]:
    """Out of an `excerpt_of_names`, the names that a person is asked about before the table is read by *mapping*."""
    if mapping.taxon_is == "taxid":
        return ()
    if mapping.layout == "taxa_as_columns":
        skipped = {mapping.sample, *mapping.left_out}
        return tuple(_asked_among(head for head in said.get("headings", ()) if head not in skipped))
    return tuple(said.get("columns", {}).get(mapping.taxon, ()))


def _asked_among(cells: Iterable[str]) -> list[str]:
    found: dict[str, None] = {}
    for cell in dict.fromkeys(cells):
        if cell.strip().strip('"').casefold() not in NOBODY:
            found |= dict.fromkeys(asked_of(cell))
        if len(found) >= MOST_ASKED:
            break
    return [name for name in found if len(name) <= LONGEST_NAME][:MOST_ASKED]


def _down_to(one: Entry, name: str, mapping: ColumnMapping) -> Entry | None:
    """*one* counted to the group above *name*; ``None`` without one, or where that group's own row holds it already."""
    if mapping.taxon_is != "lineage" or mapping.nested:
        return None
    parts = _PARTS.split(one.taxon)
    at = next((at for at, part in enumerate(parts) if name in asked_of(part)), 0)
    mark = ";" if ";" in one.taxon else "|"
    above = mark.join(parts[:at])
    cut = replace(one, taxon=above, written=above, taxid=None)
    return None if at == 0 or is_nobody(cut) else cut


def _share_in_words(percent: float) -> str:
    """In percent; what is there and rounds to nothing is not nothing."""
    if percent == 0:
        return "0 %"
    return f"{percent:.1f} %" if percent >= _SMALLEST_SHOWN else f"less than {_SMALLEST_SHOWN} %"


def _share(gone: Sequence[Entry], rows: Sequence[Entry], mapping: ColumnMapping) -> float:
    """Percent of the sample; where wider groups hold the narrower ones, of the rank that misses most."""
    missing = max(_sums(gone, mapping).values(), default=0.0)
    if mapping.unit != "counts":
        return missing * (100.0 if mapping.unit == "fraction" else 1.0)
    whole = max(_sums(rows, mapping).values(), default=0.0)
    return missing * 100 / whole if whole else 0.0


def _sums(rows: Sequence[Entry], mapping: ColumnMapping) -> dict[object, float]:
    sums: dict[object, float] = {}
    for one in rows:
        key = (one.rank or len(_PARTS.split(one.taxon))) if mapping.nested else "all"
        sums[key] = sums.get(key, 0.0) + one.value
    return sums
