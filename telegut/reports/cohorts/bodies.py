"""The types of the API of comparison groups: they validate, they print, and OpenAPI shows them."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from telegut.reports.cohorts.comparison import Comparison
from telegut.reports.cohorts.group import About, Group
from telegut.reports.cohorts.headings import MOST_GENERA
from telegut.reports.cohorts.shelf import Stored
from telegut.reports.confirming import Unanswered
from telegut.reports.taxonomy.known import LONGEST_NAME
from telegut.web.api import Answer, Body, Instant

Needed = Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]
Said = Annotated[str, Field(max_length=500)]


class FactsBody(Body):
    """
    What a table does not tell about its people and how they were measured.

    unit: what the table holds. denominator: what percentages are of, as in a report's ``totals``;
    ``profile_with_unrecognised``: the columns hold the share that was not recognised (UNKNOWN). dots_allowed: the
    people agreed that their single values may be drawn, without names, while the group is smaller than 20. confirmed:
    columns whose names are not known and that are groups of organisms; unknown: what becomes of the others (`ask`
    refuses the table and lists them).
    """

    name: Annotated[str, Field(min_length=1, max_length=120, pattern=r"\S")]
    unit: Literal["percent", "reads"]
    inclusion: Needed
    region: Needed
    pipeline: Needed
    database: Needed
    denominator: Literal["all_reads", "classified_reads", "bacteria_reads", "profile", "profile_with_unrecognised"]
    licence: Needed
    source: Needed
    country: Said | None = None
    antibiotics: Said | None = None
    kit: Said | None = None
    extraction: Said | None = None
    dots_allowed: bool = False
    confirmed: Annotated[list[Annotated[str, Field(max_length=LONGEST_NAME)]], Field(max_length=MOST_GENERA)] = []
    unknown: Unanswered = "ask"


class WithdrawBody(Body):
    """Why a group is used no longer."""

    why: Needed


class AboutAnswer(Answer):
    """Who is in a group and how they were measured; null is not stated."""

    name: str
    n: int
    inclusion: str
    region: str
    pipeline: str
    database: str
    denominator: str
    licence: str
    source: str
    age_from: int | None
    age_to: int | None
    women: int | None
    men: int | None
    country: str | None
    antibiotics: str | None
    kit: str | None
    extraction: str | None
    depth: int | None

    @classmethod
    def of(cls, about: About) -> AboutAnswer:
        """*about* for the wire."""
        return cls(**about.as_answer())


class FindingAnswer(Answer):
    """Something to know before a group is approved."""

    code: str
    text: str


class CohortAnswer(Answer):
    """A comparison group. built_in: telegut brings it along; such a group has no people who loaded or approved it."""

    id: str
    version: int
    state: Literal["draft", "approved", "withdrawn"]
    built_in: bool
    about: AboutAnswer
    dots_allowed: bool = False
    findings: list[FindingAnswer] = Field(default_factory=list)
    figures_sha256: str | None = None
    file_sha256: str | None = None
    loaded_at: Instant | None = None
    loaded_by: UUID | None = None
    approved_at: Instant | None = None
    approved_by: UUID | None = None
    withdrawn_at: Instant | None = None
    withdrawn_why: str | None = None

    @classmethod
    def of(cls, one: Stored) -> CohortAnswer:
        """A clinic's group for the wire."""
        return cls(
            id=str(one.id),
            version=one.version,
            state=one.state,
            built_in=False,
            about=AboutAnswer.of(one.about),
            dots_allowed=one.dots_allowed,
            findings=[FindingAnswer(code=found.code, text=found.text) for found in one.findings],
            figures_sha256=one.figures_hash.hex(),
            file_sha256=one.file_hash.hex(),
            loaded_at=one.loaded_at,
            loaded_by=one.loaded_by,
            approved_at=one.approved_at,
            approved_by=one.approved_by,
            withdrawn_at=one.withdrawn_at,
            withdrawn_why=one.withdrawn_why,
        )

    @classmethod
    def brought(cls, group: Group) -> CohortAnswer:
        """A group that telegut brings, for the wire."""
        return cls(
            id=group.id, version=group.version, state="approved", built_in=True, about=AboutAnswer.of(group.about)
        )


class PlaceAnswer(Answer):
    """
    One genus (or Shannon's index) of the sample beside the group.

    how: how much the size of the group and its figures allow. low, high: higher than so many of 100 people, 95 %.
    band: percentiles ``p2_5`` … ``p97_5``, as many as may be shown, and their 90 % ``intervals``.
    """

    name: str
    percent: float | None
    detected: bool
    prevalence: float | None
    n: int
    how: Literal["nothing", "dots", "quartiles", "tenths", "fortieths", "found", "unknown"]
    words: str
    low: int | None
    high: int | None
    band: dict[str, Any] | None
    points: list[float]


class ConsideredAnswer(Answer):
    """A group that was looked at and does not match, for the team."""

    group: str
    id: str
    why: list[str]


class ComparisonAnswer(Answer):
    """
    The comparison group, or why there is none.

    reasons: why it is provisional. against: why this sample is compared with nobody. about: of the group.
    """

    group: str | None
    matched: bool
    why: str
    provisional: bool
    reasons: list[str]
    against: list[str]
    group_id: str | None
    group_version: int | None
    about: AboutAnswer | None
    places: list[PlaceAnswer]
    diversity: PlaceAnswer | None
    considered: list[ConsideredAnswer]

    @classmethod
    def of(cls, comparison: Comparison) -> ComparisonAnswer:
        """*comparison* for the wire."""
        return cls(**comparison.as_answer())
