"""Gathers what stands beside a conversation, from the services below. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from telegut.accounts.patients import Patient
from telegut.careplan.rules import StepStatus
from telegut.careplan.views import AnsweredGate, Plan, Step
from telegut.db.caller import Caller
from telegut.db.sealed import Vault
from telegut.errors import NotFound
from telegut.home.service import Home
from telegut.home.views import NextVisit, Trend
from telegut.scheduling.intake import told
from telegut.scheduling.intake.told import Told

TO_MIND = ("allergies", "intolerances", "medicines")
"""Facts from the forms before visits that whoever gives advice has to know, in this order."""
DAYS_SHOWN = 14
_ENDED = (StepStatus.DONE, StepStatus.STOPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """
    What stands beside a conversation with *patient*.

    told: by fact, what they said last. gates: safety questions whose answer asks for care; unasked: how many have no
    answer yet. days: those on which steps are shown, the oldest first.
    """

    patient: Patient
    told: dict[str, Told]
    gates: Sequence[AnsweredGate]
    unasked: int
    steps: Sequence[Step]
    plan: Plan
    days: Sequence[date]
    visit: NextVisit | None
    trends: Sequence[Trend]


@dataclass(frozen=True, slots=True)
class Beside:
    """One method; each service below asks for itself whether the record is open to the caller."""

    home: Home
    vault: Vault

    async def about(self, caller: Caller, patient: UUID) -> About:
        """
        What the team should have in sight while they write with *patient*.

        Raises:
            NotFound: the record is not open to the caller.
        """
        cover = await self.home.patients.one(caller, patient)
        if not cover.relation.reads:
            raise NotFound
        plan = await self.home.plans.read(caller, patient)
        async with self.home.db.begin(caller) as tx:
            facts = await told.told(tx, self.vault, patient, TO_MIND)
        return About(
            patient=cover.patient,
            told={one: facts[one] for one in TO_MIND if one in facts},
            gates=[one for one in plan.gates if one.state.value in ("closed", "caution")],
            unasked=sum(1 for one in plan.gates if one.state.value == "unanswered"),
            steps=[one for one in plan.steps if one.status not in _ENDED],
            plan=plan,
            days=[plan.today - timedelta(days=back) for back in range(DAYS_SHOWN, 0, -1)],
            visit=await self.home.next_visit(caller, patient),
            trends=await self.home.trends(caller, patient),
        )
