"""The types of the protocols API."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from telegut.reports.protocols.quality import QualityResult
from telegut.reports.protocols.rules import FEWEST_MONTHS, Content
from telegut.reports.protocols.service import Protocol
from telegut.web.api import Answer, Body, Instant

Words = Annotated[str, Field(max_length=500)]
"""A short answer in a person's own words."""


class ProtocolBody(Body):
    """What a protocol says; *states* by the names of a report's own fields (see `rules.STATED`)."""

    name: str = Field(min_length=1, max_length=200)
    states: dict[str, Words]
    instructions: str = Field(default="", max_length=4_000, description="for the patient, in plain words")
    retest_months: int = Field(default=FEWEST_MONTHS, ge=1, le=60, description="the soonest second sample")
    group: UUID | None = Field(default=None, description="the comparison group to hold samples beside first")

    def content(self) -> Content:
        """As the rules know it."""
        return Content(
            name=self.name,
            states={name: words.strip() for name, words in self.states.items() if words.strip()},
            instructions=self.instructions.strip(),
            retest_months=self.retest_months,
            group=self.group,
        )


class ProtocolChange(ProtocolBody):
    """The next version, made from *version*."""

    version: int
    offered: bool = Field(default=True, description="false: no new sample is taken by it")


class ProtocolAnswer(Answer):
    """One version of a protocol."""

    id: UUID
    version: int
    name: str
    states: dict[str, str]
    instructions: str
    retest_months: int
    group: UUID | None
    offered: bool
    made_at: Instant
    made_by: UUID

    @classmethod
    def of(cls, one: Protocol) -> ProtocolAnswer:
        """Translate."""
        said = one.said
        return cls(
            id=one.id,
            version=one.version,
            name=said.name,
            states=dict(said.states),
            instructions=said.instructions,
            retest_months=said.retest_months,
            group=said.group,
            offered=one.offered,
            made_at=one.made_at,
            made_by=one.made_by,
        )


class QualityAnswer(Answer):
    """
    One measurement of quality material.

    differs: Bray-Curtis distance (0 the same, 1 nothing in common) from the result before on the same material and lot.
    """

    id: UUID
    protocol_version: int
    material: str
    lot: str
    measured_on: date
    genera: int
    shannon: float | None
    reads: int | None
    differs: float | None

    @classmethod
    def of(cls, one: QualityResult) -> QualityAnswer:
        """Translate; of the genera, how many there are."""
        return cls(
            id=one.id,
            protocol_version=one.version,
            material=one.material,
            lot=one.lot,
            measured_on=one.measured_on,
            genera=len(one.genera),
            shannon=one.shannon,
            reads=one.reads,
            differs=one.differs,
        )


class MeasurementBody(Body):
    """What is said of a measurement beside its file."""

    material: str = Field(min_length=1, max_length=200, description="such as NIST RM 8048")
    lot: str = Field(default="", max_length=200)
    measured_on: date
    sample: str | None = Field(default=None, max_length=2_000)
