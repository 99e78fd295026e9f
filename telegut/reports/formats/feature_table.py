"""
Classic feature tables: tab-separated, a feature a row, a sample a column, perhaps with a column of lineages.

``# Constructed from biom file`` / ``#OTU ID  S1  S2 …  taxonomy`` (QIIME 1 and 2, biom convert, DADA2 exports), and
mothur's count table (``Representative_Sequence  total  S1 …``), whose second column is the sum of the others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from telegut.reports.formats.limits import Limits
from telegut.reports.formats.numbers import amount
from telegut.reports.formats.refusals import DamagedFile, ReportTooLarge
from telegut.reports.formats.table import Table

_IDS = re.compile(r'"?#?\s*(OTU[ _]?ID|Feature[ _]?ID|ASV[ _]?ID|OTU|ASV|OTUs|Group_OTU)"?', re.IGNORECASE)
_COUNT_TABLE = "Representative_Sequence"
_NAMES = re.compile(r'"?(taxonomy|consensus ?lineage|taxon|lineage|taxa|otu ?metadata)"?', re.IGNORECASE)
_BESIDE = re.compile(r'"?(confidence|consensus|sequence|size|total|rep_?seq)"?', re.IGNORECASE)
"""Columns that tools put beside the samples; none of them is one."""
_PROBE = 5


def recognise(lines: Sequence[str]) -> str | None:
    """Why *lines* are a feature table, in words for a person; ``None`` when they are not."""
    at = _header_at(lines)
    if at is None:
        return None
    heading = lines[at].split("\t")[0].strip().strip('"')
    return f"the rows are features under the heading {heading}, and the columns are samples"


def read(lines: Sequence[str], limits: Limits) -> Table:
    """
    The table.

    Raises:
        DamagedFile, ReportTooLarge: as they say.
    """
    at = _header_at(lines)
    assert at is not None, "recognise() says whether there is one"
    heads = [cell.strip().strip('"') for cell in lines[at].rstrip("\t").split("\t")]
    names = next((place for place, head in enumerate(heads) if place and _NAMES.fullmatch(head)), None)
    columns = {
        head: place for place, head in enumerate(heads) if place and place != names and not _BESIDE.fullmatch(head)
    }
    if len(columns) < sum(
        1 for place, head in enumerate(heads) if place and place != names and not _BESIDE.fullmatch(head)
    ):
        raise DamagedFile("Two samples of this table have the same name.")
    rows = _rows(lines, at + 1, len(heads), limits)
    return Table(
        format="mothur-count-table" if heads[0] == _COUNT_TABLE else "feature-table",
        why=recognise(lines) or "",
        pipeline="mothur" if heads[0] == _COUNT_TABLE else None,
        samples=tuple(columns),
        features=[row[0].strip().strip('"') for _, row in rows],
        lineages=[row[names] if names is not None and names < len(row) else None for _, row in rows],
        values=lambda sample: [_value(row, columns[sample], number) for number, row in rows],
        filled=all(_is_filled(row, columns.values()) for _, row in rows),
    )


def _header_at(lines: Sequence[str]) -> int | None:
    """The place of the line that names the columns."""
    for at, line in enumerate(lines[:_PROBE]):
        cells = line.split("\t")
        if len(cells) > 1 and (_IDS.fullmatch(cells[0].strip()) or cells[0].strip() == _COUNT_TABLE):
            values = [cell.strip() for cell in cells[1:]]
            return at if not _is_taxonomy(values) else None
        if line.strip() and not line.startswith("#"):
            return None
    return None


def _is_taxonomy(heads: Sequence[str]) -> bool:
    """A taxonomy alone: its second column is the lineage (``Taxon``), and nothing beside it is a sample."""
    return all(_NAMES.fullmatch(head) or _BESIDE.fullmatch(head) for head in heads if head)


def _rows(lines: Sequence[str], first: int, width: int, limits: Limits) -> list[tuple[int, list[str]]]:
    rows: list[tuple[int, list[str]]] = []
    for number, line in enumerate(lines[first:], start=first + 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) < width:
            raise DamagedFile(f"Line {number} has {len(cells)} cells, and the header has {width}.")
        rows.append((number, cells))
        if len(rows) > limits.rows:
            raise ReportTooLarge(f"The table has more than {limits.rows:,} rows.")
    return rows


def _value(row: list[str], column: int, number: int) -> float:
    value = amount(row[column].strip().strip('"') or "0")
    if value is None:
        raise DamagedFile(f"Line {number} has something that is no number where a count should be.")
    return value


def _is_filled(row: list[str], columns: object) -> bool:
    return all(row[place].strip() not in {"", "0", "0.0"} for place in columns)  # type: ignore[attr-defined]
