"""
Taxonomies in files of their own: the names of a table's features.

QIIME 2 (``Feature ID  Taxon  Confidence``), mothur (``OTU  Size  Taxonomy``, or two columns without any header), and
DADA2's tables of one column a rank (``,Kingdom,Phylum,…`` or ``#TAXONOMY,Domain,…``), comma- or tab-separated.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

from telegut.reports.formats.limits import Limits
from telegut.reports.formats.profile import RANKS
from telegut.reports.formats.refusals import DamagedFile, ReportTooLarge
from telegut.reports.formats.table import Taxonomy

_LINEAGE_HEADS = re.compile(r"taxon|taxonomy|lineage|consensus ?lineage", re.IGNORECASE)
_RANK_LETTERS: dict[str, str] = dict.fromkeys(("kingdom", "superkingdom"), "d")
_RANK_LETTERS |= {rank: rank[0] for rank in RANKS if rank != "strain"}
_WRITTEN = re.compile(r'"?([kd]__|D_0__|(Bacteria|Archaea|Eukaryota|Unassigned|unknown)(\([0-9.]+\))?(;|"?$))')
_PROBE = 20


def recognise(lines: Sequence[str]) -> str | None:
    """Why *lines* are a taxonomy, in words for a person; ``None`` when they are not."""
    rows = _probe(lines)
    if not rows:
        return None
    heads = [cell.strip().lstrip("#").lower() for cell in rows[0]]
    if _rank_columns(heads):
        return "there is a row for each feature, and a column for each rank"
    if (at := _lineage_column(heads)) is not None:
        return f"each feature has a lineage, under the heading {rows[0][at].strip()}"
    if all(len(row) == 2 and _WRITTEN.match(row[1].strip()) for row in rows):
        return "every line is a feature and its lineage"
    return None


def read(lines: Sequence[str], limits: Limits) -> Taxonomy:
    """
    The names of features.

    Raises:
        DamagedFile, ReportTooLarge: as they say.
    """
    rows = list(_split(lines))
    if len(rows) > limits.rows:
        raise ReportTooLarge(f"The file has more than {limits.rows:,} rows.")
    heads = [cell.strip().lstrip("#").lower() for cell in rows[0]]
    ranks, at = _rank_columns(heads), _lineage_column(heads)
    found: dict[str, str] = {}
    for number, row in enumerate(rows if not ranks and at is None else rows[1:], start=1):
        if not ranks and len(row) <= (1 if at is None else at):
            raise DamagedFile(f"Row {number} has no lineage; the file may have been cut or edited.")
        lineage = _joined(row, ranks) if ranks else row[1 if at is None else at]
        if found.setdefault(row[0].strip(), lineage.strip()) != lineage.strip():
            raise DamagedFile(f"Row {number} names a feature that was named differently before.")
    return Taxonomy(_format(heads, ranks), recognise(lines) or "", found)


def _format(heads: Sequence[str], ranks: Sequence[tuple[int, str]]) -> str:
    if ranks:
        return "taxonomy-by-rank"
    if "feature id" in heads:
        return "qiime2-taxonomy"
    return "mothur-taxonomy" if "otu" in heads or "size" in heads else "taxonomy"


def _probe(lines: Sequence[str]) -> list[list[str]]:
    written = [line for line in lines[: _PROBE * 2] if line.strip()][:_PROBE]
    return list(_split(written))


def _split(lines: Sequence[str]) -> list[list[str]]:
    written = [line for line in lines if line.strip()]
    if not written:
        return []
    mark = "\t" if "\t" in written[0] else ","
    if mark == "\t":
        return [[cell.strip('"') for cell in line.split("\t")] for line in written]
    try:
        return list(csv.reader(written))
    except csv.Error as exc:
        raise DamagedFile("The commas and quotes of this table do not fit together.") from exc


def _rank_columns(heads: Sequence[str]) -> list[tuple[int, str]]:
    """The places of the ranks with their letters; none unless there are several of them and nothing else but an id."""
    found = [(at, _RANK_LETTERS[head.strip('"')]) for at, head in enumerate(heads) if head.strip('"') in _RANK_LETTERS]
    return found if len(found) > 2 and found[0][0] == 1 else []


def _lineage_column(heads: Sequence[str]) -> int | None:
    if len(heads) < 2 or len(heads) > 4:
        return None
    at = next((at for at, head in enumerate(heads) if at and _LINEAGE_HEADS.fullmatch(head.strip('"'))), None)
    beside = {"confidence", "consensus", "size", "method"}
    others = [head for place, head in enumerate(heads) if place and place != at]
    return at if at is not None and all(head.strip('"') in beside for head in others) else None


def _joined(row: Sequence[str], ranks: Sequence[tuple[int, str]]) -> str:
    cells = [(row[at].strip() if at < len(row) else "", letter) for at, letter in ranks]
    return ";".join(
        cell if cell[1:3] == "__" else f"{letter}__{'' if cell == 'NA' else cell}" for cell, letter in cells
    )
