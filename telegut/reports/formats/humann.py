"""
What a HUMAnN table of pathways is, for the list of research attachments: never a profile, never a panel.

``# Pathway<TAB>NAME_Abundance`` (versions 2 and 3) or ``# Pathway HUMAnN v4.0…<TAB>NAME_Abundance-RPKs`` (version 4);
``UNMAPPED`` and ``UNINTEGRATED`` beside the pathways; rows such as ``PWY-1042|g__X.s__Y`` are parts of the row without
the bar and are never added to it. Amounts are RPK unless the table was renormalised, to 1 (relab) or a million (CPM).
Source: HUMAnN's manual, "Pathway abundance file" and "humann_renorm_table".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from telegut.reports.formats.numbers import amount

_HEAD = re.compile(r"#\s*Pathway\b[^\t]*", re.IGNORECASE)
_VERSION = re.compile(r"HUMAnN\s+v?([0-9][0-9A-Za-z.]*)", re.IGNORECASE)
_KIND = re.compile(r"[_.-]?Abundance(?:-(RPKs?|CPM|RELAB))?$", re.IGNORECASE)
_UNITS = {"RPK": "rpk", "RPKS": "rpk", "CPM": "cpm", "RELAB": "relab"}
_SUM_MAY_MISS = 0.02
"""A fiftieth, as for the shares of tables: values are rounded."""
_SHOWN_SAMPLES = 50


@dataclass(slots=True)
class _Column:
    """One sample while its rows are counted."""

    name: str
    unit: str | None
    total: float = 0.0
    unmapped: float | None = None
    unintegrated: float | None = None
    pathways: int = 0

    def as_answer(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "unit": self.unit or _unit_of(self.total),
            "pathways": self.pathways,
            "unmapped_percent": _share(self.unmapped, self.total),
            "unintegrated_percent": _share(self.unintegrated, self.total),
        }


def summary(lines: Sequence[str]) -> dict[str, Any] | None:
    """
    ``{format, version, samples: [{name, unit, pathways, unmapped_percent, unintegrated_percent}], stratified_rows}``.

    unit: ``rpk``, ``cpm`` or ``relab``. Shares are of all rows without a bar. ``None``: the table has no such header.
    """
    at = next((at for at, line in enumerate(lines[:5]) if _HEAD.match(line) and "\t" in line), None)
    if at is None:
        return None
    heads = lines[at].rstrip("\t").split("\t")
    columns = [_column(head) for head in heads[1:]]
    stratified = 0
    for line in lines[at + 1 :]:
        cells = line.split("\t")
        if "|" in cells[0]:
            stratified += 1
        elif cells[0].strip():
            _count(cells, columns)
    version = _VERSION.search(heads[0])
    return {
        "format": "humann-pathways",
        "version": version[1] if version else None,
        "samples": [column.as_answer() for column in columns[:_SHOWN_SAMPLES]],
        "samples_in_all": len(columns),
        "stratified_rows": stratified,
    }


def _column(head: str) -> _Column:
    found = _KIND.search(head.strip())
    unit = _UNITS.get((found[1] or "").upper()) if found else None
    return _Column(_KIND.sub("", head.strip())[:200], unit)


def _count(cells: Sequence[str], columns: Sequence[_Column]) -> None:
    """Add one row without a bar to every sample."""
    name = cells[0].strip()
    for column, cell in zip(columns, cells[1:], strict=False):
        value = amount(cell)
        if value is None:
            continue
        column.total += value
        if name == "UNMAPPED":
            column.unmapped = value
        elif name == "UNINTEGRATED":
            column.unintegrated = value
        else:
            column.pathways += value > 0


def _unit_of(total: float) -> str:
    """The unit by the sum of everything, where no heading tells it."""
    if abs(total - 1) <= _SUM_MAY_MISS:
        return "relab"
    return "cpm" if abs(total / 1_000_000 - 1) <= _SUM_MAY_MISS else "rpk"


def _share(value: float | None, total: float) -> float | None:
    return None if value is None or total <= 0 else value * 100 / total
