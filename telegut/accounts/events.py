"""What happens in accounts that others are told about: ids and versions, no text."""

from __future__ import annotations

from uuid import UUID

from telegut.realtime.events import Event


def care_team_changed(patient: UUID, version: int) -> Event:
    """Somebody joined or left the care team of *patient*."""
    return Event("care_team.changed", patient, {"version": version})
