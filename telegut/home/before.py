"""
What stands before the microbes on a patient's report, asked of the plan and the diary: goals, how they feel, what they
eat and do. Read as the caller, who must be able to read both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from telegut.careplan.gates import GateState
from telegut.careplan.rules import Acceptance, GoalStatus, HowItWent, StepStatus
from telegut.careplan.rules import Kind as StepKind
from telegut.careplan.service import CarePlans
from telegut.careplan.views import Plan
from telegut.careplan.views import Step as PlanStep
from telegut.db.caller import Caller
from telegut.outcomes.service import Outcomes, Series
from telegut.reports.patient.before import Before, Felt, Step
from telegut.web import plots
from telegut.web.times import day

DAYS: Final = 14
"""How far back a report says how a step went."""
FELT: Final = ("mood", "gut", "sleep", "gad-7")
"""Measures on a report, in this order."""
FOOD: Final = frozenset({StepKind.DIET, StepKind.FIBRE, StepKind.FERMENTED_FOOD, StepKind.PROBIOTIC})
WEIGHT_GATE: Final = "eating_disorder"


@dataclass(frozen=True, slots=True)
class FirstThings:
    """One question: what stands before a patient's microbes."""

    plans: CarePlans
    outcomes: Outcomes

    async def before(self, caller: Caller, patient: UUID) -> Before:
        """
        Goals, feelings and steps of *patient*.

        Raises:
            NotFound: the record is not open to the caller.
        """
        plan = await self.plans.read(caller, patient)
        series = [await self.outcomes.series(caller, patient, one) for one in FELT]
        return Before(
            goals=tuple(one.content.title for one in plan.goals if one.status is GoalStatus.ACTIVE),
            felt=tuple(_felt(one, caller.zone) for one in series if one.values),
            steps=tuple(_step(one, plan.today) for one in plan.steps if _agreed(one)),
            weights_hidden=_hides_weights(plan),
        )


def _agreed(step: PlanStep) -> bool:
    return step.status is StepStatus.ACTIVE and step.acceptance is Acceptance.ACCEPTED and not step.blocked_by


def _felt(series: Series, zone: str) -> Felt:
    when, value = series.values[-1]
    return Felt(series.measure.title, plots.number(value), day(when, zone), series.measure.unit)


def _step(step: PlanStep, today: date) -> Step:
    lately = [one for one in step.days if today - timedelta(days=DAYS) <= one.day <= today]
    return Step(
        id=step.id,
        title=step.content.title,
        food=step.content.kind in FOOD,
        amount=(step.stage.amount or "") if step.stage else "",
        done=sum(1 for one in lately if one.result is not HowItWent.NOT),
        said=len(lately),
        cited=step.cited,
    )


def _hides_weights(plan: Plan) -> bool:
    """Unless the question about eating disorders was answered with no, or a clinician cleared a yes."""
    states: Sequence[GateState] = [one.state for one in plan.gates if one.gate.id == WEIGHT_GATE]
    return not states or any(one is not GateState.OPEN for one in states)
