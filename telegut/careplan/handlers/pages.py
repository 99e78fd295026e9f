"""The plan's page, the panel beside a call, and the part of both that changes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from telegut.careplan.handlers.keys import CARE_PLANS
from telegut.careplan.handlers.words import labels
from telegut.careplan.rules import Acceptance, GoalStatus, StepStatus
from telegut.careplan.service import Look
from telegut.careplan.views import Step
from telegut.web.api import Call
from telegut.web.pages import Pages
from telegut.web.render import render

pages = Pages("careplan")

DAYS_DRAWN = 7


@pages.get("/plan")
async def get_my_plan(call: Call[None]) -> web.Response:
    """On to one's own plan."""
    patient = await call.app[CARE_PLANS].my_patient(call.caller)
    raise web.HTTPFound(f"/patients/{patient}/plan")


@pages.get("/patients/{id}/plan")
async def get_plan_page(call: Call[None]) -> web.Response:
    """The whole plan with its notes, on a page of its own."""
    look = await call.app[CARE_PLANS].look(call.caller, call.uuid("id"))
    return await render(call.request, "careplan/plan.html", {**_shown(look), "layout": "page"})


@pages.get("/patients/{id}/panels/plan", visit_scope=True)
async def get_plan_panel(call: Call[None]) -> web.Response:
    """The same beside a call."""
    look = await call.app[CARE_PLANS].look(call.caller, call.uuid("id"))
    return await render(call.request, "careplan/panel.html", {**_shown(look), "layout": "panel"})


@pages.get("/patients/{id}/panels/plan/body", visit_scope=True)
async def get_plan_body(call: Call[None]) -> web.Response:
    """Goals, steps, safety and signature alone: what a page fetches again when something changed."""
    look = await call.app[CARE_PLANS].look(call.caller, call.uuid("id"))
    return await render(call.request, "careplan/body.html", _shown(look))


def _shown(look: Look) -> dict[str, Any]:
    plan = look.plan
    going = [step for step in plan.steps if _goes_on(step.status, step.acceptance)]
    if look.speaks:
        going.sort(key=lambda step: step.acceptance is not Acceptance.ASKED)  # what waits for the reader comes first
    return {
        "plan": plan,
        "patient": look.patient,
        "first_name": look.patient.name.split()[0],
        "team": look.in_team,
        "speaks": look.speaks,
        "writes": look.relation.writes,
        "going": going,
        "ended": [step for step in plan.steps if step not in going],
        "goals": [goal for goal in plan.goals if goal.status is GoalStatus.ACTIVE],
        "old_goals": [goal for goal in plan.goals if goal.status is not GoalStatus.ACTIVE],
        "week": {step.id: _week(step, plan.today, look.patient.zone) for step in plan.steps},
        "labels": labels(),
    }


def to_look_at(look: Look) -> dict[str, Any]:
    """What the templates of steps need for somebody who only looks: not of the team, and nobody who answers."""
    return {**_shown(look), "team": False, "speaks": False, "writes": False, "to_look_at": True}


def _goes_on(status: StepStatus, acceptance: Acceptance) -> bool:
    return status in (StepStatus.ACTIVE, StepStatus.PAUSED) and acceptance is not Acceptance.DECLINED


def _week(step: Step, today: date, zone: str) -> list[date]:
    """The last days on which the step was agreed, and those about which something was said; in the patient's days."""
    agreed = step.answered_at.astimezone(ZoneInfo(zone)).date() if step.answered_at else today
    began = min([max(agreed, step.starts_on or agreed), *(one.day for one in step.days)])
    days = [today - timedelta(days=back) for back in range(DAYS_DRAWN - 1, -1, -1)]
    return [day for day in days if day >= began]
