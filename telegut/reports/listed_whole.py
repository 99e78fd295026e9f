"""
Whether a reading is of a whole sample, or of a list that leaves some of it out. Pure.

What a list leaves out was not "not found": a table of the ten largest genera, one of which rows were dropped, or what
somebody typed from a page says nothing of the groups that it does not name, nor how many kinds there were.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

MAY_MISS_PERCENT: Final = 5.0
"""Percentage points that rounding and the small rests of groups (`rules._SMALLEST_REST_PERCENT` each) can add up to."""


def is_whole(answer: Mapping[str, Any]) -> bool:
    """
    Whether the rows of *answer*, with what was not recognised and what is human, are the whole sample.

    The rows of rank genus hold everything that was classified (`rules.UNASSIGNED`).
    """
    named = sum(row["percent"] for row in answer["taxa"] if row["rank"] == "genus")
    rest = (answer.get("unclassified_percent") or 0.0) + (answer.get("human_percent") or 0.0)
    return bool(named + rest >= 100 - MAY_MISS_PERCENT)
