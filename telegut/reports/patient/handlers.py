"""The patient's report over HTTP: one's own reading level, and the report as a PDF."""

from __future__ import annotations

from aiohttp import web
from pydantic import BaseModel

from telegut.accounts import people
from telegut.db import audit
from telegut.errors import NotFound
from telegut.reports.cohorts.keys import COHORTS
from telegut.reports.exchange.service import NotReadYet
from telegut.reports.keys import REPORTS
from telegut.reports.panel import panel_of
from telegut.reports.patient.before import BEFORE, Ask
from telegut.reports.patient.keys import PRESS, READING_LEVELS
from telegut.reports.patient.levels import Level
from telegut.reports.patient.levels_kept import ReadingLevels
from telegut.reports.patient.plain import gettext as _
from telegut.reports.patient.press import Paper, Press, PressBroke
from telegut.reports.patient.sheet import Sheet
from telegut.reports.patient.writing import sheet_of, without_weights
from telegut.reports.shelf import Stored
from telegut.web import words
from telegut.web.api import Body, Call, Endpoints, Query
from telegut.web.keys import DATABASE, NOW
from telegut.web.times import dated

api = Endpoints("reports")


def install(app: web.Application, levels: ReadingLevels, before: Ask) -> None:
    """Serve it in *app*; *before* answers what stands before the microbes."""
    app[READING_LEVELS], app[PRESS], app[BEFORE] = levels, Press(), before
    api.install(app)


class LevelBody(Body):
    """How much reports say to whoever asks."""

    level: Level


class LevelAnswer(BaseModel):
    """One's reading level."""

    level: Level


class PdfQuery(Query):
    """Another level than one's own, for this paper alone."""

    level: Level | None = None


@api.get("/api/v1/me/reading-level", answer=LevelAnswer, summary="How much reports say to me")
async def get_reading_level(call: Call[None]) -> LevelAnswer:
    """The standard level before one is chosen."""
    return LevelAnswer(level=await call.app[READING_LEVELS].of(call.caller))


@api.put("/api/v1/me/reading-level", body=LevelBody, answer=LevelAnswer, summary="Choose how much reports say to me")
async def put_reading_level(call: Call[LevelBody]) -> LevelAnswer:
    """Holds from now on, on every device."""
    return LevelAnswer(level=await call.app[READING_LEVELS].choose(call.caller, call.body.level))


@api.get(
    "/api/v1/reports/{id}/pdf",
    query=PdfQuery,
    summary="A report as its patient reads it, as a PDF",
    refusals=[NotReadYet, PressBroke],
)
async def get_pdf(call: Call[None]) -> web.Response:
    """The same words as the patient's page, at one's own level or the one that is asked for."""
    report = await call.app[REPORTS].read(call.caller, call.uuid("id"))
    if report.answer is None:
        raise NotReadYet
    made = await call.app[PRESS].pdf(without_weights(await _sheet(call, report)), await _paper(call, report))
    return web.Response(
        body=made,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="report-{report.id}.pdf"'},
    )


async def _sheet(call: Call[None], report: Stored) -> Sheet:
    compared = await call.app[COHORTS].compared(call.caller, report, for_patient=True)
    brought_by = await _handed_in_by(call, report)
    panel = panel_of(report, for_clinician=False, now=call.app[NOW](), handed_in_by=brought_by, compared=compared)
    before = await call.app[BEFORE](call.caller, report.patient)
    level = call.query.level or await call.app[READING_LEVELS].of(call.caller)
    return sheet_of(panel, before, level, call.caller.zone)


async def _handed_in_by(call: Call[None], report: Stored) -> str:
    by = report.uploaded_by
    async with call.app[DATABASE].begin(call.caller) as tx:
        named = await people.named(tx, [] if by is None else [by])
    return named[by].name if by in named else ""


async def _paper(call: Call[None], report: Stored) -> Paper:
    async with call.app[DATABASE].begin(call.caller) as tx:
        named = await people.named(tx, [report.patient])
        if report.patient not in named:
            raise NotFound
        await audit.record(tx, "export", "report", report.id, patient=report.patient)
    now = call.app[NOW]()
    name, day = named[report.patient].name, dated(now, call.caller.zone)
    return Paper(
        title=_("Report of %(name)s", name=name),
        line=_("A snapshot of one stool sample. Printed on %(day)s.", day=day),
        foot=_("%(name)s. Printed from telegut on %(day)s. This is no diagnosis.", name=name, day=day),
        page=_("Page"),
        language=words.language(),
        made=now.isoformat(),
    )
