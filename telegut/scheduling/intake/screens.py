"""``/intake/{appointment}``: the form before a visit; ``/visits/{id}/intake``: its answers, for the care team."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from telegut.accounts import people
from telegut.errors import NotFound
from telegut.scheduling.intake import rules
from telegut.scheduling.intake.bodies import SheetAnswer
from telegut.scheduling.intake.keys import INTAKE
from telegut.scheduling.intake.rules import Kind, Question, Value
from telegut.scheduling.intake.service import Sheet
from telegut.web.api import Call
from telegut.web.keys import DATABASE, SETTINGS
from telegut.web.pages import Pages
from telegut.web.render import render
from telegut.web.words import gettext as _

pages = Pages("scheduling")
TEAM: Final = frozenset({"consultant", "nutritionist"})


@pages.get("/intake/{appointment}", visit_scope=True)
async def fill_in(call: Call[None]) -> web.Response:
    """The form before a visit, one group of questions a screen."""
    sheet = await call.app[INTAKE].sheet(call.caller, call.uuid("appointment"))
    if sheet.form is None:
        raise NotFound(_("Nothing is asked before this visit."))
    if call.caller.is_clinician and not sheet.editable:
        raise web.HTTPSeeOther(f"/visits/{sheet.appointment.visit}/intake")
    scope = call.caller.scope
    context = {
        "sheet": sheet,
        "content": sheet.form.content,
        "facts": SheetAnswer.of(sheet).model_dump(mode="json"),
        "practitioners": await _names(call, sheet),
        "back": f"/visits/{sheet.appointment.visit}" if scope else "/visits",
        "by_link": scope is not None,
        "helplines": [_helpline(one) for one in call.app[SETTINGS].emergency_numbers],
    }
    return await render(call.request, "scheduling/intake.html", context)


@pages.get("/visits/{id}/intake", roles=TEAM)
async def read_answers(call: Call[None]) -> web.Response:
    """What the patient wrote before the visit, question by question."""
    sheet = await call.app[INTAKE].of_visit(call.caller, call.uuid("id"))
    content = sheet.form.content if sheet.form else None
    context = {
        "sheet": sheet,
        "content": content,
        "groups": rules.groups(content.questions) if content else [],
        "said": said,
        "patient": await _patient(call, sheet),
    }
    return await render(call.request, "scheduling/answers.html", context)


def said(question: Question, value: Value) -> str:
    """An answer in words."""
    if question.kind is Kind.CONSENT:
        return _("Agreed")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, float):
        return f"{value:g} {question.unit}".strip()
    return value


async def _names(call: Call[None], sheet: Sheet) -> str:
    async with call.app[DATABASE].begin(call.caller) as tx:
        known = await people.named(tx, sheet.appointment.practitioners)
    return _(" and ").join(known[one].name for one in sheet.appointment.practitioners if one in known)


async def _patient(call: Call[None], sheet: Sheet) -> str:
    async with call.app[DATABASE].begin(call.caller) as tx:
        known = await people.named(tx, [sheet.appointment.patient])
    return known[sheet.appointment.patient].name if sheet.appointment.patient in known else ""


def _helpline(text: str) -> tuple[str, str]:
    """``Emergency services: 112`` as its label and its number."""
    label, _colon, number = text.rpartition(":")
    return label.strip(), number.strip()
