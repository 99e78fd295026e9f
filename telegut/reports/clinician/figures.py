"""
The strips of a comparison as a table, for the care team: this sample, and the group's percentiles with limits. Pure.

What is drawn can then be read, copied and checked; patients read the sentences, which say the same in counts of people.
"""

from __future__ import annotations

from dataclasses import dataclass

from telegut.reports.cohorts.comparison import Comparison
from telegut.reports.cohorts.places import Place, Quantile
from telegut.reports.composition import share
from telegut.web.words import gettext as _


@dataclass(frozen=True, slots=True)
class Cell:
    """A percentile and, in brackets, its 90 % limits; both empty where the group does not tell it."""

    value: str = ""
    limits: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One genus: its share of this sample, then a cell for each heading."""

    name: str
    sample: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """headings: of the percentiles, from the lowest to the highest. No rows: there is nothing drawn."""

    headings: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()


def figures_of(compared: Comparison | None, most: int) -> Figures:
    """The *most* largest genera that were detected and that the group has percentiles of."""
    drawn = [one for one in (compared.places if compared else ()) if one.detected and one.band][:most]
    levels = sorted({one.level for place in drawn for one in place.band})
    return Figures(tuple(_heading(level) for level in levels), tuple(_row(place, levels) for place in drawn))


def _heading(level: float) -> str:
    return _("median") if level == 0.5 else _("percentile %(n)s", n=f"{level * 100:g}")


def _row(place: Place, levels: list[float]) -> Row:
    told = {one.level: one for one in place.band}
    return Row(place.name, share(place.percent), tuple(_cell(told.get(level)) for level in levels))


def _cell(one: Quantile | None) -> Cell:
    if one is None:
        return Cell()
    low, high = ("?" if end is None else share(end) for end in (one.low, one.high))
    return Cell(share(one.value), "" if one.low is None and one.high is None else f"{low} – {high}")
