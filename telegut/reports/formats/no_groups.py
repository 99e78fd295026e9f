"""
What people's own tables hold between groups of bacteria: judgements, risks, advice, numbers, headings. Pure.

A table that somebody described, and one that somebody typed, come from a laboratory's letter and not from a program.
So more is left out of them than of a program's file (`summaries`): sentences, words of judgement in a few languages,
and what is no name at all. Whole words decide; a name stays a name.
"""

from __future__ import annotations

import re
import unicodedata

from telegut.reports.formats.summaries import is_summary

_WORDS = frozenset(
    {"age", "risk", "potential", "potentials", "leaky", "inflammation", "inflammatory", "pathobiont", "pathobionts"}
    | {"pathogen", "pathogens", "pathogenic", "opportunistic", "opportunists", "protective", "commensals", "percentile"}
    | {"grade", "vitality", "quotient", "permeability", "barrier", "immunity", "metabolism", "resilience", "stability"}
    | {"is", "are", "was", "low", "lower", "high", "higher", "too", "more", "less", "fewer", "raise", "reduce", "avoid"}
    | {"increase", "increased", "decrease", "decreased", "add", "drink", "limit", "recommended", "recommendation"}
    | {"recommendations", "advice", "you", "for", "with", "result", "results", "range", "reference", "target", "level"}
    | {
        "depression",
        "anxiety",
        "stress",
        "sleep",
        "mood",
        "weight",
        "bmi",
        "fibre",
        "fiber",
        "kefir",
        "yoghurt",
        "yogurt",
    }
    | {"microbiome", "mikrobiom", "microbiote", "microbiota", "diversität", "diversité", "diversidad"}
    | {
        "gesamt",
        "gesamtzahl",
        "gesamtkeimzahl",
        "summe",
        "somme",
        "suma",
        "ist",
        "zu",
        "erhöht",
        "erniedrigt",
        "vermindert",
    }
    | {"gute", "guten", "schlechte", "schlechten", "nützliche", "schädliche", "schützende", "empfehlung", "risiko"}
    | {"bonnes", "bonne", "mauvaises", "bénéfiques", "nuisibles", "protectrices", "buenas", "malas", "beneficiosas"}
    | {"dañinas", "buoni", "cattivi", "goede", "slechte", "boas", "más", "riesgo", "risque", "rischio"}
    | {
        "calprotectin",
        "zonulin",
        "siga",
        "iga",
        "ph",
        "vitamin",
        "vitamins",
        "production",
        "keimzahl",
        "niedrig",
        "hoch",
    }
    | {"elevated", "warning", "verdict", "imbalanced", "nan", "manger", "essen", "comer"}
)
_ENDINGS = ("score", "index", "indice", "índice", "ratio", "quotient", "punktzahl", "verhältnis", "diversität")
_PAIRS = (["b", "f"], ["b", "p"])
"""Firmicutes or Prevotella against Bacteroides, by their first letters."""
_BETWEEN = re.compile(r"[\W_]+")
_LONGEST_WORDS = 10
"""Words of a name; "Lachnospiraceae bacterium oral taxon 096 strain F0481 genomosp. P1" has nine."""
_LETTERS = re.compile(r"[^\W\d_]{2}|[A-Za-z][0-9]{2}")
"""Of any name; "F082" is one of SILVA's genera."""
_SHARES = re.compile(r"%|(?<![A-Za-z\d])\d+\s*/\s*\d")
"""No share is "ART55/1", a strain of a bacterium that makes butyrate."""


def is_no_group(name: str) -> bool:
    """
    Whether *name*, out of a table that a person described or typed, is none of a group of organisms.

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
        or len(words) > _LONGEST_WORDS
        or _LETTERS.search(written) is None
        or _SHARES.search(written) is not None
    )
