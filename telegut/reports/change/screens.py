"""Pages of change over time: which two samples, and what may be said of them."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from telegut.accounts import people
from telegut.errors import NotFound
from telegut.reports.change import picture
from telegut.reports.change.keys import CHANGES
from telegut.reports.change.service import Beside
from telegut.reports.change.untreated import DIFFERENT_PEOPLE, SAME_PERSON, SAME_STOOL_TWICE
from telegut.reports.change.which import others
from telegut.reports.composition import share
from telegut.reports.described import collected_on
from telegut.reports.keys import REPORTS
from telegut.reports.newest import by_sample
from telegut.reports.panel import GENERA_FOR_CLINICIANS, GENERA_FOR_PATIENTS
from telegut.reports.shelf import Stored
from telegut.web.api import Call
from telegut.web.keys import DATABASE, NOW
from telegut.web.pages import Pages
from telegut.web.render import render

pages = Pages("reports")

OFFERED = 50
"""Other samples on the page that asks which."""


@pages.get("/reports/{id}/versus")
async def get_which(call: Call[None]) -> web.Response:
    """On to the sample before this one, when there is only one; otherwise a choice."""
    reports = call.app[REPORTS]
    report = await reports.read(call.caller, call.uuid("id"))
    offered = others(report, by_sample(await reports.list_of(call.caller, report.patient, limit=OFFERED)))
    if len(offered) == 1:
        raise web.HTTPFound(offered[0][0])
    context = {
        "report": report,
        "patient": await _person(call, report),
        "others": offered,
        "collected": collected_on(report.metadata),
    }
    return await render(call.request, "reports/versus_which.html", context)


@pages.get("/reports/{id}/versus/{earlier}", visit_scope=True)
async def get_versus_page(call: Call[None]) -> web.Response:
    """The comparison, or why there is none."""
    found = await call.app[CHANGES].versus(call.caller, call.uuid("id"), call.uuid("earlier"))
    return await render(call.request, "reports/versus.html", await context_of(call, found))


async def context_of(call: Call[None], found: Beside) -> dict[str, Any]:
    """What the template ``reports/versus.html`` shows of *found*."""
    for_clinician = (
        call.caller.is_clinician and call.caller.account != found.later.patient and call.caller.scope is None
    )
    rungs = [picture.drawn(rung) for rung in found.said.ladder]
    shown = GENERA_FOR_CLINICIANS if for_clinician else GENERA_FOR_PATIENTS
    return {
        "later": found.later,
        "earlier": found.earlier,
        "later_day": collected_on(found.later.metadata),
        "earlier_day": collected_on(found.earlier.metadata),
        "patient": await _person(call, found.later),
        "seen_at": call.app[NOW](),
        "said": found.said,
        "rungs": rungs[:shown],
        "more_rungs": rungs[shown:],
        "for_clinician": for_clinician,
        "spreads": {
            "same_stool": picture.line(SAME_STOOL_TWICE),
            "same_person": picture.line(SAME_PERSON),
            "different": picture.line(DIFFERENT_PEOPLE),
        },
        "times": picture.times,
        "share": share,
    }


async def _person(call: Call[None], report: Stored) -> people.Person:
    async with call.app[DATABASE].begin(call.caller) as tx:
        found = await people.named(tx, [report.patient])
    if report.patient not in found:
        raise NotFound
    return found[report.patient]
