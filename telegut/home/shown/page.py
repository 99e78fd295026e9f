"""
``/visits/{id}/shown``: the report or the plan that a practitioner shows, for a guest to whom the patient agreed.

The guest has no right in the record. Whether they may look is decided by `telegut.rooms.guests.showing`, each time and
for what is shown at that moment alone; the panel is then read by telegut itself, in the patient's form, and shown to
be looked at: nothing in it acts.
"""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from telegut.careplan.handlers.keys import CARE_PLANS
from telegut.careplan.handlers.pages import to_look_at
from telegut.db.caller import Caller
from telegut.errors import NotFound
from telegut.reports.cohorts.keys import COHORTS
from telegut.reports.keys import REPORTS
from telegut.reports.panel import panel_of
from telegut.reports.patient.context import for_the_patient
from telegut.rooms.guests.panel_handlers import SHOWING
from telegut.rooms.guests.showing import Shown
from telegut.web.api import Call
from telegut.web.keys import NOW
from telegut.web.pages import Pages
from telegut.web.render import render

pages = Pages("home")
READER: Final = Caller.system("shown to a guest of a visit")


def install(app: web.Application) -> None:
    """Serve it."""
    pages.install(app)


@pages.get("/visits/{id}/shown", visit_scope=True)
async def get_shown(call: Call[None]) -> web.Response:
    """Nothing else of the record, and not the record of anybody else."""
    shown = await call.app[SHOWING].look(call.caller, call.uuid("id"))
    if shown.panel == "plan":
        look = await call.app[CARE_PLANS].look(READER, shown.patient)
        return await render(call.request, "home/shown_plan.html", to_look_at(look))
    return await render(call.request, "home/shown_report.html", await _report(call, shown))


async def _report(call: Call[None], shown: Shown) -> dict[str, Any]:
    if shown.report is None:
        return {"panel": None}
    report = await call.app[REPORTS].read(READER, shown.report)
    if report.patient != shown.patient:
        raise NotFound
    if report.state != "ready":
        return {"panel": None}
    compared = await call.app[COHORTS].compared(READER, report, for_patient=True)
    panel = panel_of(report, for_clinician=False, now=call.app[NOW](), compared=compared)
    return {"panel": panel, **await for_the_patient(call, panel, whole=False)}
