"""
Which names of a person's own table are known to be of organisms, and which that person is asked about. Pure.

A laboratory's program names what its database names. A table that somebody described or typed may hold anything between
groups of bacteria: markers, judgements, headings, in any language, and no list of such words ever ends. So it is asked
the other way round: a name is taken when it is built as names of organisms are (the codes of nomenclature, and how the
databases write) and the house knows what it is built from (`telegut.reports.taxonomy.house`). Everything else is for
the person to confirm, name by name; ratios, scores and advice nobody can (`telegut.reports.formats.no_groups`).
"""

from __future__ import annotations

import re
from functools import lru_cache

from telegut.reports.formats.invisible import plain
from telegut.reports.formats.no_groups import is_no_group
from telegut.reports.formats.profile import is_blank
from telegut.reports.taxonomy.house import house
from telegut.reports.taxonomy.names import spelled

LONGEST_NAME = 200
"""Characters; names of strains in NCBI's taxonomy have some 150 at most. What is longer is no name."""
_PARTS = re.compile(r"[;|]")
_HEAD = re.compile(r"\[?([A-Z][A-Za-z0-9-]*?)\]?(?:_[A-Z]{1,2})?")
"""The first word: perhaps borrowed (``[Ruminococcus]``), perhaps a part that GTDB split off (``Blautia_A``)."""
_FAMILY = re.compile(r"[A-Z][a-z]{4,}(?:aceae|viridae)")
"""Endings that the codes keep for families alone (ICNP, Rule 9; ICTV Code, rule 3.23)."""
_CATALOGUE = re.compile(
    r"(?:(?:SGB|[CFGOP]?FGB|[COGP]GB|UBA|CAG[-:]|UCG-|GCA-|GCF[_-]|MGYG|HGM)[0-9]{2,}"
    r"|[CFGOP]GB[0-9]{2,}_SGB[0-9]{2,})(?:_group)?"
)
"""Numbers of genomes and clusters in published catalogues: MetaPhlAn, GTDB, SILVA, NCBI, UHGG. No word looks so."""
_FAMILY_NUMBER = re.compile(r"Family [IVX]+(?: (?:[A-Z]{1,3}[0-9]{2,5} group|UCG-[0-9]+))?")
"""Clostridial families that wait for a name in SILVA: "Family XIII AD3011 group"."""
_RATIO = "Bacteroides"
"""Genera with a stroke between them are one group that a method cannot part; with this one it is a ratio more often."""
_CODE = r"(?=[A-Za-z0-9.:_/-]*[0-9])[A-Za-z0-9][A-Za-z0-9.:_/-]*|[A-Z]{2,5}"
_BEHIND = re.compile(
    r"(?:sensu stricto|cluster)(?: (?:[0-9]{1,2}|[IVXl]+[a-c]?))?"
    r"|(?:[A-Z]{1,3}[0-9A-Z-]{1,8} )?(?:gut )?group"
    r"|[IVX][IVXl]*[a-c]?|[1-9]|1[0-9]|[A-Z]{1,2}"
    r"|(?:family [IVX]+ )?incertae sedis|(?:UCG-|CAG[-:]|SGB)[0-9]+",
    re.I,
)
"""What stands behind the name of a wider group: "Clostridium sensu stricto 1", "Rikenellaceae RC9 gut group"."""
_STRAINS = re.compile(rf"(?:sp\.?|spp\.?|bacterium|archaeon)(?: (?:str(?:ain|\.) )?(?:{_CODE})){{0,4}}")
_BELOW_SPECIES = re.compile(
    rf"(?: (?:subsp\.|subspecies|ssp\.|pv\.|bv\.|biovar|serovar) [a-z]{{3,}})?(?: group| complex)?"
    rf"(?: (?:str(?:ain|\.) )?(?:{_CODE})){{0,4}}"
)
_LATIN = re.compile(
    r"\[?[A-Z][a-z]{2,}(?:us|a|um|er|as|is|ix|or|es|on|ium)\]?"
    r"(?: [a-z]{2,}(?:us|a|um|is|ale|ile|ense|are|i|ae|ens|ans|or|orum|arum|ix|ax|es))?"
)
"""Endings of names of genera and of epithets (ICNP, Rules 10 and 12; Appendix 9)."""
_LEVELS = frozenset({"LOW", "HIGH", "OK", "NO", "YES", "NORM", "MIN", "MAX"})
"""Capitals that are no collection's letters."""


def asked_of(written: str) -> tuple[str, ...]:
    """
    What a person is asked about *written*, a name or a lineage: those names in it that the house does not know.

    >>> asked_of("k__Bacteria|p__Bacillota|g__Roseburia"), asked_of("Zonulin"), asked_of("816")
    ((), ('Zonulin',), ('816',))
    """
    parts = [spelled(plain(part)) for part in _PARTS.split(written.strip().strip('"'))]
    asked = (part for part in parts if part and not is_blank(part) and not is_no_group(part) and not is_known(part))
    return tuple(dict.fromkeys(asked))


@lru_cache(maxsize=16_384)  # a few hundred groups are in the lineages of thousands of rows
def is_known(name: str) -> bool:
    """
    Whether *name* is built as names of organisms are, of names that the house knows.

    >>> [is_known(one) for one in ("Bacteroides uniformis", "Escherichia/Shigella", "Dorea low", "Vitamin D")]
    [True, True, False, False]
    """
    known = house()
    if len(name) > LONGEST_NAME:
        return False
    if name in known.whole or any(one.fullmatch(name) for one in (_CATALOGUE, _FAMILY, _FAMILY_NUMBER)):
        return True
    bare = name.removeprefix("Candidatus ").removeprefix("uncultured ")
    if "/" in bare and " " not in bare:
        return _RATIO not in bare.split("/") and all(_is_group(part) for part in bare.split("/"))
    head, _, tail = bare.partition(" ")
    return _is_group(head) and (not tail or _fits_behind(tail))


def looks_like_a_name(name: str) -> bool:
    """
    Whether *name* is at least written as one: Latin words, with the endings of names. Decides nothing: it is a hint.

    >>> looks_like_a_name("Nowhereia intestinalis"), looks_like_a_name("Vitamin D"), looks_like_a_name("Calprotectin")
    (True, False, False)
    """
    bare = name.removeprefix("Candidatus ")
    head, _, tail = bare.partition(" ")
    if _is_group(head) and _fits_behind(tail):
        return True
    return _LATIN.fullmatch(bare) is not None or (_LATIN.fullmatch(head) is not None and bool(_STRAINS.fullmatch(tail)))


def _is_group(word: str) -> bool:
    found = _HEAD.fullmatch(word)
    if found is None:
        return False
    return found[1] in house().heads or word in house().whole or _FAMILY.fullmatch(found[1]) is not None


def _fits_behind(tail: str) -> bool:
    """Whether *tail*, behind a group, makes one of its parts: a species, a strain, a numbered cluster."""
    if not _LEVELS.isdisjoint(tail.split(" ")):
        return False
    if _BEHIND.fullmatch(tail) or _STRAINS.fullmatch(tail):
        return True
    epithet, _, rest = tail.partition(" ")
    epithets = house().epithets
    below = f" {rest}" if rest else ""
    return all(one in epithets for one in epithet.split("/")) and _BELOW_SPECIES.fullmatch(below) is not None
