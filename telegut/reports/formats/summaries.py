"""
Rows of a laboratory's table that are no group of organisms: ratios, scores, indices, totals, judgements, advice.

The international consensus advises against them (Porcari et al., Lancet Gastroenterol Hepatol 2025;10:154-167: simple
ratios do not capture what varies within one host). There is no field for such a value: it is left out, and that it was
is written down. Whole words decide, in sets and not in patterns: every name of a file is asked.
"""

from __future__ import annotations

import re
import unicodedata

from telegut.reports.formats.invisible import plain

_BETWEEN = re.compile(r"[^a-z0-9]+")
_NO_GROUP = frozenset(
    {"diversity", "evenness", "richness", "shannon", "simpson", "chao1", "enterotype", "ratio", "score", "index"}
    | {"dysbiosis", "dysbioses", "dysbiose", "dysbiosi", "eubiosis", "eubioses", "eubiose", "eubiosi"}
    | {"total", "sum", "average", "mean", "median", "normal", "optimal", "balance"}
    | {"your", "take", "eat", "supplement", "health", "wellness"}
    | {"good", "bad", "beneficial", "harmful", "friendly", "unfriendly", "healthy", "unhealthy"}
)
_ONE = frozenset({"firmicutes", "bacillota", "firm"})
_OTHER = "bacteroid"
_SHORT = ["b", "f"]
_FEW = 5
"""Two words, and nothing before, between or behind them: "F/B", "(F:B)"."""


def is_summary(name: str) -> bool:
    """
    Whether *name* is that of a ratio, a score, an index, a total or a piece of advice, and of no group.

    >>> is_summary("Firmicutes/Bacteroidetes ratio"), is_summary("F/B"), is_summary("Escherichia/Shigella")
    (True, True, False)
    """
    name = plain(name)
    if not name.isascii():
        name = unicodedata.normalize("NFKC", name)
    words = _BETWEEN.split(name.lower())
    if not _NO_GROUP.isdisjoint(words):
        return True
    return (len(words) < _FEW and sorted(filter(None, words)) == _SHORT) or (
        not _ONE.isdisjoint(words) and any(one.startswith(_OTHER) for one in words)
    )
