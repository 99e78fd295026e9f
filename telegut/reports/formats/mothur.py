"""
mothur's ``.shared`` file: a sample a row, ``label  Group  numOtus  Otu001 …``.

The label is the distance (or the level) at which sequences were put together. A file with several labels holds every
sample several times; its samples are then named with their label, so that a person chooses both. Lines often end with a
tab. Source: mothur's manual, "Shared file".
"""

from __future__ import annotations

from collections.abc import Sequence

from telegut.reports.formats.limits import Limits
from telegut.reports.formats.numbers import amount
from telegut.reports.formats.refusals import DamagedFile, ReportTooLarge
from telegut.reports.formats.table import Table

_HEADS = ["label", "group", "numotus"]


def recognise(lines: Sequence[str]) -> str | None:
    """Why *lines* are a shared file, in words for a person; ``None`` when they are not."""
    heads = [cell.strip().lower() for cell in (lines[0] if lines else "").split("\t")[:3]]
    return "the columns are headed label, Group, numOtus, as mothur does" if heads == _HEADS else None


def read(lines: Sequence[str], limits: Limits) -> Table:
    """
    The table.

    Raises:
        DamagedFile, ReportTooLarge: as they say.
    """
    features = [cell.strip() for cell in lines[0].rstrip("\t ").split("\t")[3:]]
    rows: dict[tuple[str, str], tuple[int, list[str]]] = {}
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        cells = line.rstrip("\t ").split("\t")
        if len(cells) != len(features) + 3:
            raise DamagedFile(f"Line {number} has {len(cells) - 3} counts, and the header names {len(features)} OTUs.")
        if rows.setdefault((cells[0].strip(), cells[1].strip()), (number, cells[3:])) != (number, cells[3:]):
            raise DamagedFile(f"Line {number} repeats a sample.")
        if len(rows) > limits.samples:
            raise ReportTooLarge(f"The table holds more than {limits.samples:,} samples.")
    several = len({label for label, _ in rows}) > 1
    named = {f"{group} ({label})" if several else group: row for (label, group), row in rows.items()}
    return Table(
        format="mothur-shared",
        why=recognise(lines) or "",
        pipeline="mothur",
        samples=tuple(named),
        features=features,
        lineages=[None] * len(features),
        values=lambda sample: [_value(cell, named[sample][0]) for cell in named[sample][1]],
        filled=all(cell.strip() != "0" for _, cells in rows.values() for cell in cells),
    )


def _value(cell: str, number: int) -> float:
    value = amount(cell)
    if value is None:
        raise DamagedFile(f"Line {number} has something that is no number where a count should be.")
    return value
