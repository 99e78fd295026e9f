"""
What a profile says, and no more: rows with ranks, shares with their denominator, what the file cannot tell.

There is no score here, no ratio of groups, no good or bad, no advice. Source of that restraint: Porcari et al., Lancet
Gastroenterol Hepatol 2025;10:154-167 (international consensus on microbiome testing in clinical practice).

* An amount known only down to some group above genus is counted as ``unassigned genus in GROUP``; together with the
  named genera these rows make up everything that was classified.
* Human reads stand apart: they are in no row, and in the denominator only as far as it is all reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from telegut.reports.diversity import observed, shannon
from telegut.reports.formats.kraken_ranks import BACTERIA_TAXID, HUMAN_TAXID
from telegut.reports.formats.profile import RANKS, Clade, Profile, Rank
from telegut.reports.formats.refusals import DamagedFile, NothingClassified, TooFewReads

Denominator = Literal["all_reads", "classified_reads", "bacteria_reads", "profile"]

FEWEST_READS = 1_000
"""
Below this nothing is reported. A taxon that was not seen among N reads may still make up 3/N of the sample (95 %, "rule
of three", Hanley and Lippman-Hand, JAMA 1983;249:1743): at 1,000 reads that is 0.3 %.
"""

UNASSIGNED = "unassigned genus in "

_MORE_THAN_ALL_PERCENT = 101.5
"""A point and a half over the whole: profiles are rounded, and the rows of a rank may add up to a little more."""

_SMALLEST_REST_PERCENT = 0.01
"""
Below this, what the children of a group leave of it is not counted as unassigned: MetaPhlAn prints five decimals, and
version 4 now and then lists a small clade under two parents.
"""


class Taxon(NamedTuple):
    """One row. *percent* is unrounded and of the report's denominator. A tuple: there are thousands of one file."""

    name: str
    rank: Rank
    taxid: int | None
    lineage: str
    percent: float
    reads: int | None

    @property
    def unassigned(self) -> bool:
        """Whether this row only says how much is known no further than a group above genus."""
        return self.name.startswith(UNASSIGNED)


@dataclass(frozen=True, slots=True)
class Diversity:
    """Of named genera. *depth* is the reads that were counted on them; ``None`` for a profile of percentages."""

    shannon: float | None
    observed_genera: int
    depth: int | None


@dataclass(frozen=True, slots=True)
class Totals:
    """What the rows are shares of. ``None`` is what the file cannot tell; it is never zero."""

    denominator: Denominator
    reads: int | None
    unclassified_percent: float | None
    classified_percent: float | None
    human_percent: float | None
    human_reads: int | None


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that a profile says."""

    profile: Profile
    totals: Totals
    taxa: tuple[Taxon, ...]
    diversity: Diversity


def interpret(profile: Profile) -> Reading:
    """
    Rows, shares and diversity of one sample; rows come by rank, then the largest first.

    Raises:
        TooFewReads: see `FEWEST_READS`.
        NothingClassified: nothing but human reads was recognised.
        DamagedFile: one group is more than the whole.
    """
    check_depth(profile)
    clades = without_human(profile.clades)
    if not any(clade.rank and clade.amount > 0 for clade in clades):
        raise NothingClassified
    shares = shares_of(profile)
    rows = [_taxon(clade, shares) for clade in clades if clade.rank and clade.amount > 0 and not clade.derived]
    rows += _unassigned_rows(clades, shares, in_reads=profile.in_reads)
    if any(row.percent > _MORE_THAN_ALL_PERCENT for row in rows):
        raise DamagedFile("A group of this file is more than the whole; the file may have been cut or edited.")
    taxa = tuple(sorted(rows, key=_order))
    genera = [row for row in taxa if row.rank == "genus" and not row.unassigned]
    return Reading(profile, _totals(profile, shares), taxa, _diversity(genera, in_reads=profile.in_reads))


def check_depth(profile: Profile) -> None:
    """
    Refuse a sample of too few reads, where the file tells how many there were.

    Raises:
        TooFewReads: fewer than `FEWEST_READS`.
    """
    reads = profile.total_reads
    if reads is None and profile.in_reads:
        reads = int(classified(profile))
    if reads is not None and reads < FEWEST_READS:
        raise TooFewReads(f"The sample has {reads:,} reads, too few to say anything: {FEWEST_READS:,} is the least.")


def classified(profile: Profile) -> float:
    """Everything that got a name, human reads included, in the unit of the clades."""
    return sum(clade.amount for clade in profile.clades if clade.parent is None)


def human(clades: Sequence[Clade]) -> float:
    """What was recognised as *Homo sapiens*, in the unit of the clades."""
    return sum(clades[place].amount for place in _of_humans(clades))


def without_human(clades: Sequence[Clade]) -> list[Clade]:
    """The tree without *Homo sapiens*: taken out, with its own descendants, of everything above it."""
    gone = set(_of_humans(clades))
    if not gone:
        return list(clades)
    amounts = [clade.amount for clade in clades]
    for place in sorted(gone):
        above = clades[place].parent
        while above is not None:
            amounts[above] -= clades[place].amount
            above = clades[above].parent
    for place, clade in enumerate(clades):
        if place in gone or clade.parent in gone:
            gone.add(place)
            amounts[place] = 0
    return [_with_amount(clade, max(amount, 0)) for clade, amount in zip(clades, amounts, strict=True)]


@dataclass(frozen=True, slots=True)
class Shares:
    """What 100 percent is, in the unit of the clades, and its name."""

    whole: float
    denominator: Denominator

    def percent(self, amount: float) -> float:
        """*amount* as an unrounded percentage; a file's own percentages are passed through untouched."""
        return amount if self.denominator == "profile" else amount * 100 / self.whole


def shares_of(profile: Profile) -> Shares:
    """All reads where the file tells how many there were, otherwise what it counts on, or the file's own whole."""
    if not profile.in_reads:
        return Shares(100.0, "profile")
    if profile.total_reads is not None:
        return Shares(float(profile.total_reads), "all_reads")
    if profile.of_bacteria:
        return Shares(sum(clade.amount for clade in profile.clades if clade.taxid == BACTERIA_TAXID), "bacteria_reads")
    return Shares(classified(profile), "classified_reads")


def _of_humans(clades: Sequence[Clade]) -> list[int]:
    return [
        place
        for place, clade in enumerate(clades)
        if clade.taxid == HUMAN_TAXID or (clade.name == "Homo sapiens" and clade.rank == "species")
    ]


def _with_amount(clade: Clade, amount: float) -> Clade:
    reads = int(amount) if clade.reads is not None else None
    return Clade(
        clade.name, clade.rank, clade.taxid, clade.lineage, clade.parent, amount, min(clade.own or 0, amount), reads
    )


def _totals(profile: Profile, shares: Shares) -> Totals:
    unclassified = profile.unclassified
    of_human = human(profile.clades)
    return Totals(
        denominator=shares.denominator,
        reads=profile.total_reads,
        unclassified_percent=None if unclassified is None else shares.percent(unclassified),
        classified_percent=None if unclassified is None else (shares.whole - unclassified) * 100 / shares.whole,
        human_percent=shares.percent(of_human) if profile.in_reads or of_human else None,
        human_reads=int(of_human) if profile.in_reads else None,
    )


def _taxon(clade: Clade, shares: Shares) -> Taxon:
    assert clade.rank is not None
    return Taxon(clade.name, clade.rank, clade.taxid, clade.lineage, shares.percent(clade.amount), clade.reads)


def _unassigned_rows(clades: Sequence[Clade], shares: Shares, *, in_reads: bool) -> list[Taxon]:
    known: list[int | None] = []  # per clade: the nearest named group at or above it, or -1 inside a genus
    left: dict[int | None, float] = {}
    below = _sums_of_children(clades)
    for place, clade in enumerate(clades):
        group = known[clade.parent] if clade.parent is not None else None
        if group == -1 or clade.rank == "genus":
            known.append(-1)
        elif clade.rank in {"species", "strain"}:
            known.append(-1)
            left[group] = left.get(group, 0.0) + clade.amount
        else:
            known.append(place if clade.name else group)
            rest = clade.amount - below[place]
            if rest > (0 if in_reads or not clade.name else _SMALLEST_REST_PERCENT):
                left[known[place]] = left.get(known[place], 0.0) + rest
    return [
        _unassigned(None if group is None else clades[group], amount, shares, in_reads=in_reads)
        for group, amount in left.items()
        if amount > 0
    ]


def _sums_of_children(clades: Sequence[Clade]) -> list[float]:
    sums = [0.0] * len(clades)
    for clade in clades:
        if clade.parent is not None:
            sums[clade.parent] += clade.amount
    return sums


def _unassigned(group: Clade | None, amount: float, shares: Shares, *, in_reads: bool) -> Taxon:
    reads = round(amount) if in_reads else None
    name, lineage = (group.name, group.lineage) if group is not None else ("no known group", "")
    return Taxon(f"{UNASSIGNED}{name}", "genus", None, lineage, shares.percent(amount), reads)


def _diversity(genera: Sequence[Taxon], *, in_reads: bool) -> Diversity:
    amounts = [row.percent for row in genera]
    depth = sum(row.reads or 0 for row in genera) if in_reads else None
    return Diversity(shannon(amounts), observed(amounts), depth)


_PLACES = {rank: place for place, rank in enumerate(RANKS)}


def _order(row: Taxon) -> tuple[int, float, str]:
    return _PLACES[row.rank], -row.percent, row.name
