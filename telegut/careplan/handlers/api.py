"""``/api/v1/patients/{id}/care-plan``: parse, call, answer."""

from __future__ import annotations

from datetime import date

from telegut.careplan.gates import GateAnswer as Given
from telegut.careplan.gates import GateBlocks
from telegut.careplan.handlers.answers import (
    AcceptanceBody,
    DayBody,
    GateBody,
    GoalAnswer,
    GoalBody,
    GoalChange,
    PlanAnswer,
    SignBody,
    SignedAnswer,
    StepAnswer,
    StepBody,
    StepChange,
    plan_answer,
)
from telegut.careplan.handlers.keys import CARE_PLANS, NOTED
from telegut.careplan.noted.service import NothingThere
from telegut.careplan.rules import BothEdited, GoalContent, NothingToSign, OnlyThePatient, OnlyTheTeam
from telegut.careplan.views import Day, goal_json, signed_json, step_json
from telegut.errors import FieldError, Invalid
from telegut.web.api import Call, Endpoints, Page

api = Endpoints("care plan")
PLAN = "/api/v1/patients/{id}/care-plan"
TEAM = {"consultant", "nutritionist"}


@api.get(PLAN, answer=PlanAnswer, visit_scope=True, summary="Goals, steps, their evidence, gates and acceptance")
async def get_plan(call: Call[None]) -> PlanAnswer:
    """The whole plan."""
    plan = await call.app[CARE_PLANS].read(call.caller, call.uuid("id"))
    return plan_answer(plan, team=bool(call.caller.roles & TEAM) and call.caller.scope is None)


@api.post(PLAN + "/goals", body=GoalBody, answer=GoalAnswer, status=201, summary="Add a goal", refusals=[OnlyTheTeam])
async def post_goal(call: Call[GoalBody]) -> GoalAnswer:
    """A new goal."""
    content = GoalContent(title=call.body.title, details=call.body.details)
    goal = await call.app[CARE_PLANS].goals.add(call.caller, call.uuid("id"), content)
    return GoalAnswer.model_validate(goal_json(goal))


@api.patch(
    PLAN + "/goals/{goal}",
    body=GoalChange,
    answer=GoalAnswer,
    summary="Change a goal",
    refusals=[BothEdited, OnlyTheTeam],
)
async def patch_goal(call: Call[GoalChange]) -> GoalAnswer:
    """A changed goal."""
    changes = call.body.given()
    status = changes.pop("status", None)
    goal = await call.app[CARE_PLANS].goals.change(
        call.caller, call.uuid("id"), call.uuid("goal"), version=call.body.version, changes=changes, status=status
    )
    return GoalAnswer.model_validate(goal_json(goal))


@api.post(
    PLAN + "/steps",
    body=StepBody,
    answer=StepAnswer,
    status=201,
    summary="Propose a step",
    refusals=[GateBlocks, NothingThere, OnlyTheTeam],
)
async def post_step(call: Call[StepBody]) -> StepAnswer:
    """A new step."""
    content = call.body.content()
    await call.app[NOTED].check(call.caller, call.uuid("id"), content.noted)
    step = await call.app[CARE_PLANS].steps.add(call.caller, call.uuid("id"), content, call.body.starts_on)
    return StepAnswer.model_validate(step_json(step))


@api.patch(
    PLAN + "/steps/{step}",
    body=StepChange,
    answer=StepAnswer,
    summary="Change a step",
    refusals=[BothEdited, GateBlocks, NothingThere, OnlyTheTeam],
)
async def patch_step(call: Call[StepChange]) -> StepAnswer:
    """A changed step."""
    changes = call.body.given()
    await call.app[NOTED].check(call.caller, call.uuid("id"), changes.get("noted", ()))
    step = await call.app[CARE_PLANS].steps.change(
        call.caller, call.uuid("id"), call.uuid("step"), version=call.body.version, changes=changes
    )
    return StepAnswer.model_validate(step_json(step))


@api.post(
    PLAN + "/steps/{step}/acceptance",
    body=AcceptanceBody,
    answer=StepAnswer,
    visit_scope=True,
    summary="The patient accepts or declines a step",
    refusals=[BothEdited, GateBlocks, OnlyThePatient],
)
async def post_acceptance(call: Call[AcceptanceBody]) -> StepAnswer:
    """The patient's answer."""
    step = await call.app[CARE_PLANS].steps.answer(
        call.caller, call.uuid("id"), call.uuid("step"), version=call.body.version, answer=call.body.answer
    )
    return StepAnswer.model_validate(step_json(step))


@api.put(
    PLAN + "/steps/{step}/days/{day}",
    body=DayBody,
    answer=StepAnswer,
    visit_scope=True,
    summary="How a step went on a day",
    refusals=[OnlyThePatient],
)
async def put_day(call: Call[DayBody]) -> StepAnswer:
    """How it went."""
    said = Day(day=_day(call.request.match_info["day"]), result=call.body.result, note=call.body.note)
    step = await call.app[CARE_PLANS].steps.record_day(call.caller, call.uuid("id"), call.uuid("step"), said)
    return StepAnswer.model_validate(step_json(step))


@api.put(
    PLAN + "/gates/{gate}",
    body=GateBody,
    answer=PlanAnswer,
    summary="Answer a safety question",
    refusals=[BothEdited, OnlyTheTeam],
)
async def put_gate(call: Call[GateBody]) -> PlanAnswer:
    """The plan, whose steps the answer may stop or let go on."""
    given = Given(call.body.answer, call.body.cleared, call.body.note)
    plan = await call.app[CARE_PLANS].answer_gate(
        call.caller, call.uuid("id"), call.request.match_info["gate"], given, version=call.body.version
    )
    return plan_answer(plan, team=True)


@api.post(
    PLAN + "/sign",
    body=SignBody,
    answer=SignedAnswer,
    status=201,
    summary="Sign the plan as it is",
    refusals=[BothEdited, GateBlocks, NothingToSign, OnlyTheTeam],
)
async def post_sign(call: Call[SignBody]) -> SignedAnswer:
    """A signed version."""
    patient = call.uuid("id")
    signed = await call.app[CARE_PLANS].signatures.sign(call.caller, patient, version=call.body.version)
    plan, _ = await call.app[CARE_PLANS].signatures.versions(call.caller, patient)
    return SignedAnswer.model_validate(signed_json(signed, plan))


@api.get(PLAN + "/versions", answer=Page[SignedAnswer], summary="The signed versions, the newest first")
async def get_versions(call: Call[None]) -> Page[SignedAnswer]:
    """Every signed version; each but the first is an amendment."""
    plan, signed = await call.app[CARE_PLANS].signatures.versions(call.caller, call.uuid("id"))
    return Page(items=[SignedAnswer.model_validate(signed_json(one, plan)) for one in signed])


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise Invalid(errors=[FieldError("day", "is a date such as 2026-11-24")]) from exc
