"""Pages of reports: a patient's list with the upload, one report, and the panel beside a call."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from aiohttp import web

from telegut.accounts import care, people
from telegut.db.caller import Caller
from telegut.errors import NotFound
from telegut.reports.change import which
from telegut.reports.clinician.figures import figures_of
from telegut.reports.clinician.header import header_of
from telegut.reports.cohorts.keys import COHORTS
from telegut.reports.described import METHOD, ORDER, PERSON, SAMPLE
from telegut.reports.facts import label
from telegut.reports.keys import REPORTS
from telegut.reports.newest import by_sample
from telegut.reports.orders.handlers import ORDERS
from telegut.reports.panel import GENERA_FOR_CLINICIANS, Panel, panel_of
from telegut.reports.patient.context import for_the_patient
from telegut.reports.shelf import Stored, Summary
from telegut.reports.standing import standing
from telegut.reports.telling_apart import file_names, made_by
from telegut.web.api import Call, Query
from telegut.web.keys import DATABASE, NOW, SETTINGS
from telegut.web.pages import Pages
from telegut.web.render import render
from telegut.web.words import gettext as _

pages = Pages("reports")

SHOWN = 50
"""Reports on one page of the list; nobody has been found to have more in ten years of yearly tests."""


class PanelQuery(Query):
    """Which report; the newest one that can be shown when there is none."""

    report: UUID | None = None


@pages.get("/reports", roles={"patient", "guardian", "consultant", "nutritionist"})
async def get_own_reports(call: Call[None]) -> web.Response:
    """On to the reports of whoever this is, or of those they look after."""
    if call.caller.is_clinician:
        raise web.HTTPFound("/patients")
    assert call.caller.account is not None
    async with call.app[DATABASE].begin(call.caller) as tx:
        whose = await care.patients_of(tx, call.caller.account)
        names = await people.named(tx, whose)
    if len(whose) == 1:
        raise web.HTTPFound(f"/patients/{whose[0]}/reports")
    return await render(call.request, "reports/whose.html", {"patients": [names[one] for one in whose]})


class ListQuery(Query):
    """Of which order of a test the result is handed in."""

    order: UUID | None = None


@pages.get("/patients/{id}/reports", query=ListQuery)
async def get_patient_reports(call: Call[None]) -> web.Response:
    """The list, and a place to hand in a new one."""
    patient = call.uuid("id")
    found = await call.app[REPORTS].list_of(call.caller, patient, limit=SHOWN)
    own = call.caller.account == patient
    team = call.caller.is_clinician and not own
    groups = [
        (_("The sample"), SAMPLE),
        (_("The laboratory's method"), METHOD),
        (_("Who asked for the test"), ORDER),
        (_("You at that time") if own else _("The person at that time"), PERSON),
    ]
    fields = [(title, [(name, label(name)) for name in names]) for title, names in groups]
    return await render(
        call.request,
        "reports/list.html",
        {
            "patient": await _person(call, patient),
            "orders": [one for one in await call.app[ORDERS].all_of(call.caller, patient) if one.waits],
            "answers": call.query.order,
            "reports": [
                (one, standing(one.state, one.problem, for_team=team, from_family=one.from_family))
                for one in by_sample(found)
            ],
            "fields": fields,
            "made_by": made_by,
            "files": await file_names(call.app[REPORTS], call.caller, patient, [one.id for one in found])
            if team
            else {},
            "largest_mb": call.app[SETTINGS].upload_limit_bytes // 1024**2,
            "own": own,
            "team": team,
            "today": call.app[NOW]().astimezone(ZoneInfo(call.caller.zone)).date().isoformat(),
        },
    )


@pages.get("/reports/{id}")
async def get_report_page(call: Call[None]) -> web.Response:
    """One report on its own page."""
    report = await call.app[REPORTS].read(call.caller, call.uuid("id"))
    panel = await _panel(call, report)
    listed = await call.app[REPORTS].list_of(call.caller, report.patient, limit=SHOWN) if panel.for_clinician else []
    context = {"panel": panel, "patient": await _person(call, report.patient), "others": [], "seen_at": call.app[NOW]()}
    theirs = await for_the_patient(call, panel, whole=True)
    return await render(call.request, "reports/report.html", {**context, **_for_the_team(panel, listed), **theirs})


@pages.get("/patients/{id}/panels/report", visit_scope=True, query=PanelQuery)
async def get_panel(call: Call[None]) -> web.Response:
    """The panel: the report that was asked for, or the newest, and the way to the others."""
    patient = call.uuid("id")
    reports = call.app[REPORTS]
    others = await reports.list_of(call.caller, patient, limit=SHOWN)
    wanted = call.query.report or _first_shown(others)
    report = await reports.read(call.caller, wanted) if wanted is not None else None
    if report is not None and report.patient != patient:
        raise NotFound
    if report is not None and report.state == "refused" and report.id not in {one.id for one in others}:
        report = await reports.read(call.caller, shown) if (shown := _first_shown(others)) is not None else None
    panel = await _panel(call, report) if report is not None else None
    context = {"panel": panel, "patient": await _person(call, patient), "others": by_sample(others)}
    theirs = await for_the_patient(call, panel, whole=False)
    return await render(call.request, "reports/panel.html", {**context, **_for_the_team(panel, others), **theirs})


def _for_the_team(panel: Panel | None, listed: list[Summary]) -> dict[str, Any]:
    """What the care team's view of a report needs besides."""
    if panel is None or not panel.for_clinician or panel.report.state != "ready":
        return {}
    return {
        "header": header_of(panel),
        "samples": which.others(panel.report, by_sample(listed)),
        "figures": figures_of(panel.compared, GENERA_FOR_CLINICIANS),
    }


def _first_shown(found: list[Summary]) -> UUID | None:
    """The newest report that can be looked at, or else the newest."""
    ready = next((one.id for one in found if one.state == "ready"), None)
    return ready or (found[0].id if found else None)


async def _panel(call: Call[None], report: Stored) -> Panel:
    for_clinician = seen_by_clinician(call.caller, report)
    compared = await call.app[COHORTS].compared(call.caller, report, for_patient=not for_clinician)
    by = report.uploaded_by
    async with call.app[DATABASE].begin(call.caller) as tx:
        names = await people.named(tx, [] if by is None else [by])
    handed_in_by = names[by].name if by in names else ""
    return panel_of(
        report, for_clinician=for_clinician, now=call.app[NOW](), handed_in_by=handed_in_by, compared=compared
    )


def seen_by_clinician(caller: Caller, report: Stored) -> bool:
    """Whether *caller* reads *report* as somebody of a care team; a patient who works here reads their own as one."""
    return caller.is_clinician and caller.account != report.patient and caller.scope is None


async def _person(call: Call[None], patient: UUID) -> people.Person:
    async with call.app[DATABASE].begin(call.caller) as tx:
        found = await people.named(tx, [patient])
    if patient not in found:
        raise NotFound
    return found[patient]
