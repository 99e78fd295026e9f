"""Pages of what leaves the house: the shapes of a report, and the decision about research."""

from __future__ import annotations

from aiohttp import web

from telegut.accounts import care, people
from telegut.accounts.rules import Relation
from telegut.errors import NotFound
from telegut.reports.exchange.consent.rules import WORDS, WORDS_VERSION
from telegut.reports.exchange.keys import CONSENTS
from telegut.reports.keys import REPORTS
from telegut.web.api import Call
from telegut.web.keys import DATABASE
from telegut.web.pages import Pages
from telegut.web.render import render

pages = Pages("reports")


@pages.get("/reports/{id}/out")
async def get_out(call: Call[None]) -> web.Response:
    """Every shape in which this reader may have the report."""
    report = await call.app[REPORTS].read(call.caller, call.uuid("id"))
    decision = await call.app[CONSENTS].read(call.caller, report.patient)
    async with call.app[DATABASE].begin(call.caller) as tx:
        relation = await care.relation_to(tx, report.patient)
        named = await people.named(tx, [report.patient])
    context = {
        "report": report,
        "patient": named[report.patient],
        "in_team": relation is Relation.CARE_TEAM,
        "agreed": decision is not None and decision.given,
    }
    return await render(call.request, "reports/out.html", context)


@pages.get("/patients/{id}/research")
async def get_research_page(call: Call[None]) -> web.Response:
    """The words, what was decided, and for who may decide the buttons."""
    patient = call.uuid("id")
    decision = await call.app[CONSENTS].read(call.caller, patient)
    async with call.app[DATABASE].begin(call.caller) as tx:
        relation = await care.relation_to(tx, patient)
        named = await people.named(tx, [patient, *([decision.decided_by] if decision else [])])
    if patient not in named:
        raise NotFound
    by = named.get(decision.decided_by) if decision else None
    context = {
        "patient": named[patient],
        "decision": decision,
        "decided_by": by.name if by else "",
        "words": WORDS,
        "words_version": WORDS_VERSION,
        "decides": relation in {Relation.THEMSELVES, Relation.GUARDIAN},
    }
    return await render(call.request, "reports/research.html", context)
