"""The types of the orders API."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from telegut.reports.orders.rules import Profession, State, open_details, shown_code
from telegut.reports.orders.store import Order
from telegut.web.api import Answer, Body, Instant

Words = Annotated[str, Field(max_length=500)]
"""A short answer in a person's own words."""


class OrderBody(Body):
    """A test that somebody of the care team wants."""

    protocol: UUID
    reason: str = Field(min_length=1, max_length=500, description="the question that the result should answer")
    profession: Profession


class Details(Body):
    """What is asked before the sample; ``none`` is an answer. *unchanged*: treatment and diet go on as they are."""

    age: int | None = Field(default=None, ge=0, le=130, description="years")
    sex: Words | None = None
    bmi: float | None = Field(default=None, ge=5, le=150, description="kg/m²")
    diet: Words | None = None
    smoking: Words | None = None
    alcohol: Words | None = None
    physical_activity: Words | None = None
    bowel_habit: Words | None = None
    stool_form: int | None = Field(default=None, ge=1, le=7)
    diseases: Words | None = None
    medicines: Words | None = None
    antibiotics: Words | None = None
    antibiotics_until: date | None = None
    probiotics: Words | None = None
    unchanged: bool = False


class DetailsBody(Details):
    """The whole form, for the order at *version*."""

    version: int

    def said(self) -> dict[str, Any]:
        """What is kept: answers only."""
        told = self.model_dump(mode="json", exclude_none=True, exclude={"version"})
        return {name: value for name, value in told.items() if value not in ("", False)}


class TakenBody(Body):
    """When the sample was taken."""

    version: int
    collected_at: Instant | date
    stool_form: int | None = Field(default=None, ge=1, le=7, description="on that day; 1 hard, 7 watery")


class VersionBody(Body):
    """The version that was looked at."""

    version: int


class OrderAnswer(Answer):
    """An order. *open*: what the form before the sample still asks. *code*: for the kit; it names nobody."""

    id: UUID
    patient: UUID
    state: State
    version: int
    code: str
    protocol: UUID
    protocol_version: int
    reason: str
    profession: str
    ordered_at: Instant
    ordered_by: UUID
    details: dict[str, Any]
    open: list[str]
    report: UUID | None

    @classmethod
    def of(cls, one: Order) -> OrderAnswer:
        """Translate."""
        return cls(
            id=one.id,
            patient=one.patient,
            state=one.state,
            version=one.version,
            code=shown_code(one.code),
            protocol=one.protocol,
            protocol_version=one.protocol_version,
            reason=one.reason,
            profession=one.profession,
            ordered_at=one.ordered_at,
            ordered_by=one.ordered_by,
            details=one.details,
            open=open_details(one.details),
            report=one.report,
        )
