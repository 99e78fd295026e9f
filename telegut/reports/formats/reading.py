"""One door for every file: unpack, recognise by content, parse; end in one sample's profile or a named refusal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from telegut.reports.formats import (
    biom,
    bracken,
    cami,
    documents,
    feature_table,
    kraken,
    level_csv,
    metaphlan,
    mothur,
    qiime2,
    strangers,
    taxonomies,
    ubiome,
)
from telegut.reports.formats.limits import Limits
from telegut.reports.formats.profile import Profile
from telegut.reports.formats.refusals import (
    EmptyFile,
    FilesDoNotBelong,
    PseudocountsNotCounts,
    ReportTooLarge,
    TableMissing,
)
from telegut.reports.formats.table import Table, Taxonomy, profile_of
from telegut.reports.formats.unpack import lines_of, text_of, unpack

PARSER_VERSION = "2"
"""Raised whenever the same bytes would be read differently; kept with every report."""

_MANY_CELLS = 20
_TINY_PERCENT = 0.01


@dataclass(frozen=True, slots=True)
class Whole:
    """A file that is a profile by itself: what reads the chosen sample of it."""

    read: Callable[[str | None], Profile]


Part: TypeAlias = Whole | Table | Taxonomy


def read(files: Sequence[bytes], sample: str | None = None, limits: Limits | None = None) -> Profile:
    """
    The profile of *sample* (or of the only one) in *files*: one that says everything, or a table and its taxonomy.

    Raises:
        UnreadableReport: one of its kinds, always: there is no byte sequence that ends otherwise.
    """
    limits = limits or Limits()
    if not files:
        raise EmptyFile("There is no file.")
    if len(files) > limits.files:
        raise ReportTooLarge(f"More than {limits.files} files were given together.")
    profile = _together([_part(data, limits) for data in files], sample, limits)
    check_pseudocounts(profile)
    return profile


def _together(parts: Sequence[Part], sample: str | None, limits: Limits) -> Profile:
    tables = [part for part in parts if isinstance(part, Table)]
    names = [part for part in parts if isinstance(part, Taxonomy)]
    if len(parts) == 1 and isinstance(parts[0], Whole):
        return parts[0].read(sample)
    if not tables and len(names) == len(parts):
        raise TableMissing
    if len(tables) != 1 or len(names) > 1 or len(tables) + len(names) < len(parts):
        raise FilesDoNotBelong
    return profile_of(tables[0], sample, limits, names[0] if names else None)


def _part(data: bytes, limits: Limits) -> Part:
    data = unpack(data, limits)
    if data.startswith(strangers.HDF5):
        return biom.read_hdf5(data, limits)
    if qiime2.recognise(data) is not None:
        return qiime2.read(data, limits)
    strangers.check_packed(data)
    text = text_of(data)
    document = documents.parsed(text)
    if document is not None:
        return _of_document(document, limits)
    return _of_lines(lines_of(text, limits), limits)


def _of_document(document: object, limits: Limits) -> Part:
    if isinstance(document, dict) and ubiome.recognise_document(document):
        return Whole(lambda sample: ubiome.read_document(document, sample, limits))
    if isinstance(document, dict) and biom.recognise_document(document):
        return biom.read_document(document, limits)
    raise strangers.document_refusal(document)


def _of_lines(lines: list[str], limits: Limits) -> Part:
    for whole in (metaphlan, kraken, cami, bracken):
        if whole.recognise(lines) is not None:
            return Whole(lambda sample, whole=whole: whole.read(lines, sample, limits))  # type: ignore[misc]
    if ubiome.recognise_table(lines) is not None:
        return Whole(lambda sample: ubiome.read_table(lines, sample, limits))
    if mothur.recognise(lines) is not None:
        return mothur.read(lines, limits)
    if strangers.is_of_something_else(lines):
        raise strangers.refusal(lines)
    if feature_table.recognise(lines) is not None:
        return feature_table.read(lines, limits)
    if level_csv.recognise(lines) is not None:
        return level_csv.read(lines, limits)
    if taxonomies.recognise(lines) is not None:
        return taxonomies.read(lines, limits)
    raise strangers.refusal(lines)


def check_pseudocounts(profile: Profile) -> None:
    """
    Refuse percentages in which most of the smallest clades carry one and the same tiny amount.

    Such a floor is added before logarithms are taken; a profile that was measured has many different small values.
    Reads are not judged: one read is often the smallest value of many clades.

    Raises:
        PseudocountsNotCounts: more than half of at least 20 leaves share the smallest value, under 0.01 %.
    """
    if profile.in_reads:
        return
    parents = {clade.parent for clade in profile.clades}
    leaves = [clade.amount for place, clade in enumerate(profile.clades) if place not in parents]
    if len(leaves) < _MANY_CELLS:
        return
    smallest = min(leaves)
    if smallest < _TINY_PERCENT and Counter(leaves)[smallest] * 2 > len(leaves):
        raise PseudocountsNotCounts
