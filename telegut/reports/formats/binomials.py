"""
The genus that a species' name begins with.

The name of a species is that of its genus and an epithet (Int. Code of Nomenclature of Prokaryotes, Rule 12a; Parker et
al., IJSEM 2019;69:S1), so "Roseburia hominis" says where it belongs. What only looks like such a name does not:
"Lachnospiraceae bacterium X" names a family, "[Ruminococcus] gnavus" and "Candidatus …" a genus that is not (yet) one,
"Escherichia phage T4" a virus.
"""

from __future__ import annotations

import re

_BINOMIAL = re.compile(r"([A-Z][a-z]{2,}) ([a-z]{2,}\.?)(?: .*)?")
_NO_EPITHETS = frozenset(
    {
        "archaeon",
        "bacterium",
        "class",
        "clone",
        "cluster",
        "endosymbiont",
        "family",
        "genomosp.",
        "genus",
        "group",
        "gut",
    }
    | {"human", "isolate", "metagenome", "oral", "order", "phage", "phylum", "prophage", "rumen", "str.", "strain"}
    | {"symbiont", "uncultured", "virus"}
)
_WIDER = re.compile(r".*(?:aceae|ales|viridae|virales|phyta|phyceae|bacteria|archaea)")
"""Endings of families, orders and wider groups; no genus of Bacteria or Archaea ends so."""
_NO_GENERA = frozenset({"Candidatus", "Uncultured", "Unclassified", "Bacterium", "Human", "Synthetic", "Unidentified"})


def genus_of(species: str) -> str | None:
    """
    The genus by the name of one of its species; ``None`` when the name tells none.

    >>> genus_of("Bacteroides uniformis"), genus_of("Blautia sp. SC05B48"), genus_of("[Clostridium] scindens")
    ('Bacteroides', 'Blautia', None)
    """
    found = _BINOMIAL.fullmatch(species.strip())
    if found is None or found[1] in _NO_GENERA or found[2] in _NO_EPITHETS or _WIDER.fullmatch(found[1]):
        return None
    return found[1]
