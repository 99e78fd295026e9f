"""An agreed visit as an answer, and which ones are asked for."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from telegut.scheduling.appointments import Appointment
from telegut.scheduling.overrides.rules import Signed
from telegut.web.api import Answer, Instant, Query


class OverrideAnswer(Answer):
    """A decision against the rules, signed. *why*: for the care team and whoever wrote it."""

    by: UUID
    at: Instant
    reasons: list[str]
    why: str | None = None

    @classmethod
    def of(cls, signed: Signed) -> OverrideAnswer:
        """As an answer."""
        return cls(by=signed.by, at=signed.at, reasons=list(signed.reasons), why=signed.why)


class AppointmentAnswer(Answer):
    """One agreed visit. *reason*: only for those who may read clinical text."""

    id: UUID
    version: int
    status: str
    service: UUID
    service_name: str
    patient: UUID
    practitioners: list[UUID]
    start: Instant
    end: Instant
    zone: str
    sequence: int
    outcome: str | None
    visit: UUID
    cancelled_late: bool = False
    cancelled_by: UUID | None = None
    cancelled_at: Instant | None = None
    cancel_code: str | None = None
    override: OverrideAnswer | None = None
    confirmed_at: Instant | None = None
    interpreter: UUID | None = None
    series: UUID | None = None
    group_session: UUID | None = None
    reason: str | None = None
    cancel_reason: str | None = None

    @classmethod
    def of(cls, one: Appointment, *, reason: str = "", cancel_reason: str = "") -> AppointmentAnswer:
        """As an answer."""
        return cls(
            id=one.id,
            version=one.version,
            status=one.status.value,
            service=one.service,
            service_name=one.service_name,
            patient=one.patient,
            practitioners=list(one.practitioners),
            start=one.start,
            end=one.end,
            zone=one.zone,
            sequence=one.sequence,
            outcome=one.outcome.value if one.outcome else None,
            visit=one.visit,
            cancelled_late=one.cancelled_late,
            cancelled_by=one.cancelled_by,
            cancelled_at=one.cancelled_at,
            cancel_code=one.cancel_code,
            override=OverrideAnswer.of(one.override) if one.override else None,
            confirmed_at=one.confirmed_at,
            interpreter=one.interpreter,
            series=one.series,
            group_session=one.group_session,
            reason=reason or None,
            cancel_reason=cancel_reason or None,
        )


class AppointmentsQuery(Query):
    """Which appointments: those that touch the time between two instants, of a patient, with a practitioner."""

    since: Instant | None = Field(None, alias="from")
    until: Instant | None = Field(None, alias="to")
    patient: UUID | None = None
    practitioner: UUID | None = None
    cursor: str | None = None
