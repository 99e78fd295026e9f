"""
Why a file is not read as a profile: each reason has its own name and one sentence for a person.

* UnreadableReport
    * EmptyFile            nothing in it
    * NothingClassified    nobody was recognised
    * TooFewReads          too shallow to say anything
    * PathwaysNotTaxa · GeneFamiliesNotTaxa · MetabolitesNotTaxa · CoverageNotAbundance · PseudocountsNotCounts
    * FormatNotRead        a known kind of file that telegut does not read
        * PictureNotRead   a PDF or a photo: kept, and a person may type what it says
    * NotStool             the file itself says that the sample is of another part of the body
    * NamesMissing         a table of features, and nothing that names them
    * TableMissing         the names of features, and no table of them
    * NotAProfile          something else altogether
        * UnknownTable     a table whose columns a person may explain
    * MappingDoesNotFit    the columns were explained, and the table is another
    * DamagedFile          begins well and breaks off or contradicts itself
    * ReportTooLarge       beyond the limits
    * ChooseSample         several samples: a person must choose
    * UnknownSample        the chosen one is not there
    * FilesDoNotBelong     files given together that are not parts of one thing
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from telegut.errors import Invalid


class UnreadableReport(Invalid):
    """This file cannot be read as a microbiome profile."""

    seen_as: tuple[str, str] | None = None
    """What the file was recognised as all the same, and why; ``None`` when as nothing."""


@contextmanager
def seen_as(form: str, why: str | None) -> Iterator[None]:
    """Whatever is refused in here was recognised as *form*, because of *why*; an inner word counts first."""
    try:
        yield
    except UnreadableReport as exc:
        exc.seen_as = exc.seen_as or (form, why or "")
        raise


class EmptyFile(UnreadableReport):
    """The file is empty. Perhaps the upload or the export broke off; please ask for it again."""


class NothingClassified(UnreadableReport):
    """The file is a profile in which nothing was recognised, so there is nothing to show."""


class TooFewReads(UnreadableReport):
    """The sample has fewer than 1,000 reads: far too few to say anything about it."""


class PathwaysNotTaxa(UnreadableReport):
    """This is a table of pathways (as HUMAnN writes), not of organisms. A taxonomic profile is needed."""

    def __init__(self, message: str | None = None, research: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.research = research


class GeneFamiliesNotTaxa(UnreadableReport):
    """This is a table of gene families or enzymes, not of organisms. A taxonomic profile is needed."""


class MetabolitesNotTaxa(UnreadableReport):
    """This is a table of metabolites, not of organisms. A taxonomic profile is needed."""


class CoverageNotAbundance(UnreadableReport):
    """This table says how much of something was covered, not how much of it there is. It is not a profile."""


class PseudocountsNotCounts(UnreadableReport):
    """Every cell was filled with a small made-up amount (a pseudocount), so absent and rare look the same."""


class FormatNotRead(UnreadableReport):
    """This kind of file is not read. Please ask the lab for the table of what was found."""


class PictureNotRead(FormatNotRead):
    """This is a PDF or a picture. It is kept; numbers are not read out of pictures, but a person can type them."""


class NotStool(UnreadableReport):
    """The file itself says that this sample is not stool. Reports here are about stool samples alone."""


class NamesMissing(UnreadableReport):
    """This table counts features that have no names. Please give the file with their taxonomy together with it."""


class TableMissing(UnreadableReport):
    """This file names features, and does not say how many there are. Please give the table together with it."""


class NotAProfile(UnreadableReport):
    """This is not a microbiome profile, as far as we can tell from what is in the file."""

    def __init__(self, message: str | None = None, *, may_be_a_table: bool = False) -> None:
        super().__init__(message)
        self.may_be_a_table = may_be_a_table


class UnknownTable(NotAProfile):
    """This is a table, and none that we know. Somebody of the care team can say what its columns mean."""

    def __init__(self, message: str | None = None, table: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.table = table


class MappingDoesNotFit(UnreadableReport):
    """The description of the columns does not fit this table."""


class DamagedFile(UnreadableReport):
    """The file begins as a profile and then cannot be read any further."""


class ReportTooLarge(UnreadableReport):
    """The file is larger than any lab's profile of one sample."""


class FilesDoNotBelong(UnreadableReport):
    """These files are not parts of one report. Please give one profile at a time."""


class ChooseSample(UnreadableReport):
    """The file holds several samples. Please choose the one that belongs to this patient."""

    def __init__(self, samples: tuple[str, ...], recognised: str, why: str) -> None:
        super().__init__(f"The file holds {len(samples)} samples; please choose one of them: {', '.join(samples)}")
        self.samples = samples
        self.recognised = recognised
        self.why = why


class UnknownSample(UnreadableReport):
    """There is no sample of this name in the file."""
