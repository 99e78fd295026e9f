"""
What happens to reports: one event for each state that one reaches, told to the patient, guardians and care team.

``report.received`` · ``report.ready`` · ``report.refused`` · ``report.choose_sample``, each with the report's id and
version and nothing of what it says.
"""

from __future__ import annotations

from uuid import UUID

from telegut.realtime.events import Event
from telegut.reports.states import State


def reached(state: State, report: UUID, version: int, *, patient: UUID) -> Event:
    """*report* is now in *state*."""
    return Event(f"report.{state}", patient=patient, facts={"report": str(report), "version": version})
