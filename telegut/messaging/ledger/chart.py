"""The small picture under the report of promises: a column a week, in parts. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from telegut.messaging.ledger.report import Kept
from telegut.web.times import day
from telegut.web.words import gettext as _

WIDTH, HEIGHT = 480, 100
"""Of all columns at most, and of the fullest, in the drawing's own units; the page scales it."""
LEAST = 200
"""Few weeks are drawn no larger than this would be."""
STEP_AT_MOST = 40.0
"""From one column to the next."""
COLUMN = 0.65
"""How much of a step its column fills."""
LABEL = 60
"""What a day's name needs."""


@dataclass(frozen=True, slots=True)
class Box:
    """One part of a column; *style* names its look: in time, late, open, put aside."""

    style: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The drawing. *labels*: where a week's day is written, and how. *top*: what the highest column counts."""

    boxes: tuple[Box, ...]
    labels: tuple[tuple[float, str], ...]
    width: int
    height: int
    top: int
    summary: str


def chart(weeks: Sequence[tuple[date, Kept]], zone: str) -> Chart:
    """Draw *weeks*, the oldest first, as high as the fullest of them."""
    top = max((one.promises for __, one in weeks), default=0) or 1
    step = min(STEP_AT_MOST, WIDTH / max(1, len(weeks)))
    boxes = [box for n, (__, one) in enumerate(weeks) for box in _column(one, n * step, step * COLUMN, top)]
    every = math.ceil(LABEL / step)
    labels = [(round(n * step, 2), day(monday, zone)) for n, (monday, __) in enumerate(weeks) if n % every == 0]
    width = math.ceil(max(LEAST, len(weeks) * step, *(x + LABEL for x, __ in labels)))
    return Chart(tuple(boxes), tuple(labels), width, HEIGHT, top, _summary(weeks, top))


def _column(one: Kept, x: float, width: float, top: int) -> list[Box]:
    parts = (("in-time", one.in_time), ("late", one.late), ("open", one.owed), ("aside", one.put_aside))
    boxes, floor = [], float(HEIGHT)
    for style, number in parts:
        height = HEIGHT * number / top
        if number:
            boxes.append(Box(style, round(x, 2), round(floor - height, 2), round(width, 2), round(height, 2)))
        floor -= height
    return boxes


def _summary(weeks: Sequence[tuple[date, Kept]], top: int) -> str:
    late = sum(one.late for __, one in weeks)
    return _("Promises of each week in columns, %(top)s at most in a week; %(late)s answered late.", top=top, late=late)
