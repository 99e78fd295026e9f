"""What happened to appointments, for everybody who takes part. Ids, versions and instants only."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from telegut.realtime.events import Event
from telegut.web.api import instant_text

BOOKED = "appointment.booked"
MOVED = "appointment.moved"
CANCELLED = "appointment.cancelled"
COMPLETED = "appointment.completed"


def happened(kind: str, appointment: UUID, visit: UUID, patient: UUID, version: int, start: datetime) -> Event:
    """The event *kind* of one appointment at one version."""
    facts = {
        "appointment": str(appointment),
        "visit": str(visit),
        "version": version,
        "start": instant_text(start),
    }
    return Event(kind, patient, facts)


def session_changed(session: UUID, visit: UUID, version: int, start: datetime) -> Event:
    """A group session was opened, moved or cancelled; it is nobody's record."""
    facts = {"session": str(session), "visit": str(visit), "version": version, "start": instant_text(start)}
    return Event("group_session.changed", None, facts)


def availability_changed(practitioner: UUID, version: int) -> Event:
    """Somebody's hours are others now."""
    return Event("availability.changed", None, {"practitioner": str(practitioner), "version": version})
