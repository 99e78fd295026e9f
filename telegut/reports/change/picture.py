"""
Where things stand in the drawings of a comparison: numbers from 0 to 100, so that templates only place them.

The ladder's scale is logarithmic and the same for every genus, from a 1000th to 1000 times; what lies beyond stands at
the end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from telegut.reports.change.ladder import Rung
from telegut.reports.change.untreated import Spread

FURTHEST = 1000.0
"""Factor at either end of the ladder; the widest band we know of ends at 149."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A rung on its line. band_from, band_width and dot are 0 to 100; ``None``: there is nothing to draw."""

    rung: Rung
    band_from: float | None
    band_width: float | None
    dot: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """A spread on a line from 0 to 1, as 0 to 100: its 5th to 95th percentile, and its median."""

    start: float
    width: float
    median: float


def place(fold: float) -> float:
    """Where a factor stands: 0 for a 1000th, 50 for the same, 100 for 1000 times."""
    return round(50 + 50 * max(-1.0, min(1.0, math.log(fold) / math.log(FURTHEST))), 2)


def drawn(rung: Rung) -> Drawn:
    """*rung* with the places of its band and its mark."""
    dot = None if rung.fold is None else place(rung.fold)
    if rung.band is None:
        return Drawn(rung, None, None, dot)
    start = place(1 / rung.band)
    return Drawn(rung, start, round(100 - 2 * start, 2), dot)


def line(spread: Spread) -> Line:
    """*spread* as it is drawn."""
    return Line(round(spread.p5 * 100, 2), round((spread.p95 - spread.p5) * 100, 2), round(spread.median * 100, 2))


def times(fold: float) -> str:
    """A factor for people, never below one: ``1.3``, ``14``; which way it went is said beside it."""
    size = max(fold, 1 / fold)
    return f"{size:.1f}" if size < 9.95 else f"{size:.0f}"
