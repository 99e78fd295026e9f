"""What the evidence base's endpoints take and give."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from telegut.evidence.content import Difference
from telegut.evidence.library import Shown
from telegut.evidence.rules import POINTS_AT_MOST, WORDS_LENGTH, About, Certainty, Evidence, Kind
from telegut.evidence.service import Proposal
from telegut.web.api import Answer, Body, Instant

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=WORDS_LENGTH)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=40)]
Names = Annotated[list[Name], Field(max_length=20)]


class RowAnswer(Answer):
    """One version of a row."""

    id: str
    version: int
    about: About
    checked: date
    reviewer: str
    intervention: str
    design: str
    population: str
    comparator: str
    outcome: str
    effect: str
    certainty: Certainty
    may_say: str
    points: list[str]
    must_not_say: str
    source: str
    kinds: list[Kind]
    gates: list[str]
    restricts: bool
    beside: list[str]
    taxa: list[str]

    @classmethod
    def of(cls, row: Evidence) -> RowAnswer:
        """The answer for *row*."""
        return cls(**{name: _listed(getattr(row, name)) for name in cls.model_fields})


class FindingBeside(Answer):
    """A null or opposite finding that is always shown with a row."""

    id: str
    version: int
    certainty: Certainty
    may_say: str
    source: str


class EvidenceAnswer(RowAnswer):
    """A row of the library as it holds now; *shown_beside*: what must be read with it."""

    shown_beside: list[FindingBeside]

    @classmethod
    def shown(cls, one: Shown) -> EvidenceAnswer:
        """The answer for *one*, with what stands beside it."""
        beside = [
            FindingBeside(
                id=row.id, version=row.version, certainty=row.certainty, may_say=row.may_say, source=row.source
            )
            for row in one.beside
        ]
        return cls(**RowAnswer.of(one.row).model_dump(), shown_beside=beside)


class ProposalBody(Body):
    """
    Another version of the row *row*, or a new row.

    based_on: the number of the version that it changes; null: there is no such row yet. why: for who reviews it.
    """

    row: Name
    based_on: int | None = None
    why: Words
    about: About = About.CARE
    checked: date
    intervention: Words
    design: Words
    population: Words
    comparator: Words
    outcome: Words
    effect: Words
    certainty: Certainty
    may_say: Words
    points: Annotated[list[Words], Field(max_length=POINTS_AT_MOST)] = []
    must_not_say: Words
    source: Words
    kinds: list[Kind] = []
    gates: Names = []
    restricts: bool = False
    beside: Names = []
    taxa: Names = []

    def said(self) -> dict[str, Any]:
        """The fields of the row."""
        given = {
            name: getattr(self, name) for name in type(self).model_fields if name not in ("row", "based_on", "why")
        }
        return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


class SignatureBody(Body):
    """Who signs says as what: "dietitian", "gastroenterologist"."""

    profession: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=80)]


class ReasonBody(Body):
    """Why a draft is not signed."""

    reason: Words


class DifferenceAnswer(Answer):
    """One field that a proposal says differently."""

    field: str
    before: str
    after: str

    @classmethod
    def of(cls, one: Difference) -> DifferenceAnswer:
        """Translate."""
        return cls(field=one.field, before=one.before, after=one.after)


class ProposalAnswer(Answer):
    """A proposed version and what became of it: ``draft``, ``signed``, ``sent_back`` or ``withdrawn``."""

    id: UUID
    row: RowAnswer
    based_on: int | None
    differences: list[DifferenceAnswer]
    state: str
    why: str
    author: UUID
    author_name: str
    proposed_at: Instant
    reviewer_name: str
    profession: str
    reviewed_at: Instant | None
    reason: str

    @classmethod
    def of(cls, one: Proposal) -> ProposalAnswer:
        """Translate."""
        plain = ("id", "state", "why", "author", "author_name", "proposed_at", "reviewer_name", "profession")
        return cls(
            **{name: getattr(one, name) for name in (*plain, "reviewed_at", "reason")},
            row=RowAnswer.of(one.row),
            based_on=one.before.version if one.before else None,
            differences=[DifferenceAnswer.of(each) for each in one.differences],
        )


def _listed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
