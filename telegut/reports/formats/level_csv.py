"""
QIIME 2's ``level-N.csv``: samples are rows, lineages are columns, and what is known of a sample stands behind them.

``index,k__Bacteria;p__Firmicutes,…,Unassigned;__,age,sex``. A column is a lineage when its heading has a rank's prefix
or begins with a domain; the others are left out, for they are about people. A spreadsheet of a country that writes
decimal commas saves the same table with semicolons; lineages that have some are in quotes then.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

from telegut.reports.formats.body_sites import is_field
from telegut.reports.formats.limits import Limits
from telegut.reports.formats.numbers import amount
from telegut.reports.formats.refusals import DamagedFile, ReportTooLarge
from telegut.reports.formats.table import Table

_LINEAGE = re.compile(r"([kd]__|D_0__)[^,]*|(Bacteria|Archaea|Eukaryota|Unassigned|Unclassified)(;.*)?")
_BELOW = re.compile(r"\s*(?:[pcofgst]__|D_[1-9]__)")
"""What only a lineage that was torn into pieces begins with."""
_IDS = re.compile(r'"?(#?\s*(index|sample[-_ ]?id|id|#SampleID))?"?', re.IGNORECASE)


def recognise(lines: Sequence[str]) -> str | None:
    """Why *lines* are such a table, in words for a person; ``None`` when they are not."""
    separator = _separator(lines)
    if separator is None:
        return None
    parted = ", parted by semicolons" if separator == ";" else ""
    return f"the rows are samples, and the columns are headed with lineages, as QIIME 2's bar plots export them{parted}"


def _separator(lines: Sequence[str]) -> str | None:
    """The comma or semicolon that makes *lines* such a table; ``None`` when neither does."""
    return next((one for one in (",", ";") if lines and one in lines[0] and _fits(lines, one)), None)


def _fits(lines: Sequence[str], separator: str) -> bool:
    try:
        heads, *rows = [row for row in csv.reader(lines[:2], delimiter=separator) if row] or [[]]
    except csv.Error:
        return False
    if not heads or not _IDS.fullmatch(heads[0].strip()):
        return False
    if separator == ";" and (any(len(row) != len(heads) for row in rows) or any(map(_BELOW.match, heads))):
        return False  # the semicolons are those of the lineages
    return any(_LINEAGE.fullmatch(head.strip()) for head in heads[1:])


def read(lines: Sequence[str], limits: Limits) -> Table:
    """
    The table.

    Raises:
        DamagedFile, ReportTooLarge: as they say.
    """
    separator = _separator(lines) or ","
    try:
        heads, *rows = [row for row in csv.reader(lines, delimiter=separator) if row]
    except csv.Error as exc:
        raise DamagedFile("The commas and quotes of this table do not fit together.") from exc
    columns = [at for at, head in enumerate(heads) if at and _LINEAGE.fullmatch(head.strip())]
    if len(rows) > limits.samples:
        raise ReportTooLarge(f"The table holds more than {limits.samples:,} samples.")
    cells = {row[0].strip(): (number, row) for number, row in enumerate(rows, start=2)}
    if len(cells) < len(rows):
        raise DamagedFile("Two samples of this table have the same name.")
    lineages = [heads[at].strip() for at in columns]
    place = next((at for at, head in enumerate(heads) if at not in columns and is_field(head)), None)
    return Table(
        format="qiime2-level-csv",
        why=recognise(lines) or "",
        pipeline="QIIME 2",
        samples=tuple(cells),
        features=lineages,
        lineages=lineages,
        values=lambda sample: [_value(cells[sample][1], at, cells[sample][0], separator) for at in columns],
        sites={} if place is None else {name: row[place] for name, (_, row) in cells.items() if place < len(row)},
        filled=bool(rows)
        and all(_value(row, at, number, separator) for number, row in cells.values() for at in columns),
    )


def _value(row: Sequence[str], at: int, number: int, separator: str) -> float:
    cell = row[at] if at < len(row) else None
    if cell is not None and separator == ";":
        cell = cell.replace(",", ".", 1)
    value = None if cell is None else amount(cell or "0")
    if value is None:
        raise DamagedFile(f"Line {number} has something that is no number where a count should be.")
    return value
