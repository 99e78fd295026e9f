"""
What happens to reports: one event for each state that one reaches, and one when an interpretation of it is signed,
told to the patient, guardians and care team.

``report.received`` · ``report.ready`` · ``report.refused`` · ``report.choose_sample`` · ``report.signed``, each with
the report's id and version and nothing of what it says.
"""

from __future__ import annotations

from uuid import UUID

from telegut.realtime.events import Event
from telegut.reports.states import State


def reached(state: State, report: UUID, version: int, *, patient: UUID) -> Event:
    """*report* is now in *state*."""
    return Event(f"report.{state}", patient=patient, facts={"report": str(report), "version": version})


def signed(report: UUID, version: int, number: int, *, patient: UUID) -> Event:
    """Somebody signed the interpretation *number* of *report*, which is at *version*."""
    return Event("report.signed", patient=patient, facts={"report": str(report), "version": version, "number": number})
