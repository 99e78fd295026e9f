"""The types of the reports API: they validate, they print, and OpenAPI shows them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from telegut.reports import statements
from telegut.reports.cohorts.bodies import ComparisonAnswer
from telegut.reports.cohorts.comparison import Comparison
from telegut.reports.described import brought_by_patient, missing
from telegut.reports.shelf import Stored, Summary
from telegut.reports.states import State
from telegut.reports.taxonomy.searching import other_names
from telegut.reports.told import Told
from telegut.reports.versions.bodies import VersionAnswer
from telegut.reports.versions.store import Version
from telegut.web.api import Answer, Body, Instant

Said = Annotated[str, Field(max_length=500)]
"""A short answer in a person's own words."""


class MetadataBody(Body):
    """What is known about the person, the sample and the method; everything may be left out, and is then missing."""

    age: int | None = Field(default=None, ge=0, le=130, description="years at collection")
    sex: Said | None = None
    bmi: float | None = Field(default=None, ge=5, le=150, description="kg/m²")
    diet: Said | None = None
    smoking: Said | None = None
    alcohol: Said | None = None
    physical_activity: Said | None = None
    bowel_habit: Said | None = Field(default=None, description="stool form 1 to 7, or transit, in words")
    stool_form: int | None = Field(default=None, ge=1, le=7, description="on the day of the sample; 1 hard, 7 watery")
    diseases: Said | None = None
    medicines: Said | None = Field(default=None, description="current and recent, antibiotics with their date")
    antibiotics: Said | None = Field(default=None, description="in the last year: none, or which")
    antibiotics_until: date | None = Field(default=None, description="the last day of the last antibiotic")
    probiotics: Said | None = None
    collected_at: Instant | date | None = None
    received_at: Instant | date | None = None
    country: Said | None = Field(default=None, description="where the sample was taken")
    kit: Said | None = Field(default=None, description="kit and preservative")
    storage: Said | None = None
    laboratory: Said | None = None
    accreditation: Said | None = Field(default=None, description="such as ISO 15189, or none")
    extraction: Said | None = None
    amplification: Said | None = Field(default=None, description="primers and region, or none for shotgun")
    region: Said | None = Field(default=None, description="such as V4 or V3-V4, or shotgun")
    platform: Said | None = None
    pipeline: Said | None = None
    database: Said | None = None
    ordered_by: Said | None = None
    ordered_by_profession: Said | None = None
    reason: Said | None = None
    protocol: UUID | None = Field(default=None, description="the clinic's protocol; what it states is inherited")
    test_order: UUID | None = Field(default=None, description="the order that this report answers")


class SampleBody(Body):
    """The sample that a person chose."""

    sample: str = Field(min_length=1, max_length=2_000)


class ReceivedAnswer(Answer):
    """A report that is on its way."""

    id: UUID
    state: State
    version: int


class SummaryAnswer(Answer):
    """One line of the list. problem: the code of a refusal; ``pathways_not_taxa`` is kept as research data."""

    id: UUID
    state: State
    problem: str | None
    version: int
    sample: str | None
    uploaded_at: Instant
    uploaded_by: UUID | None
    collected_at: str | None
    incomplete: bool
    brought_by_patient: bool

    @classmethod
    def of(cls, summary: Summary) -> SummaryAnswer:
        """*summary* for the wire."""
        return cls(
            id=summary.id,
            state=summary.state,
            problem=summary.problem,
            version=summary.version,
            sample=summary.sample,
            uploaded_at=summary.uploaded_at,
            uploaded_by=summary.uploaded_by,
            collected_at=summary.metadata.get("collected_at"),
            incomplete=bool(missing(summary.metadata)),
            brought_by_patient=brought_by_patient(summary.metadata, from_family=summary.from_family),
        )


class Problem(Answer):
    """Why there is no reading, or not yet."""

    code: str
    detail: str


class Recognised(Answer):
    """What the file was taken for, and the signs of it."""

    format: str
    why: str


class Method(Answer):
    """How the sample was measured, as far as the file says."""

    database: str | None
    pipeline: str | None
    region: str | None


class Totals(Answer):
    """What the percentages are of. Null is what the file cannot tell."""

    denominator: Literal["all_reads", "classified_reads", "bacteria_reads", "profile"]
    total_reads: int | None
    unclassified_percent: float | None
    classified_percent: float | None
    human_percent: float | None
    human_reads: int | None


class Taxon(Answer):
    """One row; *percent* is unrounded."""

    name: str
    rank: str
    taxid: int | None
    lineage: str
    percent: float
    reads: int | None


class OtherNameAnswer(Answer):
    """A group of `taxa` under another name; not *certain*: only some databases use it for this group."""

    name: str
    rank: str
    other: str
    certain: bool


class Diversity(Answer):
    """Of the named genera."""

    rank: Literal["genus"]
    log_base: Literal["e"]
    shannon: float | None
    observed_genera: int
    depth: int | None
    caption: str = statements.DIVERSITY


class WarningAnswer(Answer):
    """Something to know before the numbers."""

    code: str
    text: str


class FileAnswer(Answer):
    """A file that is kept untouched."""

    name: str
    size_bytes: int
    sha256: str


class Provenance(Answer):
    """Where the numbers come from."""

    sha256: str
    files: list[FileAnswer]
    parser_version: str | None
    uploaded_at: Instant
    uploaded_by: UUID | None
    read_at: Instant | None
    notes: dict[str, str]


class ConfirmedNames(Answer):
    """Names that are not known here, and who said that they are groups of organisms."""

    names: list[str]
    by: UUID | None
    at: Instant


class ToldAnswer(Answer):
    """
    What a person said that the file does not: ``columns`` of a table, or ``typed`` numbers of a document.

    confirmed: which unusual names in it somebody said are groups of organisms.
    """

    kind: Literal["columns", "typed"]
    number: int
    by: UUID | None
    at: Instant
    name: str
    looked_by: UUID | None
    looked_at: Instant | None
    confirmed: list[ConfirmedNames]

    @classmethod
    def of(cls, one: Told) -> ToldAnswer:
        """*one* for the wire."""
        confirmed = [ConfirmedNames(names=list(it.names), by=it.by, at=it.at) for it in one.confirmed]
        plain = {name: getattr(one, name) for name in cls.model_fields if name != "confirmed"}
        return cls(**plain, confirmed=confirmed)


class ReportAnswer(Answer):
    """One report with everything that is known of it."""

    id: UUID
    patient: UUID
    version: int
    state: State
    problem: Problem | None
    recognised: Recognised | None
    samples: list[str]
    sample: str | None
    method: Method | None
    totals: Totals | None
    taxa: list[Taxon]
    other_names: list[OtherNameAnswer]
    diversity: Diversity | None
    comparison: ComparisonAnswer | None
    warnings: list[WarningAnswer]
    evidence: str
    metadata: dict[str, Any]
    incomplete: bool
    missing: list[str]
    brought_by_patient: bool
    interpretation: VersionAnswer | None
    told: ToldAnswer | None
    research: dict[str, Any] | None
    can_be_explained: bool
    provenance: Provenance

    @classmethod
    def of(
        cls, stored: Stored, compared: Comparison | None = None, *, of_version: Version | None = None
    ) -> ReportAnswer:
        """*stored* for the wire; *of_version*: the interpretation that it holds, the newest when not said."""
        said = stored.answer or {}
        read_as = of_version or next(iter(stored.versions), None)
        recognised = said or (stored.findings or {}).get("recognised")
        return cls(
            id=stored.id,
            patient=stored.patient,
            version=stored.version,
            state=stored.state,
            problem=Problem(**stored.problem) if stored.problem else None,
            recognised=Recognised(format=recognised["format"], why=recognised["why"]) if recognised else None,
            samples=stored.samples,
            sample=said.get("sample"),
            method=Method(**said["method"]) if said else None,
            totals=_totals(said) if said else None,
            taxa=[Taxon(**row) for row in said.get("taxa", ())],
            other_names=[OtherNameAnswer(**asdict(one)) for one in other_names(said.get("taxa", ()))],
            diversity=Diversity(**said["diversity"]) if said else None,
            comparison=None if compared is None else ComparisonAnswer.of(compared),
            warnings=[WarningAnswer(**one) for one in said.get("warnings", ())],
            evidence=statements.EVIDENCE,
            metadata=stored.metadata,
            incomplete=bool(missing(stored.metadata)),
            missing=missing(stored.metadata),
            brought_by_patient=brought_by_patient(stored.metadata, from_family=stored.from_family),
            interpretation=VersionAnswer.of(read_as) if read_as else None,
            told=ToldAnswer.of(stored.told) if stored.told else None,
            research=(stored.findings or {}).get("research"),
            can_be_explained=bool((stored.findings or {}).get("table")),
            provenance=_provenance(stored),
        )


def as_read_by(
    stored: Stored, compared: Comparison | None = None, *, for_patient: bool, of_version: Version | None = None
) -> ReportAnswer:
    """*stored* for the wire, for its kind of reader: the family sees no names of other people's samples."""
    if not for_patient:
        return ReportAnswer.of(stored, compared, of_version=of_version)
    answer = ReportAnswer.of(stored.as_family_reads_it(), compared, of_version=of_version)
    if stored.for_the_team_alone:
        return answer.model_copy(update={"samples": [answer.sample] if answer.sample else []})
    return answer


def _totals(said: dict[str, Any]) -> Totals:
    return Totals(**{name: said[name] for name in Totals.model_fields})


def _provenance(stored: Stored) -> Provenance:
    files = [FileAnswer(name=one.name, size_bytes=one.size_bytes, sha256=one.sha256.hex()) for one in stored.files]
    return Provenance(
        sha256=files[0].sha256,
        files=files,
        parser_version=stored.parser_version,
        uploaded_at=stored.uploaded_at,
        uploaded_by=stored.uploaded_by,
        read_at=stored.read_at,
        notes=(stored.answer or {}).get("notes", {}),
    )
