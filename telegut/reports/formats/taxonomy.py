"""
Lineages as taxonomies write them: Greengenes, SILVA, GTDB, Greengenes2, RDP and mothur, NCBI.

Ranks come from prefixes (``g__``, SILVA's older ``D_5__``). Lineages without any are read by their order only when they
begin with a domain and have no more parts than there are ranks; kingdoms, which NCBI put between domain and phylum in
2025, are stepped over. The written parts are kept as they are: a name is mapped elsewhere, never here.

What differs, from the databases' own release notes: Greengenes 13 writes blanks (``g__``) and epithets alone
(``s__prausnitzii``); SILVA writes ``uncultured`` and ``Incertae Sedis``; GTDB splits genera (``Blautia_A``);
Greengenes2 adds the number of a node (``g__Blautia_A_141781``) and cuts off what is unassigned; mothur puts a bootstrap
in brackets (``Bacteroides(100)``) and repeats a parent's name (``Lachnospiraceae_unclassified``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from telegut.reports.formats.limits import Limits
from telegut.reports.formats.profile import RANKS, Rank, is_blank, readable
from telegut.reports.formats.refusals import ReportTooLarge

_PREFIXES: dict[str, Rank] = {
    "k": "domain",  # Greengenes and UNITE write domains (and Fungi) as kingdoms
    "d": "domain",
    "sk": "domain",
    "p": "phylum",
    "c": "class",
    "o": "order",
    "f": "family",
    "g": "genus",
    "s": "species",
    "t": "strain",
}
_PREFIX = re.compile(r"(sk|[kdpcofgst])__(.*)", re.IGNORECASE | re.DOTALL)
_SILVA = re.compile(r"D_([0-9]{1,2})__(.*)", re.DOTALL)
_BOOTSTRAP = re.compile(r"\([0-9]{1,3}(\.[0-9]+)?\)$")
_NODE = re.compile(r"(?<=[A-Za-z])_[0-9]{3,}$")
_NO_NAME = re.compile(
    r"(uncultured|unidentified|unclassified|unknown|metagenome|incertae[_ ]sedis|(human )?gut[_ ]metagenome)\b.*"
    r"|.*[_ ](metagenome|incertae[_ ]sedis)|ambiguous[_ ]taxa",
    re.IGNORECASE,
)
_NOBODY = re.compile(r"(unassigned|unclassified|unknown|no[_ ]blast[_ ]hit|no[_ ]hit|none|na|nan)?", re.IGNORECASE)
DOMAINS = frozenset({"bacteria", "archaea", "eukaryota", "eukarya", "viruses"})
_KINGDOMS = frozenset(
    {"bacillati", "pseudomonadati", "fusobacteriati", "thermotogati", "methanobacteriati", "nanobdellati"}
    | {"promethearchaeati", "thermoproteati", "fungi", "metazoa", "viridiplantae"}
)
"""Names between domain and phylum: Göker and Oren, Int J Syst Evol Microbiol 2024;74:006242; NCBI's of eukaryotes."""


@dataclass(frozen=True, slots=True)
class Part:
    """One named group of a lineage. written: the lineage down to it, word for word."""

    rank: Rank
    name: str
    written: str


def parts_of(lineage: str, limits: Limits) -> tuple[Part, ...]:
    """
    The named groups of *lineage*, the widest first; none when it names nobody. Blank ranks are left out.

    Raises:
        ReportTooLarge: it is longer than any taxonomy's.
    """
    text = lineage.strip().strip('"').strip()
    if len(text) > limits.name_characters:
        raise ReportTooLarge("A lineage is longer than any taxonomy's.")
    mark = ";" if ";" in text else "|"
    written = [part.strip().strip('"') for part in text.split(mark)]
    while written and not written[-1]:
        written.pop()
    if len(written) > limits.lineage_parts:
        raise ReportTooLarge(f"A lineage has more than {limits.lineage_parts} parts.")
    if len(written) == 1 and _NOBODY.fullmatch(written[0]):
        return ()
    ranked = _ranked(written)
    found: list[Part] = []
    for place, (rank, name) in enumerate(ranked):
        whole = _whole_name(rank, name, found)
        if rank is not None and whole and (not found or RANKS.index(found[-1].rank) < RANKS.index(rank)):
            found.append(Part(rank, whole, mark.join(written[: place + 1])))
    return tuple(found)


def _ranked(written: list[str]) -> list[tuple[Rank | None, str]]:
    """Every written part with its rank, where it has one."""
    prefixed = [_by_prefix(part) for part in written]
    if any(rank is not None for rank, _ in prefixed):
        return prefixed
    names = [_BOOTSTRAP.sub("", part) for part in written]
    first = next((at for at, name in enumerate(names) if name.lower() in DOMAINS), None)
    if first is None or first > 1:  # "Root;Bacteria;…" and "cellular organisms;Bacteria;…" begin one later
        return [(None, name) for name in names]
    return _by_order(names, first)


def _by_order(names: list[str], first: int) -> list[tuple[Rank | None, str]]:
    between = [at for at, name in enumerate(names) if name.lower() in _KINGDOMS]
    counted = [at for at in range(first, len(names)) if at not in between]
    if len(counted) > len(RANKS):
        counted = counted[:1]  # sub-ranks somewhere: nobody can tell which part is which
    ranks: dict[int, Rank] = dict(zip(counted, RANKS, strict=False))
    return [(ranks.get(at), name) for at, name in enumerate(names)]


@lru_cache(maxsize=65_536)
def _by_prefix(part: str) -> tuple[Rank | None, str]:
    if found := _PREFIX.fullmatch(part):
        return _PREFIXES[found[1].lower()], _BOOTSTRAP.sub("", found[2])
    if found := _SILVA.fullmatch(part):
        at = int(found[1])
        return (RANKS[at] if at < len(RANKS) else None), found[2]
    return None, part


def _whole_name(rank: Rank | None, name: str, above: list[Part]) -> str:
    """*name* as people write it; empty when it is none."""
    name = _as_people_write(name)
    genus = next((part.name for part in above if part.rank == "genus"), None)
    if rank != "species" or not name[:1].islower() or " " in name:
        return name
    return f"{genus} {name}" if genus else ""  # an epithet without its genus names nobody


@lru_cache(maxsize=65_536)  # a few hundred groups are in the lineages of thousands of features
def _as_people_write(name: str) -> str:
    name = _NODE.sub("", name.strip().strip('"').strip("'"))
    if is_blank(name) or _NO_NAME.fullmatch(name) or _NOBODY.fullmatch(name):
        return ""
    return readable(name)
