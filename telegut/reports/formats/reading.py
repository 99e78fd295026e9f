"""One door for every file: unpack, recognise by content, parse; end in one sample's profile or a named refusal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from telegut.reports.formats import biom, documents, kraken, metaphlan, strangers
from telegut.reports.formats.limits import Limits
from telegut.reports.formats.mapping import ColumnMapping
from telegut.reports.formats.plain_table import PlainTable
from telegut.reports.formats.profile import Profile
from telegut.reports.formats.refusals import (
    EmptyFile,
    FilesDoNotBelong,
    MappingDoesNotFit,
    NotAProfile,
    PathwaysNotTaxa,
    PictureNotRead,
    PseudocountsNotCounts,
    ReportTooLarge,
    TableMissing,
    UnknownTable,
    UnreadableReport,
    seen_as,
)
from telegut.reports.formats.table import Table, Taxonomy, profile_of
from telegut.reports.formats.unpack import lines_of, text_of, unpack

PARSER_VERSION = "7"
"""Raised whenever the same bytes would be read differently; kept with every report."""

_MANY_CELLS = 20
_TINY_PERCENT = 0.01


@dataclass(frozen=True, slots=True)
class Whole:
    """A file that is a profile by itself: what reads the chosen sample of it."""

    read: Callable[[str | None], Profile]
    form: str
    why: str | None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that is kept beside a profile and gives no numbers to it. refusal: what is said when it comes alone."""

    what: str
    refusal: UnreadableReport


@dataclass(frozen=True, slots=True)
class Described:
    """
    What a person said of a table's columns. name: the laboratory and the version, for the provenance. confirmed: names
    that are not known, and are groups of organisms all the same.
    """

    name: str
    mapping: ColumnMapping
    confirmed: frozenset[str] = frozenset()


Part: TypeAlias = Whole | Table | Taxonomy | PlainTable | Attachment


def read(
    files: Sequence[bytes],
    sample: str | None = None,
    limits: Limits | None = None,
    described: Described | None = None,
) -> Profile:
    """
    The profile of *sample* (or of the only one) in *files*: one that says everything, or a table and its taxonomy.

    described: what the columns mean of a table that is none of the known formats.

    Raises:
        UnreadableReport: one of its kinds, always: there is no byte sequence that ends otherwise.
    """
    limits = limits or Limits()
    if not files:
        raise EmptyFile("There is no file.")
    if len(files) > limits.files:
        raise ReportTooLarge(f"More than {limits.files} files were given together.")
    profile = _together([_part(data, limits) for data in files], sample, limits, described)
    with seen_as(profile.format, profile.why):
        check_pseudocounts(profile)
    return profile


def _together(parts: Sequence[Part], sample: str | None, limits: Limits, described: Described | None) -> Profile:
    beside = [part for part in parts if isinstance(part, Attachment)]
    of_one = [part for part in parts if not isinstance(part, Attachment)]
    if not of_one:
        raise beside[0].refusal
    profile = _of_parts(of_one, sample, limits, described)
    notes = {"kept beside it": ", ".join(part.what for part in beside)} if beside else {}
    return replace(profile, notes=profile.notes | notes)


def _of_parts(
    parts: Sequence[Whole | Table | Taxonomy | PlainTable],
    sample: str | None,
    limits: Limits,
    described: Described | None,
) -> Profile:
    tables = [part for part in parts if isinstance(part, Table)]
    names = [part for part in parts if isinstance(part, Taxonomy)]
    [first, *others] = parts
    if isinstance(first, PlainTable) and not others:
        from telegut.reports.formats import mapped

        if described is None:
            raise UnknownTable(table=mapped.excerpt(first))
        return mapped.read(first, described.mapping, described.name, sample, limits, described.confirmed)
    if described is not None:
        raise MappingDoesNotFit("This file is read without a description of its columns.")
    if isinstance(first, Whole) and not others:
        with seen_as(first.form, first.why):
            return first.read(sample)
    if not tables and len(names) == len(parts):
        with seen_as(names[0].format, names[0].why):
            raise TableMissing
    if len(tables) != 1 or len(names) > 1 or len(tables) + len(names) < len(parts):
        raise FilesDoNotBelong
    with seen_as(tables[0].format, tables[0].why):
        return profile_of(tables[0], sample, limits, names[0] if names else None)


def _part(data: bytes, limits: Limits) -> Part:
    data = unpack(data, limits)
    if data.startswith(strangers.HDF5):
        return biom.read_hdf5(data, limits)
    if data.startswith(strangers.ZIP) and (artifact := _of_zip(data, limits)) is not None:
        return artifact
    if strangers.is_picture(data):
        return Attachment("a PDF or a picture", PictureNotRead())
    strangers.check_packed(data)
    text = text_of(data)
    document = documents.parsed(text)
    if document is not None:
        return _of_document(document, limits)
    return _of_lines(lines_of(text, limits), limits)


def _of_zip(data: bytes, limits: Limits) -> Part | None:
    from telegut.reports.formats import qiime2  # brings zipfile, which few files need and every start would pay for

    if (why := qiime2.recognise(data)) is None:
        return None
    with seen_as("qiime2", why):
        return qiime2.read(data, limits)


def _of_document(document: object, limits: Limits) -> Part:
    from telegut.reports.formats import ubiome

    if isinstance(document, dict) and (why := ubiome.recognise_document(document)):
        return Whole(lambda sample: ubiome.read_document(document, sample, limits), "ubiome-json", why)
    if isinstance(document, dict) and (why := biom.recognise_document(document)):
        with seen_as("biom-1", why):
            return biom.read_document(document, limits)
    raise strangers.document_refusal(document)


def _of_lines(lines: list[str], limits: Limits) -> Part:
    """
    Raises:
        UnreadableReport: nobody knows these lines, or they are damaged.
    """
    if (why := metaphlan.recognise(lines)) is not None:
        return Whole(lambda sample: metaphlan.read(lines, sample, limits), "metaphlan", why)
    if (why := kraken.recognise(lines)) is not None:
        return Whole(lambda sample: kraken.read(lines, sample, limits), "kraken", why)
    return _of_other_lines(lines, limits)


def _of_other_lines(lines: list[str], limits: Limits) -> Part:
    # The reader's process starts for every file: what most of them do not need is loaded here.
    from telegut.reports.formats import bracken, cami, feature_table, level_csv, mothur, plain_table, taxonomies, ubiome

    for whole, form in ((cami, "cami"), (bracken, "bracken")):
        if (why := whole.recognise(lines)) is not None:
            return Whole(lambda sample, whole=whole: whole.read(lines, sample, limits), form, why)  # type: ignore[misc]
    if (why := ubiome.recognise_table(lines)) is not None:
        return Whole(lambda sample: ubiome.read_table(lines, sample, limits), "ubiome-csv", why)
    if (why := mothur.recognise(lines)) is not None:
        with seen_as("mothur-shared", why):
            return mothur.read(lines, limits)
    if strangers.is_of_something_else(lines):
        return _of_something_else(lines)
    if feature_table.recognise(lines) is not None:
        return feature_table.read(lines, limits)
    if level_csv.recognise(lines) is not None:
        return level_csv.read(lines, limits)
    if taxonomies.recognise(lines) is not None:
        return taxonomies.read(lines, limits)
    refusal = strangers.refusal(lines)
    table = plain_table.table_of(lines, limits) if type(refusal) is NotAProfile and refusal.may_be_a_table else None
    if table is None:
        raise refusal
    return table


def _of_something_else(lines: list[str]) -> Attachment:
    """
    Pathways, which are kept for research.

    Raises:
        GeneFamiliesNotTaxa, MetabolitesNotTaxa, CoverageNotAbundance: as they say.
    """
    from telegut.reports.formats import humann

    refusal = strangers.refusal(lines)
    if not isinstance(refusal, PathwaysNotTaxa):
        raise refusal
    return Attachment("pathways, as research data", PathwaysNotTaxa(research=humann.summary(lines)))


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
