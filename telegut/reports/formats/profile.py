"""What every parser returns: one sample as a tree of clades, and what the file says about how it was made."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from telegut.reports.formats.summaries import is_summary

Rank = Literal["domain", "phylum", "class", "order", "family", "genus", "species", "strain"]
RANKS: tuple[Rank, ...] = ("domain", "phylum", "class", "order", "family", "genus", "species", "strain")

_BLANK = re.compile(
    r"(unclassified|unassigned|unknown|noname|unidentified|uncultured)([_ ].*)?"
    r"|.*[_ ](unclassified|unassigned|unknown|noname)",
    re.IGNORECASE,
)
_GENOME_BIN = re.compile(r"([A-Z]?GB[0-9]+)_(SGB[0-9]+)")
_SPLIT_GENUS = re.compile(r"[A-Z][a-z]+_[A-Z]{1,2}")
_ASSEMBLY = re.compile(r"GC[AF]_[0-9]+(\.[0-9]+)?")

LEFT_OUT = "left out: ratios, scores and indices"
"""The note of how many rows of a table that a person described were no group."""
UNANSWERED = "left out: names that nobody confirmed"
"""The note of how many names of such a table are not known, were confirmed by nobody, and how much they are."""


class Clade(NamedTuple):
    """
    One node of a sample's tree; a tuple, because there are thousands of one file.

    *amount* counts everything at and below it: percent of the profile, or reads (see `Profile.in_reads`). *own* is the
    part that goes no deeper, where the file says so. *rank* is ``None`` for nodes between the ranks and for blank ones.
    """

    name: str
    rank: Rank | None
    taxid: int | None
    lineage: str
    parent: int | None
    amount: float
    own: float | None = None
    reads: int | None = None
    derived: bool = False
    """Only met in the lineages of others, in a file that does give rows of this rank: in the tree, but no row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One sample of one file. Parents stand before their children in *clades*."""

    format: str
    why: str
    samples: tuple[str, ...]
    sample: str | None
    pipeline: str | None
    database: str | None
    region: str | None
    in_reads: bool
    clades: tuple[Clade, ...]
    total_reads: int | None
    unclassified: float | None
    """In the unit of the clades; ``None`` when the file does not say."""
    of_bacteria: bool = False
    """Shares are of the reads of Bacteria, as the lab gave them, and not of all that was classified."""
    ranks_inferred: int = 0
    """Clades whose rank the file left out and that were placed by taxid, name and position."""
    genera_from_names: bool = False
    """The file lists species alone; each was counted to the genus that its name begins with."""
    notes: dict[str, str] = field(default_factory=dict)
    """What else the file says about itself, word for word (the command line that made it)."""


def is_blank(name: str) -> bool:
    """
    Whether *name* only says that there is none: ``""``, ``unclassified``, ``Lachnospiraceae_unclassified``; or is
    none of an organism: a score or a ratio never stands among them (see `summaries`).
    """
    written = name.lower()
    nameless = ("un" in written or "noname" in written) and _BLANK.fullmatch(name) is not None
    return nameless or not name.strip("_ ") or is_summary(name)


def readable(name: str) -> str:
    """
    *name* as people write it: spaces for underscores, except where the underscore is part of the name.

    MetaPhlAn's placeholders (``GGB25847_SGB37835``), GTDB's split genera (``Blautia_A``) and genomes by their number
    (``GCF_000154205``) keep theirs. A species
    that is only a bin of an unnamed genus (``Clostridia_unclassified_SGB4373``) loses the word that is no name.
    """
    if " " in name or _GENOME_BIN.fullmatch(name) or _SPLIT_GENUS.fullmatch(name) or _ASSEMBLY.fullmatch(name):
        return name
    return re.sub(r"_+", " ", re.sub(r"_unclassified(?=_SGB[0-9]+$)", "", name)).strip()
