"""What people can do with the goals of a plan. One method, one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from telegut.careplan import reading, shelf, tables
from telegut.careplan.changing import Changes
from telegut.careplan.rules import BothEdited, GoalContent, GoalStatus, check_words
from telegut.careplan.shelf import Head
from telegut.careplan.views import Goal, Plan, as_stored, goal_json
from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.db.ids import new_id


@dataclass(frozen=True, slots=True)
class Goals:
    """What a patient wants to reach."""

    changes: Changes

    async def add(self, caller: Caller, patient: UUID, content: GoalContent) -> Goal:
        """
        Write down what the patient wants to reach.

        Raises:
            Invalid: its words are tied to what a stool sample showed.
            OnlyTheTeam: the caller is not in the care team.
        """
        check_words(content)
        async with self.changes.db.begin(caller) as tx:
            head = await self.changes.team_opens(tx, patient)
            id = new_id()
            await self._put(tx, head, id, 1, content, GoalStatus.ACTIVE)
            plan = await self.changes.changed(tx, head, "goal", id)
        return _goal_of(plan, id)

    async def change(
        self,
        caller: Caller,
        patient: UUID,
        goal: UUID,
        *,
        version: int,
        changes: Mapping[str, Any],
        status: GoalStatus | None,
    ) -> Goal:
        """
        Change what a goal says (*changes*: fields of `GoalContent`) or where it is.

        Raises:
            BothEdited: it is not at *version* any more; ``current`` holds it as it is.
            OnlyTheTeam: the caller is not in the care team.
        """
        async with self.changes.db.begin(caller) as tx:
            head = await self.changes.team_opens(tx, patient)
            row = await shelf.one_row(tx, tables.goal, head, goal)
            if row.version != version:
                raise BothEdited(current=goal_json(_goal_of(await self.changes.whole(tx, head), goal)))
            before = reading.goal_content(self.changes.vault, head, row)
            content = replace(before, **changes)
            if content != before:
                check_words(content)
            await self._put(tx, head, goal, version + 1, content, status or GoalStatus(row.status))
            plan = await self.changes.changed(tx, head, "goal", goal)
        return _goal_of(plan, goal)

    async def _put(
        self, tx: Transaction, head: Head, id: UUID, version: int, content: GoalContent, status: GoalStatus
    ) -> None:
        values = {"status": status.value, "changed_at": self.changes.now(), "changed_by": tx.caller.account}
        await shelf.put(tx, self.changes.vault, head, tables.goal, id, version, as_stored(content), **values)


def _goal_of(plan: Plan, id: UUID) -> Goal:
    return next(goal for goal in plan.goals if goal.id == id)
