"""
Rows of a laboratory's table that are no group of organisms: ratios, scores, indices, totals, judgements, advice.

The international consensus advises against them (Porcari et al., Lancet Gastroenterol Hepatol 2025;10:154-167: simple
ratios do not capture what varies within one host). There is no field for such a value: it is left out, and that it was
is written down. Whole words decide, in sets and not in one pattern: every name of a file is asked.
"""

from __future__ import annotations

import re

from telegut.reports.formats.invisible import plain

_BETWEEN = re.compile(r"[^a-z0-9]+")
_NO_GROUP = re.compile(
    r"diversity|evenness|richness|shannon|simpson|chao1|enterotype|ratio|score|index|dysbios[ei]s?|eubios[ei]s?"
    r"|total|sum|average|mean|median|normal|optimal|balance|your|take|eat|supplement"
    r"|good|bad|beneficial|harmful|friendly|unfriendly|healthy|unhealthy|health|wellness"
)
_ONE = re.compile(r"firmicutes|bacillota|firm")
_OTHER = re.compile(r"bacteroid\w*")
_SHORT = ["b", "f"]


def is_summary(name: str) -> bool:
    """
    Whether *name* is that of a ratio, a score, an index, a total or a piece of advice, and of no group.

    >>> is_summary("Firmicutes/Bacteroidetes ratio"), is_summary("F/B"), is_summary("Escherichia/Shigella")
    (True, True, False)
    """
    words = [one for one in _BETWEEN.split(plain(name).lower()) if one]
    if any(_NO_GROUP.fullmatch(one) for one in words):
        return True
    return sorted(words) == _SHORT or (
        any(_ONE.fullmatch(one) for one in words) and any(_OTHER.fullmatch(one) for one in words)
    )
