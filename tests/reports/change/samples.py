"""Readings for comparisons over time, made of shares instead of files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from telegut.reports.change.sample import Measured

METAPHLAN_2 = {"database": None, "pipeline": "MetaPhlAn 2", "region": "shotgun"}
AMPLICON = {"database": "SILVA 138.1", "pipeline": "QIIME 2", "region": "amplicon"}

GUT: Mapping[str, float] = {
    "Bacteroides": 42.0,
    "Alistipes": 11.0,
    "Faecalibacterium": 9.0,
    "Eubacterium": 8.0,
    "Subdoligranulum": 7.0,
    "Parabacteroides": 6.0,
    "Roseburia": 5.0,
    "Ruminococcus": 4.0,
    "Blautia": 3.0,
    "Bifidobacterium": 2.0,
    "Akkermansia": 1.5,
    "Dorea": 1.0,
    "Bilophila": 0.5,
}
"""One stool: genera in percent of it."""


def answer(
    genera: Mapping[str, float], *, method: Mapping[str, Any] = METAPHLAN_2, reads: int | None = None, **more: Any
) -> dict[str, Any]:
    """A reading of *genera*, each of two species; *reads* classified, where the file counts."""
    whole = sum(genera.values())
    rows = []
    for name, share in genera.items():
        if share > 0:
            parts = [
                (name, "genus", share),
                (f"{name} prima", "species", share * 0.7),
                (f"{name} alia", "species", share * 0.3),
            ]
            for one, rank, percent in parts:
                counted = None if reads is None else round(percent / whole * reads)
                rows.append(
                    {"name": one, "rank": rank, "taxid": None, "lineage": one, "percent": percent, "reads": counted}
                )
    return {
        "taxa": rows,
        "method": dict(method),
        "total_reads": None,
        "warnings": [],
        "diversity": {"depth": None},
        **more,
    }


def measured(
    genera: Mapping[str, float] = GUT,
    *,
    day: date | None = date(2026, 3, 1),
    said: Mapping[str, Any] | None = None,
    **more: Any,
) -> Measured:
    """A sample of *day*; handed in ten days later."""
    handed_in = datetime(2026, 3, 11, tzinfo=UTC) if day is None else _noon(day) + timedelta(days=10)
    return Measured(answer=answer(genera, **more), metadata=dict(said or {}), collected=day, handed_in=handed_in)


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


EARLIER, LATER = date(2026, 3, 1), date(2026, 9, 1)


def metaphlan_2(genera: Mapping[str, float]) -> bytes:
    """The same as MetaPhlAn 2 writes it: shares of *genera*, each of two species."""
    whole = sum(genera.values())
    lines = ["#SampleID\tMetaphlan2_Analysis", "k__Bacteria\t100.0"]
    for name, share in genera.items():
        percent = share / whole * 100
        lines.append(f"k__Bacteria|g__{name}\t{percent:.5f}")
        lines += [
            f"k__Bacteria|g__{name}|s__{name}_{kind}\t{percent * part:.5f}"
            for kind, part in (("prima", 0.7), ("alia", 0.3))
        ]
    return ("\n".join(lines) + "\n").encode()


HALF_A_YEAR_ON: Mapping[str, float] = {
    **GUT,
    "Bacteroides": 30.0,
    "Alistipes": 22.0,
    "Bifidobacterium": 6.5,
    "Parabacteroides": 0.6,
    "Dorea": 0.0,
    "Prevotella": 1.2,
}
"""`GUT` half a year later: most of it changed as guts do, one genus by more, one gone, one new."""
