"""What clients send and get about series."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from telegut.scheduling.bodies.appointments import AppointmentAnswer
from telegut.scheduling.bodies.fields import DayText, Together, Words
from telegut.scheduling.refusals import SAYS
from telegut.scheduling.series.recurrence import Every
from telegut.scheduling.series.service import Booked, Chosen, Looked, Plan, Preview
from telegut.web.api import Answer, Body, Instant

MOST: int = 104
"""Visits of one series that can be asked for at all; the clinic's own number is lower."""


class PreviewBody(Body):
    """A series to look at: *count* visits, the first at *start*, none after the day *until*."""

    service: UUID
    practitioners: Together = Field(min_length=1)
    start: Instant
    every: Every
    count: int = Field(ge=2, le=MOST)
    until: DayText | None = None
    patient: UUID | None = None

    def plan(self) -> Plan:
        """As the service wants it."""
        people = tuple(self.practitioners)
        return Plan(self.service, people, self.start, self.every, self.count, self.until, self.patient)


class OccurrenceAnswer(Answer):
    """
    One visit of a plan. *wall*: what the clock in the plan's zone shows. *near*: free times that day, else that week.

    moved_by_clock_change: the clock skips the usual time that day; this is the time after it.
    """

    index: int
    start: Instant
    end: Instant
    wall: datetime
    moved_by_clock_change: bool
    offered: bool
    reasons: list[str]
    texts: list[str]
    near: list[Instant]

    @classmethod
    def of(cls, one: Looked) -> OccurrenceAnswer:
        """As an answer."""
        return cls(
            index=one.occurrence.index,
            start=one.occurrence.start,
            end=one.end,
            wall=one.occurrence.wall,
            moved_by_clock_change=one.occurrence.moved,
            offered=not one.against,
            reasons=[reason.value for reason in one.against],
            texts=[SAYS[reason] for reason in one.against],
            near=list(one.near),
        )


class PreviewAnswer(Answer):
    """A whole plan. *allowed*: visits that the patient may still book themselves; null: as many as the clinic likes."""

    zone: str
    occurrences: list[OccurrenceAnswer]
    allowed: int | None

    @classmethod
    def of(cls, preview: Preview) -> PreviewAnswer:
        """As an answer."""
        found = [OccurrenceAnswer.of(one) for one in preview.visits]
        return cls(zone=preview.zone, occurrences=found, allowed=preview.allowed)


class SeriesBody(Body):
    """The starts that were chosen. *clock_change_confirmed*: times that a clock change moved are fine."""

    service: UUID
    practitioners: Together = Field(min_length=1)
    starts: Annotated[list[Instant], Field(min_length=2, max_length=MOST)]
    patient: UUID | None = None
    reason: Words | None = None
    clock_change_confirmed: bool = False

    def chosen(self) -> Chosen:
        """As the service wants it."""
        return Chosen(
            self.service,
            tuple(self.practitioners),
            tuple(self.starts),
            self.patient,
            self.reason or "",
            self.clock_change_confirmed,
        )


class CancelSeriesBody(Body):
    """Cancel what has not begun, or only what begins at *from* or later."""

    since: Instant | None = Field(None, alias="from")
    reason: Words | None = None


class SeriesAnswer(Answer):
    """A series with its visits, by their start. *first_wall*: the wall time that it was agreed for, in *zone*."""

    id: UUID
    patient: UUID
    service: UUID
    zone: str
    first_wall: datetime
    appointments: list[AppointmentAnswer]

    @classmethod
    def of(cls, found: Booked) -> SeriesAnswer:
        """As an answer."""
        return cls(
            id=found.id,
            patient=found.patient,
            service=found.service,
            zone=found.zone,
            first_wall=found.first_wall,
            appointments=[AppointmentAnswer.of(one) for one in found.visits],
        )
