"""
Tables of any make: which sign parts the cells, where the headings are, which columns hold numbers.

Nothing here knows what a column means; a person says that (`telegut.reports.formats.mapped`). A table has at least two
columns, three rows of one width (or fewer, when it is wide) and a column of numbers; a letter or a list of sequences is
none. Labs write commas, semicolons, tabs and bars, decimal points and decimal commas, and lines about themselves above
the headings.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from telegut.reports.formats.limits import Limits
from telegut.reports.formats.refusals import DamagedFile, ReportTooLarge

Decimal = Literal[".", ","]
SEPARATORS = ("\t", ";", ",", "|")
"""In the order in which they win when two would do: a decimal comma parts every line in two as well."""

_PROBE = 200
_FEWEST_ROWS = 3
_WIDE = 3
"""Columns of numbers, from which on one row is a table: samples stand in rows then, groups in columns."""
_ABOVE = 15
"""Lines about the laboratory itself, at most."""
_FITTING = 0.9
"""The share of the lines below the headings that have the table's width; the others are the lab's remarks."""
_NUMBERS = 0.8
"""The share of a column's cells that are numbers, from which on it is a column of numbers."""
_CELLS = 4_000_000
"""Cells of one table: 2,000 samples of 2,000 groups. More is no lab's answer about one person."""

_PLAIN: dict[str, re.Pattern[str]] = {
    ".": re.compile(r"(?:[0-9]{1,15}|[0-9]{1,3}(?:[,' ][0-9]{3}){1,4})?(?:\.[0-9]{0,20})?(?:[eE][+-]?[0-9]{1,2})?"),
    ",": re.compile(r"(?:[0-9]{1,15}|[0-9]{1,3}(?:[.' ][0-9]{3}){1,4})?(?:,[0-9]{0,20})?(?:[eE][+-]?[0-9]{1,2})?"),
}
_ABSENT = frozenset(
    {"", "-", "–", "—", "na", "n/a", "nan", "null", "none", "nd", "n.d.", "n. d.", "not detected", "nicht nachweisbar"}
)
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " "})


@dataclass(frozen=True, slots=True)
class PlainTable:
    """Headings, each once, and rows with their line numbers. line: where the headings stand, from 1."""

    separator: str
    line: int
    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    def column(self, heading: str) -> int | None:
        """The place of a heading."""
        return self.headings.index(heading) if heading in self.headings else None


def number(text: str, decimal: str) -> float | None:
    """An amount as labs write it, ``12.5 %`` or ``1.234,5``; what is absent is 0; ``None`` when it is no number."""
    cell = text.translate(_SPACES).strip().strip('"').strip()
    if cell.casefold() in _ABSENT:
        return 0.0
    cell = cell.removesuffix("%").strip()
    if not cell or not cell[-1:].isascii() or _PLAIN[decimal].fullmatch(cell) is None or not cell[-1].isdigit():
        return None
    if not cell.lstrip(decimal)[:1].isdigit():  # an exponent alone is no number
        return None
    whole, _, part = cell.partition(decimal)
    return float(re.sub(r"[.,' ]", "", whole) + (f".{part}" if part else ""))


def is_below(text: str) -> bool:
    """Whether a cell says "less than so much" instead of how much."""
    return text.strip().strip('"').startswith(("<", "≤"))


def table_of(lines: Sequence[str], limits: Limits) -> PlainTable | None:
    """
    The table in *lines*, ``None`` when they are none.

    Raises:
        ReportTooLarge: it has more rows or cells than any lab's.
        DamagedFile: its quotes do not fit together.
    """
    separator, width = _layout(lines)
    if width < 2:
        return None
    at = _headings_at(lines, separator, width)
    rows = tuple(
        (number, tuple(cells))
        for number, cells in enumerate(_split(lines[at + 1 :], separator), start=at + 2)
        if len(cells) == width and any(cell.strip() for cell in cells)
    )
    written = sum(1 for line in lines[at + 1 :] if line.strip())
    if len(rows) > limits.rows or len(rows) * width > _CELLS:
        raise ReportTooLarge(f"The table has more than {limits.rows:,} rows, or more cells than any lab's.")
    [heads] = list(_split([lines[at]], separator)) or [[]]
    table = PlainTable(separator, at + 1, _unique(heads), rows)
    numbers = sum(1 for place in range(width) if numeric(table, place)) if rows else 0
    enough = len(rows) >= _FEWEST_ROWS or numbers >= _WIDE
    return table if enough and numbers and len(rows) >= written * _FITTING else None


def numeric(table: PlainTable, place: int, most: int = _PROBE) -> bool:
    """Whether the column at *place* holds amounts, written either way."""
    cells = [row[place] for _, row in table.rows[:most]]
    told = [cell for cell in cells if cell.strip().casefold() not in _ABSENT]
    found = sum(1 for cell in told if any(number(cell, sign) is not None for sign in _PLAIN) or is_below(cell))
    return bool(told) and found >= len(told) * _NUMBERS


def decimal_of(table: PlainTable, places: Sequence[int]) -> Decimal:
    """The sign that parts whole from fraction in the columns at *places*: the one that reads more cells."""
    cells = [row[place] for place in places for _, row in table.rows[:_PROBE]]
    commas = sum(1 for cell in cells if "," in cell and number(cell, ",") is not None)
    points = sum(1 for cell in cells if "." in cell and number(cell, ".") is not None)
    return "," if commas > points else "."


def _layout(lines: Sequence[str]) -> tuple[str, int]:
    """The separator with which most lines get one and the same width, and that width."""
    probed = [line for line in lines[: _PROBE * 2] if line.strip()][:_PROBE]
    best: tuple[int, str, int] = (0, "", 0)
    for separator in SEPARATORS:
        if not any(separator in line for line in probed):
            continue
        widths = Counter(len(cells) for cells in _split(probed, separator) if len(cells) > 1)
        for width, count in widths.most_common(1):
            if count > best[0]:
                best = count, separator, width
    return best[1], best[2]


def _headings_at(lines: Sequence[str], separator: str, width: int) -> int:
    """
    The first line of the table's width that is filled; above it labs write about themselves, padded by spreadsheets.

    A first line with gaps is the headings all the same, unless a filled one without a number follows soon.
    """
    wide = [(at, cells) for at, cells in enumerate(_iterate(lines[:_PROBE], separator)) if len(cells) == width]
    first = next((at for at, cells in wide if 2 * sum(1 for cell in cells if cell.strip()) >= width), 0)
    for at, cells in wide:
        filled = all(cell.strip() and number(cell, ".") is None for cell in cells)
        if first <= at <= first + _ABOVE and filled:
            return at
    return first


def _split(lines: Sequence[str], separator: str) -> list[list[str]]:
    return list(_iterate(lines, separator))


def _iterate(lines: Sequence[str], separator: str) -> Iterator[list[str]]:
    """One line at a time: a quote that is never closed spoils its line and not the rest."""
    try:
        for line in lines:
            yield next(csv.reader([line], delimiter=separator), []) if '"' in line else line.split(separator)
    except csv.Error as exc:
        raise DamagedFile("The quotes of this table do not fit together.") from exc


def _unique(heads: Sequence[str]) -> tuple[str, ...]:
    """Every column with a heading of its own."""
    found: list[str] = []
    seen: set[str] = set()
    for place, head in enumerate(heads, start=1):
        name = " ".join(head.strip().lstrip("#").strip().strip('"').split())[:200] or f"column {place}"
        if name in seen:
            name = f"{name} (column {place})"
        seen.add(name)
        found.append(name)
    return tuple(found)
