"""What people can do with the steps of a plan: propose, change, answer, report a day. One method, one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from telegut.careplan import events, gates, reading, shelf, tables
from telegut.careplan.changing import Changes
from telegut.careplan.rules import (
    Acceptance,
    BothEdited,
    StepContent,
    StepStatus,
    acceptance_after,
    check_day,
    check_schedule,
    check_words,
    needs_open_gates,
    pinned,
    same_words,
)
from telegut.careplan.shelf import Head
from telegut.careplan.views import Day, Plan, Step, as_stored, rows_of, step_json
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.evidence.keeping import library


@dataclass(frozen=True, slots=True)
class Steps:
    """What a patient and their team have agreed to try. report_back: how long ago a day may be that is reported on."""

    changes: Changes
    report_back: timedelta

    async def add(self, caller: Caller, patient: UUID, content: StepContent, starts_on: date | None) -> Step:
        """
        Propose a step to the patient.

        Raises:
            GateBlocks: a safety gate of this step is unanswered or closed.
            Invalid: the schedule or the evidence does not fit.
            OnlyTheTeam: the caller is not in the care team.
        """
        async with self.changes.db.begin(caller) as tx:
            head = await self.changes.team_opens(tx, patient)
            content = await self._checked(tx, head, content, StepStatus.ACTIVE)
            id = new_id()
            await self._put(tx, head, id, 1, content, StepStatus.ACTIVE, Acceptance.ASKED, starts_on)
            plan = await self.changes.changed(tx, head, "step", id)
        return _step_of(plan, id)

    async def change(
        self, caller: Caller, patient: UUID, step: UUID, *, version: int, changes: Mapping[str, Any]
    ) -> Step:
        """
        Change what a step says, when it starts or where it is.

        changes: fields of `StepContent`, ``status`` and ``starts_on``; what is absent stays. When the words or the
        start change, the patient is asked again.

        Raises:
            BothEdited: it is not at *version* any more; ``current`` holds it as it is.
            GateBlocks: it would go on although a safety gate is unanswered or closed.
            Invalid: the schedule or the evidence does not fit.
            OnlyTheTeam: the caller is not in the care team.
        """
        async with self.changes.db.begin(caller) as tx:
            head = await self.changes.team_opens(tx, patient)
            row = await shelf.one_row(tx, tables.step, head, step)
            if row.version != version:
                raise BothEdited(current=step_json(_step_of(await self.changes.whole(tx, head), step)))
            words = {name: value for name, value in changes.items() if name not in ("status", "starts_on")}
            status = StepStatus(changes.get("status", row.status))
            starts_on = changes.get("starts_on", row.starts_on)
            before = reading.step_content(self.changes.vault, head, row)
            after = await self._checked(tx, head, replace(before, **words), status, before)
            acceptance = acceptance_after(before, after, Acceptance(row.acceptance))
            if starts_on != row.starts_on:
                acceptance = Acceptance.ASKED
            answered = (row.answered_at, row.answered_by) if acceptance is not Acceptance.ASKED else (None, None)
            await self._put(tx, head, step, version + 1, after, status, acceptance, starts_on, answered)
            plan = await self.changes.changed(tx, head, "step", step)
        return _step_of(plan, step)

    async def answer(self, caller: Caller, patient: UUID, step: UUID, *, version: int, answer: Acceptance) -> Step:
        """
        The patient's answer to the step as it stood at *version*.

        Raises:
            BothEdited: the step has changed since; ``current`` holds it as it is.
            GateBlocks: it cannot be accepted while a safety gate is unanswered or closed.
            OnlyThePatient: the caller is neither the patient nor a guardian who acts.
        """
        async with self.changes.db.begin(caller) as tx:
            head = await self.changes.patient_opens(tx, patient)
            row = await shelf.one_row(tx, tables.step, head, step)
            if row.version != version:
                raise BothEdited(current=step_json(_step_of(await self.changes.whole(tx, head), step)))
            content = reading.step_content(self.changes.vault, head, row)
            if answer is Acceptance.ACCEPTED:
                given = await reading.given_answers(tx, self.changes.vault, head)
                gates.check_gates(gates.needed(content, *rows_of(content, await library(tx))), given)
            answered = (None, None) if answer is Acceptance.ASKED else (self.changes.now(), caller.account)
            status = StepStatus(row.status)
            await self._put(tx, head, step, version + 1, content, status, answer, row.starts_on, answered)
            plan = await self.changes.changed(tx, head, "step", step)
        return _step_of(plan, step)

    async def record_day(self, caller: Caller, patient: UUID, step: UUID, said: Day) -> Step:
        """
        How *step* went on one of the patient's days; a second word about a day replaces the first.

        Raises:
            Invalid: the day has not come, or is too long ago.
            OnlyThePatient: the caller is neither the patient nor a guardian who acts.
        """
        async with self.changes.db.begin(caller) as tx:
            head = await self.changes.patient_opens(tx, patient)
            await shelf.one_row(tx, tables.step, head, step)
            today = await reading.patients_today(tx, patient, self.changes.now())
            check_day(said.day, today=today, back=self.report_back)
            id = await shelf.put_day(tx, self.changes.vault, head, step, said, at=self.changes.now())
            await audit.record(tx, "write", "care plan day", id, patient=patient)
            # The agreed plan is the same as before, so its version is too.
            await self.changes.tell(tx, events.CHANGED, patient, events.changed(head.id, head.version, "day", id))
            plan = await self.changes.whole(tx, head)
        return _step_of(plan, step)

    async def _checked(
        self, tx: Transaction, head: Head, content: StepContent, status: StepStatus, before: StepContent | None = None
    ) -> StepContent:
        """
        *content* with its evidence pinned, if the rules and the gates let it pass.

        A step that says what it said *before* keeps the version it was agreed on; other words take the one of now.
        """
        check_schedule(content.schedule)
        evidence = await library(tx)
        if before is None or not same_words(before, content):
            check_words(content)
            row = evidence.cited(content.evidence, content.kind)
            content = pinned(content, row.version if row else None)
        if needs_open_gates(status):
            wanted = gates.needed(content, *rows_of(content, evidence))
            gates.check_gates(wanted, await reading.given_answers(tx, self.changes.vault, head))
        return content

    async def _put(
        self,
        tx: Transaction,
        head: Head,
        id: UUID,
        version: int,
        content: StepContent,
        status: StepStatus,
        acceptance: Acceptance,
        starts_on: date | None,
        answered: tuple[datetime | None, UUID | None] = (None, None),
    ) -> None:
        values = {
            "status": status.value,
            "acceptance": acceptance.value,
            "starts_on": starts_on,
            "answered_at": answered[0],
            "answered_by": answered[1],
            "changed_at": self.changes.now(),
            "changed_by": tx.caller.account,
        }
        await shelf.put(tx, self.changes.vault, head, tables.step, id, version, as_stored(content), **values)


def _step_of(plan: Plan, id: UUID) -> Step:
    return next(step for step in plan.steps if step.id == id)
