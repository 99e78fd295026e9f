"""Numbers as lab files write them: strict, because Python's own conversions accept far more than a lab means."""

from __future__ import annotations

import re
from functools import lru_cache

_MOST_DIGITS = 15
_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]*)?([eE][+-]?[0-9]{1,2})?|\.[0-9]+([eE][+-]?[0-9]{1,2})?")


def count(text: str) -> int | None:
    """A whole number of reads or a taxid; ``None`` when it is none."""
    if not text.isdigit():
        text = text.strip()
    return int(text) if text.isdigit() and text.isascii() and len(text) <= _MOST_DIGITS else None


@lru_cache(maxsize=8192)  # a column of rounded percentages holds few different ones
def amount(text: str) -> float | None:
    """A number that is not negative and finite; ``None`` when it is none (``nan``, ``-1``, ``1_000``, ``٣``)."""
    stripped = text.strip()
    return float(stripped) if _AMOUNT.fullmatch(stripped) else None
