"""
What nobody can confirm as a group of organisms: scores, ratios, shares, judgements, advice. Pure, and short.

Of a table that somebody described or typed every name is known or asked about (`telegut.reports.taxonomy.known`), so
this list need not be long. It is the floor beneath that question: no answer lets these words stand among names.
"""

from __future__ import annotations

import re
import unicodedata

from telegut.reports.formats.summaries import is_summary

_WORDS = frozenset(
    {"age", "risk", "percentile", "grade", "quotient", "recommended", "recommendation", "advice", "avoid", "increase"}
    | {"is", "low", "high", "too", "add", "reduce", "raise", "protective", "pathobiont", "pathobionts", "opportunistic"}
    | {"gute", "guten", "schlechte", "schlechten", "ist", "empfehlung", "risiko", "gesamt", "summe"}
    | {"bonnes", "mauvaises", "risque", "buenas", "malas", "riesgo", "buoni", "cattivi", "rischio", "goede", "slechte"}
)
_ENDINGS = ("score", "index", "indice", "índice", "ratio", "quotient", "punktzahl", "verhältnis", "diversität")
_PAIRS = (["b", "f"], ["b", "p"])
"""Firmicutes or Prevotella against Bacteroides, by their first letters."""
_BETWEEN = re.compile(r"[\W_]+")
_LETTERS = re.compile(r"[^\W\d_]{2}|[A-Za-z][0-9]{2}")
"""Of any name; "F082" is one of SILVA's genera."""
_SHARES = re.compile(r"%|(?<![A-Za-z\d])\d+\s*/\s*\d")
"""No share is "ART55/1", a strain of a bacterium that makes butyrate."""


def is_no_group(name: str) -> bool:
    """
    Whether *name*, out of a table that a person described or typed, can be none of a group of organisms.

    >>> is_no_group("Healthscore"), is_no_group("7/10"), is_no_group("[Ruminococcus] gnavus"), is_no_group("UCG-005")
    (True, True, False, False)
    """
    written = unicodedata.normalize("NFKC", name).strip()
    words = [one for one in _BETWEEN.split(written.lower()) if one]
    return (
        is_summary(name)
        or not _WORDS.isdisjoint(words)
        or any(one.endswith(_ENDINGS) for one in words)
        or sorted(words) in _PAIRS
        or _LETTERS.search(written) is None
        or _SHARES.search(written) is not None
    )
