"""``/clinic/forms/{service}``: what is asked before one kind of visit, for who defines it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from aiohttp import web

from telegut.errors import NotFound
from telegut.scheduling.clinic.service import MANAGING
from telegut.scheduling.intake.bodies import FormAnswer
from telegut.scheduling.intake.forms import Form
from telegut.scheduling.intake.keys import INTAKE
from telegut.scheduling.intake.service import AUTHORS
from telegut.scheduling.keys import SCHEDULING
from telegut.web.api import Call
from telegut.web.pages import Pages
from telegut.web.render import render
from telegut.web.words import gettext as _

pages = Pages("scheduling")

USUAL_FACTS: Final = ("allergies", "medicines", "pregnancy", "conditions")
"""What nearly every clinic asks and keeps; `rules.Question.fact`."""


@pages.get("/clinic/forms/{service}", roles=AUTHORS)
async def edit_form(call: Call[None]) -> web.Response:
    """The questions before one kind of visit, to be changed and published."""
    wanted = call.uuid("service")
    kinds = {one.id: one for one in await call.app[SCHEDULING].visit_types(call.caller)}
    if wanted not in kinds:
        raise NotFound(_("There is no such kind of visit."))
    forms = await call.app[INTAKE].forms(call.caller)
    current = next((one for one in forms if one.service == wanted), None)
    facts = {
        "service": str(wanted),
        "form": FormAnswer.of(current).model_dump(mode="json") if current else None,
        "facts": _facts(forms),
    }
    context = {
        "kind": kinds[wanted],
        "form": current,
        "facts": facts,
        "manages": bool(call.caller.roles & MANAGING),
        "others": _others(forms, current, {one: kind.name for one, kind in kinds.items()}),
    }
    return await render(call.request, "scheduling/form.html", context)


def _facts(forms: Iterable[Form]) -> list[str]:
    asked = {question.fact for form in forms for question in form.content.questions if question.fact}
    return sorted({*USUAL_FACTS, *asked})


def _others(forms: Iterable[Form], current: Form | None, names: dict[object, str]) -> list[dict[str, object]]:
    """The forms of other kinds of visit, to begin from."""
    others = [one for one in forms if one is not current and one.content.questions and one.service in names]
    return [
        {"name": names[one.service], "title": one.content.title, "form": FormAnswer.of(one).model_dump(mode="json")}
        for one in others
    ]
