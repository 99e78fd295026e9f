"""The scores page and the daily check-in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aiohttp import web

from telegut.outcomes.charts import chart
from telegut.outcomes.handlers.keys import OUTCOMES
from telegut.outcomes.instruments import INSTRUMENTS
from telegut.outcomes.rules import HIGHEST, LOWEST
from telegut.outcomes.service import Overview, Series
from telegut.web.api import Call
from telegut.web.keys import NOW
from telegut.web.pages import Pages
from telegut.web.render import render

pages = Pages("outcomes")

DIARY_SHOWN = timedelta(days=60)
"""How far back the diary beside a call goes."""
DIARY_GAP = timedelta(days=2)
"""A line through daily values is broken when more than one day between two of them is missing."""


@pages.get("/patients/{id}/scores")
async def get_scores(call: Call[None]) -> web.Response:
    """Everything that was measured, over time."""
    overview = await call.app[OUTCOMES].overview(call.caller, call.uuid("id"))
    context = {
        **_shared(overview),
        "drawn": [_drawn(series) for series in overview.series if series.values],
        "entries": overview.entries,
    }
    return await render(call.request, "outcomes/scores.html", context)


@pages.get("/patients/{id}/panels/diary", visit_scope=True)
async def get_diary_panel(call: Call[None]) -> web.Response:
    """The diary of the last weeks, beside a call."""
    patient, today = call.uuid("id"), call.app[NOW]().date()
    # A day beyond, because it may be tomorrow already where the patient is.
    until = today + timedelta(days=1)
    entries = await call.app[OUTCOMES].diary(call.caller, patient, since=today - DIARY_SHOWN, until=until)
    return await render(call.request, "outcomes/panel.html", {"patient": patient, "entries": entries})


@pages.get("/check-in")
async def get_check_in(call: Call[None]) -> web.Response:
    """How today was, and the questionnaires."""
    patient = await call.app[OUTCOMES].plans.my_patient(call.caller)
    overview = await call.app[OUTCOMES].overview(call.caller, patient)
    today = next((one for one in overview.entries if one.day == overview.today), None)
    context = {**_shared(overview), "felt": today.felt if today else None, "instruments": INSTRUMENTS}
    return await render(call.request, "outcomes/check-in.html", context)


def _shared(overview: Overview) -> dict[str, Any]:
    return {
        "patient": overview.patient,
        "first_name": overview.patient.name.split()[0],
        "today": overview.today,
        "scale": range(LOWEST, HIGHEST + 1),
    }


def _drawn(series: Series) -> dict[str, Any]:
    measure = series.measure
    asked = measure.instrument if measure.item is None else None
    bands = asked.bands if asked else ()
    gap = DIARY_GAP if measure.instrument is None else None
    last = series.values[-1][1]
    return {
        "measure": measure,
        "asked": asked,
        "chart": chart(series.values, low=measure.low, high=measure.high, bands=bands, gap=gap),
        "rows": [(day, _read(value)) for day, value in reversed(series.values)],
        "band": next((band.name for band in bands if band.low <= last <= band.high), ""),
    }


def _read(value: float) -> str:
    """At most one decimal, none when the value is whole."""
    return f"{value:.1f}".removesuffix(".0")
