"""The care team's pages of a report that are opened beside it: the context list."""

from __future__ import annotations

from aiohttp import web

from telegut.accounts import people
from telegut.errors import NotFound
from telegut.evidence import words
from telegut.evidence.handlers.keys import EVIDENCE
from telegut.reports.clinician.context import context_of
from telegut.reports.composition import bars_of
from telegut.reports.keys import REPORTS
from telegut.reports.pages_of import seen_by_clinician
from telegut.reports.panel import GENERA_FOR_CLINICIANS
from telegut.web.api import Call
from telegut.web.keys import DATABASE
from telegut.web.pages import Pages
from telegut.web.render import render

pages = Pages("reports")


@pages.get("/reports/{id}/context", roles={"consultant", "nutritionist"})
async def get_context(call: Call[None]) -> web.Response:
    """What was published about the genera that the panel shows. The panel fetches it when somebody opens the list."""
    report = await call.app[REPORTS].read(call.caller, call.uuid("id"))
    if report.answer is None or not seen_by_clinician(call.caller, report):
        raise NotFound
    genera = [bar.name for bar in bars_of(report.answer, GENERA_FOR_CLINICIANS) if bar.kind == "genus"]
    async with call.app[DATABASE].begin(call.caller) as tx:
        names = await people.named(tx, [report.patient])
    said = {
        "report": report,
        "patient": names[report.patient],
        "context": context_of(genera, await call.app[EVIDENCE].library(call.caller)),
        "sure": words.certainty(),
    }
    return await render(call.request, "reports/clinician/context_page.html", said)
