"""
Tables of features (OTUs, ASVs, clades) by samples, and what one of their columns says once the features have names.

A column is counts when every number in it is whole, shares when it sums to 1 or to 100; anything else is neither. What
has no name is ``unclassified``, never left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from telegut.reports.formats.binomials import genus_of
from telegut.reports.formats.body_sites import is_elsewhere
from telegut.reports.formats.limits import Limits
from telegut.reports.formats.profile import Profile, is_blank
from telegut.reports.formats.refusals import (
    ChooseSample,
    DamagedFile,
    NamesMissing,
    NothingClassified,
    NotStool,
    PseudocountsNotCounts,
    ReportTooLarge,
    UnknownSample,
)
from telegut.reports.formats.strangers import kind_of_ids
from telegut.reports.formats.taxonomy import DOMAINS, Part, parts_of
from telegut.reports.formats.tree import Tree

_ENOUGH_FEATURES = 20
"""So many features without a single zero in any of several samples are no measurement: most are rare or absent."""
_NAMELESS = re.compile(r"s__([A-Z][a-z]+)_(?:unclassified|noname)")
_LAST = re.compile(r"[;|][^;|]*$")
_NESTED = 0.9
"""The share of rows whose parent is a row too, from which on a table has a row for every rank."""
_SUM_MAY_MISS = 0.02
"""A fiftieth: shares are often rounded to a few digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """
    A feature table. lineages: of each feature, where the file gives them. values: a sample's column, in the order of
    the features. filled: no cell of the whole table is zero. counts: what the file says of its unit, if it does.
    sites: by sample, where it was taken from, as far as the file says.
    """

    format: str
    why: str
    pipeline: str | None
    samples: tuple[str, ...]
    features: Sequence[str]
    lineages: Sequence[str | None]
    values: Callable[[str], Sequence[float]]
    filled: bool = False
    counts: bool | None = None
    region: str | None = "amplicon"
    notes: Mapping[str, str] = field(default_factory=dict)
    sites: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The names of features, from a file of their own."""

    format: str
    why: str
    lineages: Mapping[str, str]


def profile_of(table: Table, sample: str | None, limits: Limits, names: Taxonomy | None = None) -> Profile:
    """
    What the chosen sample of *table* holds, its features named by *names* or by the table itself.

    Raises:
        NamesMissing: the table has no lineages, or *names* are of other features.
        GeneFamiliesNotTaxa, PathwaysNotTaxa, MetabolitesNotTaxa: no lineages, and its features are known to be none.
        NotStool: the file says that the sample is of another place.
        ChooseSample, UnknownSample, PseudocountsNotCounts, DamagedFile, NothingClassified, ReportTooLarge: as they say.
    """
    _check_size(table, limits)
    lineages = _lineages(table, names)
    if table.filled and len(table.samples) > 1 and len(table.features) >= _ENOUGH_FEATURES:
        raise PseudocountsNotCounts
    chosen = _choose(table, sample)
    site = table.sites.get(chosen)
    if site is not None and is_elsewhere(site):
        raise NotStool(
            f"The file says that this sample is {site[:60]!r}, not stool. Reports here are about stool alone."
        )
    values = table.values(chosen)
    if lineages is table.features:
        values = _own(lineages, values)
    in_reads = _in_reads(values, table.counts)
    scale = 1.0 if in_reads else 100 / sum(values)
    tree, unnamed = Tree(), 0.0
    known = [parts_of(lineage or "", limits) if value else () for lineage, value in zip(lineages, values, strict=True)]
    only_species = _are_species_alone(known)
    if only_species:
        known = [_with_genus(parts, lineage or "") for parts, lineage in zip(known, lineages, strict=True)]
    for parts, value in zip(known, values, strict=True):
        if parts:
            tree.add(parts, value * scale)
        else:
            unnamed += value * scale
    clades = tree.clades(in_reads=in_reads)
    if not clades:
        raise NothingClassified
    return Profile(
        format=table.format if names is None else f"{table.format}+{names.format}",
        why=table.why if names is None else f"{table.why}; and {names.why}",
        samples=table.samples,
        sample=chosen,
        pipeline=table.pipeline,
        database=None,
        region=table.region,
        in_reads=in_reads,
        clades=clades,
        total_reads=round(sum(values)) if in_reads else None,
        unclassified=round(unnamed) if in_reads else unnamed,
        genera_from_names=only_species,
        notes=dict(table.notes),
    )


def _are_species_alone(known: Sequence[tuple[Part, ...]]) -> bool:
    """Whether whoever made the table wrote ``s__Akkermansia_muciniphila`` and nothing above it."""
    told = [parts for parts in known if parts]
    return bool(told) and all(len(parts) == 1 and parts[0].rank == "species" for parts in told)


def _with_genus(parts: tuple[Part, ...], written: str) -> tuple[Part, ...]:
    """*parts* below the genus that the name begins with; ``s__Alistipes_unclassified`` is known to its genus."""
    nameless = _NAMELESS.fullmatch(written.strip())
    genus = genus_of(parts[0].name if parts else f"{nameless[1]} sp." if nameless else "")
    if genus is None or is_blank(genus) or genus.lower() in DOMAINS:
        return parts
    return (Part("genus", genus, genus), *parts)


def _check_size(table: Table, limits: Limits) -> None:
    if len(table.samples) > limits.samples:
        raise ReportTooLarge(f"The table holds more than {limits.samples:,} samples.")
    if len(table.features) > limits.rows:
        raise ReportTooLarge(f"The table has more than {limits.rows:,} rows.")
    if not table.samples or len(set(table.samples)) < len(table.samples) or "" in table.samples:
        raise DamagedFile("The samples of this table have no names, or two have the same name.")
    if not table.features:
        raise NothingClassified


def _lineages(table: Table, names: Taxonomy | None) -> Sequence[str | None]:
    if names is not None:
        found = [names.lineages.get(feature) for feature in table.features]
        if not any(found):
            raise NamesMissing("The names given are those of other features than the table's.")
        return found
    if not any(table.lineages):
        raise (kind_of_ids(table.features) or NamesMissing)()
    return table.lineages


def _choose(table: Table, sample: str | None) -> str:
    if sample is None and len(table.samples) > 1:
        raise ChooseSample(table.samples, table.format, table.why)
    if sample is not None and sample not in table.samples:
        raise UnknownSample(f"There is no sample of that name in the file. The names in it: {', '.join(table.samples)}")
    return table.samples[0] if sample is None else sample


def _own(lineages: Sequence[str | None], values: Sequence[float]) -> Sequence[float]:
    """
    What of each row goes no deeper. In tables that are named by lineages and have a row for every rank, a row holds
    what is below it as well; in others, every row is its own.
    """
    rows = {(lineage or "").strip(): at for at, lineage in enumerate(lineages)}
    above = [rows.get(_LAST.sub("", lineage)) if _LAST.search(lineage) else None for lineage in rows]
    deeper = sum(_LAST.search(lineage) is not None for lineage in rows)
    if len(rows) < len(values) or not deeper or sum(at is not None for at in above) < _NESTED * deeper:
        return values
    own = list(values)
    for at, parent in enumerate(above):
        if parent is not None:
            own[parent] -= values[at]
    return [max(value, 0.0) for value in own]


def _in_reads(values: Sequence[float], counts: bool | None) -> bool:
    """Whether *values* are counts; otherwise they are shares."""
    total = sum(values)
    if total <= 0:
        raise NothingClassified("This sample of the table is empty, so there is nothing to show.")
    whole = all(value == int(value) for value in values)
    shares = any(abs(total / one - 1) <= _SUM_MAY_MISS for one in (1.0, 100.0))
    if counts is True and not whole:
        raise DamagedFile("The file says that it holds counts, and its numbers are not whole.")
    if whole and (counts is not False or not shares):
        return True
    if not shares:
        raise DamagedFile("These numbers are neither counts (whole numbers) nor shares that add up to 1 or to 100.")
    return False
