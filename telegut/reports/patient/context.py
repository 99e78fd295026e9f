"""What the templates of a patient's report need: the sheet at the reader's level, and the levels to choose from."""

from __future__ import annotations

from typing import Any

from telegut.reports.panel import Panel
from telegut.reports.patient.before import BEFORE
from telegut.reports.patient.keys import READING_LEVELS
from telegut.reports.patient.levels import names
from telegut.reports.patient.writing import sheet_of
from telegut.web.api import Call


async def for_the_patient(call: Call[None], panel: Panel | None, *, whole: bool) -> dict[str, Any]:
    """
    ``sheet`` and ``levels`` for a report that its patient's side reads; nothing for other readers or before it is read.

    whole: with goals, feelings and food before the sample, as on its own page.
    """
    if panel is None or panel.for_clinician or panel.report.state != "ready":
        return {}
    level = await call.app[READING_LEVELS].of(call.caller)
    before = await call.app[BEFORE](call.caller, panel.report.patient) if whole else None
    return {"sheet": sheet_of(panel, before, level, call.caller.zone), "levels": names()}
