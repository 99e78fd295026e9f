"""
Ranks of a Kraken report's clades, by taxid, letter, name and position.

Letters alone do not do: databases built since NCBI dropped "superkingdom" (end of 2024) give Bacteria ``R2``, and
Kraken 2.1.3 leaves letters out here and there. Sources: kraken2 issues 759, 796, 888 and 991, Bracken issue 311; what a
letter means: Kraken 2 manual, "Sample Report Output Format".
"""

from __future__ import annotations

import re

from telegut.reports.formats.profile import Rank

_LETTERS: dict[str, Rank] = {
    "D": "domain",
    "P": "phylum",
    "C": "class",
    "O": "order",
    "F": "family",
    "G": "genus",
    "S": "species",
}

ROOT_TAXID = 1
BACTERIA_TAXID = 2
HUMAN_TAXID = 9606

_BY_TAXID: dict[int, Rank] = {
    **dict.fromkeys((2, 2157, 2759, 10239), "domain"),  # Bacteria, Archaea, Eukaryota, Viruses
    **dict.fromkeys(
        # Pseudomonadota, Bacillota, Bacteroidota, Actinomycetota, Verrucomicrobiota, Fusobacteriota, Mycoplasmatota,
        # Spirochaetota, Cyanobacteriota, Chlamydiota, Lentisphaerota, Synergistota, Thermodesulfobacteriota,
        # Campylobacterota, Methanobacteriota (Euryarchaeota), Deinococcota
        (
            1224,
            1239,
            976,
            201174,
            74201,
            32066,
            544448,
            203691,
            1117,
            204428,
            256845,
            508458,
            200940,
            29547,
            28890,
            1297,
        ),
        "phylum",
    ),
}
"""
NCBI Taxonomy ids that stay when names and letters change (looked up in lineages of MetaPhlAn's and Kraken's
databases of 2019 to 2025). 29547 was a class until Campylobacterota became a phylum: a letter given wins over this.
"""

_BY_ENDING: tuple[tuple[str, Rank], ...] = (
    ("viridae", "family"),
    ("aceae", "family"),
    ("virales", "order"),
    ("ales", "order"),
    ("viricetes", "class"),
    ("viricota", "phylum"),
)
"""Endings that the codes of nomenclature reserve (ICNP 2022 revision, rule 9; ICTV code 3.23)."""

_GENUS = re.compile(r"(Candidatus )?\[?[A-Z][a-z-]+\]?")
_DOMAIN_TAXIDS = frozenset({2, 2157, 2759, 10239})


def by_letter(letter: str, taxid: int) -> Rank | None:
    """The rank that taxid or letter states; ``None`` between ranks (``-``, ``R1``, ``G2``, kingdoms) and when blank."""
    if taxid in _DOMAIN_TAXIDS:
        return "domain"
    return _LETTERS.get(letter)


def by_name(name: str, taxid: int, above: Rank | None, children: list[str]) -> Rank | None:
    """
    The rank of a clade whose letter is missing; ``None`` when it cannot be told.

    *above* is the nearest rank over it, *children* are the names right under it.
    """
    if taxid in _BY_TAXID and above in {None, "domain"}:
        return _BY_TAXID[taxid]
    if above == "genus":
        return "species" if " " in name else None
    if _GENUS.fullmatch(name):
        for ending, rank in _BY_ENDING:
            if name.lower().endswith(ending):
                return rank
        return "genus" if any(child.startswith(f"{name} ") for child in children) else None
    return None
