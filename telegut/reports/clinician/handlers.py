"""The care team's report over HTTP: as a PDF."""

from __future__ import annotations

from aiohttp import web

from telegut.accounts import people
from telegut.db import audit
from telegut.errors import NotFound
from telegut.reports.clinician import screens
from telegut.reports.clinician.paper import paper_of
from telegut.reports.cohorts.keys import COHORTS
from telegut.reports.exchange.service import NotReadYet
from telegut.reports.keys import REPORTS
from telegut.reports.pages_of import seen_by_clinician
from telegut.reports.panel import panel_of
from telegut.reports.patient.keys import PRESS
from telegut.reports.patient.plain import gettext as _
from telegut.reports.patient.press import Paper, PressBroke
from telegut.web import words
from telegut.web.api import Call, Endpoints
from telegut.web.keys import DATABASE, NOW
from telegut.web.times import dated

api = Endpoints("reports")


def install(app: web.Application) -> None:
    """Serve it in *app*, and the pages beside it."""
    api.install(app)
    screens.pages.install(app)


@api.get(
    "/api/v1/reports/{id}/pdf/team",
    summary="A report as the care team reads it, as a PDF",
    roles={"consultant", "nutritionist"},
    refusals=[NotReadYet, PressBroke],
)
async def get_team_pdf(call: Call[None]) -> web.Response:
    """The parts of the care team's page, without the context list."""
    report = await call.app[REPORTS].read(call.caller, call.uuid("id"))
    if not seen_by_clinician(call.caller, report):
        raise NotFound
    if report.answer is None:
        raise NotReadYet
    compared = await call.app[COHORTS].compared(call.caller, report, for_patient=False)
    async with call.app[DATABASE].begin(call.caller) as tx:
        by = report.uploaded_by or report.patient
        named = await people.named(tx, [report.patient, by])
        await audit.record(tx, "export", "report", report.id, patient=report.patient)
    now, zone = call.app[NOW](), call.caller.zone
    handed_in_by = named[by].name if report.uploaded_by is not None and by in named else ""
    panel = panel_of(report, for_clinician=True, now=now, handed_in_by=handed_in_by, compared=compared)
    name, day = named[report.patient].name, dated(now, zone)
    paper = Paper(
        title=_("Report of %(name)s, for the care team", name=name),
        line=_("A snapshot of one stool sample. Printed on %(day)s.", day=day),
        foot=_("%(name)s. Printed from telegut on %(day)s. This is no diagnosis.", name=name, day=day),
        page=_("Page"),
        language=words.language(),
        made=now.isoformat(),
    )
    made = await call.app[PRESS].pdf(paper_of(panel, name, zone), paper)
    filename = f'attachment; filename="report-{report.id}-team.pdf"'
    return web.Response(body=made, content_type="application/pdf", headers={"Content-Disposition": filename})
