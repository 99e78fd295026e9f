"""
Rows of a laboratory's table that are no group of organisms: ratios, scores, indices.

The international consensus advises against them (Porcari et al., Lancet Gastroenterol Hepatol 2025;10:154-167: simple
ratios do not capture what varies within one host). There is no field for such a value: it is left out, and that it was
is written down.
"""

from __future__ import annotations

import re

_SUMMARY = re.compile(
    r"\b(?:alpha|beta|bio)?[- ]?(?:diversity|evenness|richness)\b"
    r"|\b(?:ratio|score|index|dysbios[ei]s?|eubios[ei]s?|enterotype|shannon|simpson|chao1)\b"
    r"|\b(?:firmicutes|bacillota)\s*(?:[/:]|to|vs\.?)\s*bacteroid|\bbacteroid\w+\s*(?:[/:]|to|vs\.?)\s*(?:firm|bacillota)"
    r"|^\s*[fb]\s*[/:]\s*[fb]\s*$",
    re.IGNORECASE,
)


def is_summary(name: str) -> bool:
    """
    Whether *name* is that of a ratio, a score or an index and of no group.

    >>> is_summary("Firmicutes/Bacteroidetes ratio"), is_summary("Escherichia/Shigella")
    (True, False)
    """
    return _SUMMARY.search(name) is not None
