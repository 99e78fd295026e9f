"""Holding, booking and moving, as they are asked for."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from telegut.scheduling.bodies.fields import Translated, Words
from telegut.scheduling.holding import Hold
from telegut.scheduling.overrides.rules import Decision
from telegut.scheduling.refusals import Reason
from telegut.web.api import Answer, Body, Instant


class HoldBody(Body):
    """
    A time to keep for some minutes. *patient*: for those who book for others. *interpreter*: a language, or an id.
    """

    service: UUID
    practitioners: list[UUID] = Field(min_length=1, max_length=5)
    start: Instant
    patient: UUID | None = None
    interpreter: Translated | None = None


class HoldAnswer(Answer):
    """A time that is kept until *expires_at*."""

    id: UUID
    service: UUID
    practitioners: list[UUID]
    patient: UUID | None
    start: Instant
    end: Instant
    expires_at: Instant

    @classmethod
    def of(cls, hold: Hold) -> HoldAnswer:
        """As an answer."""
        return cls(
            id=hold.id,
            service=hold.service,
            practitioners=list(hold.practitioners),
            patient=hold.patient,
            start=hold.start,
            end=hold.end,
            expires_at=hold.expires_at,
        )


class OverrideBody(Body):
    """
    What staff decides against: exactly the *reasons* that ``slots/explain`` gives now, and why.

    Time that is taken or held, and a patient who is somewhere else, cannot be decided away.
    """

    reasons: list[Reason] = Field(min_length=1, max_length=20)
    why: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]

    def decision(self) -> Decision:
        """The decision that is meant."""
        return Decision(frozenset(self.reasons), self.why)


class BookBody(Body):
    """
    A visit to book: a *hold* of one's own, or a service with practitioners and a start.

    *interpreter*: a language to translate (whoever is free and translated least lately), or an interpreter's id.
    *override*: for staff.
    """

    hold: UUID | None = None
    service: UUID | None = None
    practitioners: list[UUID] | None = Field(None, min_length=1, max_length=5)
    start: Instant | None = None
    patient: UUID | None = None
    reason: Words | None = None
    override: OverrideBody | None = None
    interpreter: Translated | None = None

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        named = (self.service, self.practitioners, self.start, self.override, self.interpreter)
        if self.override is not None and self.interpreter is not None:
            raise ValueError("takes an interpreter within everybody's rules only: leave the override out")
        if self.hold is not None and any(one is not None for one in named):
            raise ValueError("takes either a hold, or a service with practitioners and a start")
        if self.hold is None and any(one is None for one in named[:3]):
            raise ValueError("needs a hold, or a service with practitioners and a start")
        return self


class RescheduleBody(Body):
    """A new time, for the appointment at this version. *override*: for staff."""

    start: Instant
    version: int
    override: OverrideBody | None = None
