"""What people can do with a care plan. One method, one transaction; whoever changes it holds its row first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from telegut.accounts import care, people
from telegut.accounts.people import Person
from telegut.accounts.rules import Relation
from telegut.careplan import events, gates, notebook, reading, shelf, tables
from telegut.careplan.gates import GateAnswer
from telegut.careplan.notebook import Place
from telegut.careplan.rules import (
    Acceptance,
    Audience,
    BothEdited,
    GoalContent,
    GoalStatus,
    NothingToSign,
    NotYours,
    OnlyThePatient,
    OnlyTheTeam,
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
from telegut.careplan.views import (
    Author,
    Day,
    Goal,
    Plan,
    Signed,
    Step,
    as_stored,
    digest,
    document,
    goal_json,
    rows_of,
    shares_done,
    signed_json,
    step_json,
)
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import Vault
from telegut.errors import NotFound
from telegut.evidence.keeping import library
from telegut.notices import Kind, news
from telegut.realtime import outbox
from telegut.realtime.events import Event
from telegut.settings import Settings


@dataclass(frozen=True, slots=True)
class Look:
    """A plan, how the reader stands to it, whose it is, and whether the reader may speak for them."""

    plan: Plan
    relation: Relation
    patient: Person
    speaks: bool

    @property
    def in_team(self) -> bool:
        """Whether the reader may change the plan."""
        return self.relation is Relation.CARE_TEAM


@dataclass(frozen=True)
class CarePlans:
    """
    Plans, goals, steps, gates and signed versions.

    report_back: how long ago a day may be that somebody still reports on.
    """

    db: Database
    vault: Vault
    now: Clock
    report_back: timedelta

    async def read(self, caller: Caller, patient: UUID) -> Plan:
        """
        The whole plan; made on first use.

        Raises:
            NotFound: the record is not open to the caller.
        """
        return (await self.look(caller, patient)).plan

    async def look(self, caller: Caller, patient: UUID) -> Look:
        """As `read`, with what a page has to know about the reader."""
        async with self.db.begin(caller) as tx:
            relation = await care.require(tx, patient)
            head = await shelf.open_plan(tx, self.vault, patient, now=self.now(), lock=False)
            plan = await reading.whole(tx, self.vault, head, now=self.now())
            found = await people.named(tx, [patient])
            await audit.record(tx, "read", "care plan", plan.id, patient=patient)
        return Look(plan, relation, found[patient], _speaks_for(relation, caller, patient))

    async def my_patient(self, caller: Caller) -> UUID:
        """
        Whose plan ``/plan`` is: one's own, or that of the first person one is guardian of.

        Raises:
            NotFound: neither.
        """
        async with self.db.begin(caller) as tx:
            mine = await care.patients_of(tx, caller.account) if caller.account else []
        if caller.account in mine:
            return caller.account
        if caller.is_clinician or not mine:
            raise NotFound
        return sorted(mine)[0]

    async def add_goal(self, caller: Caller, patient: UUID, content: GoalContent) -> Goal:
        """
        Write down what the patient wants to reach.

        Raises:
            Invalid: its words are tied to what a stool sample showed.
            OnlyTheTeam: the caller is not in the care team.
        """
        check_words(content)
        async with self.db.begin(caller) as tx:
            head = await self._team_opens(tx, patient)
            id = new_id()
            await self._put_goal(tx, head, id, 1, content, GoalStatus.ACTIVE)
            plan = await self._changed(tx, head, "goal", id)
        return _goal_of(plan, id)

    async def change_goal(
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
        async with self.db.begin(caller) as tx:
            head = await self._team_opens(tx, patient)
            row = await shelf.one_row(tx, tables.goal, head, goal)
            if row.version != version:
                raise BothEdited(current=goal_json(_goal_of(await self._whole(tx, head), goal)))
            before = reading.goal_content(self.vault, head, row)
            content = replace(before, **changes)
            if content != before:
                check_words(content)
            await self._put_goal(tx, head, goal, version + 1, content, status or GoalStatus(row.status))
            plan = await self._changed(tx, head, "goal", goal)
        return _goal_of(plan, goal)

    async def add_step(self, caller: Caller, patient: UUID, content: StepContent, starts_on: date | None) -> Step:
        """
        Propose a step to the patient.

        Raises:
            GateBlocks: a safety gate of this step is unanswered or closed.
            Invalid: the schedule or the evidence does not fit.
            OnlyTheTeam: the caller is not in the care team.
        """
        async with self.db.begin(caller) as tx:
            head = await self._team_opens(tx, patient)
            content = await self._checked(tx, head, content, StepStatus.ACTIVE)
            id = new_id()
            await self._put_step(tx, head, id, 1, content, StepStatus.ACTIVE, Acceptance.ASKED, starts_on)
            plan = await self._changed(tx, head, "step", id)
        return _step_of(plan, id)

    async def change_step(
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
        async with self.db.begin(caller) as tx:
            head = await self._team_opens(tx, patient)
            row = await shelf.one_row(tx, tables.step, head, step)
            if row.version != version:
                raise BothEdited(current=step_json(_step_of(await self._whole(tx, head), step)))
            words = {name: value for name, value in changes.items() if name not in ("status", "starts_on")}
            status = StepStatus(changes.get("status", row.status))
            starts_on = changes.get("starts_on", row.starts_on)
            before = reading.step_content(self.vault, head, row)
            after = await self._checked(tx, head, replace(before, **words), status, before)
            acceptance = acceptance_after(before, after, Acceptance(row.acceptance))
            if starts_on != row.starts_on:
                acceptance = Acceptance.ASKED
            answered = (row.answered_at, row.answered_by) if acceptance is not Acceptance.ASKED else (None, None)
            await self._put_step(tx, head, step, version + 1, after, status, acceptance, starts_on, answered)
            plan = await self._changed(tx, head, "step", step)
        return _step_of(plan, step)

    async def answer_step(self, caller: Caller, patient: UUID, step: UUID, *, version: int, answer: Acceptance) -> Step:
        """
        The patient's answer to the step as it stood at *version*.

        Raises:
            BothEdited: the step has changed since; ``current`` holds it as it is.
            GateBlocks: it cannot be accepted while a safety gate is unanswered or closed.
            OnlyThePatient: the caller is neither the patient nor a guardian who acts.
        """
        async with self.db.begin(caller) as tx:
            head = await self._patient_opens(tx, patient)
            row = await shelf.one_row(tx, tables.step, head, step)
            if row.version != version:
                raise BothEdited(current=step_json(_step_of(await self._whole(tx, head), step)))
            content = reading.step_content(self.vault, head, row)
            if answer is Acceptance.ACCEPTED:
                given = await reading.given_answers(tx, self.vault, head)
                gates.check_gates(gates.needed(content, *rows_of(content, await library(tx))), given)
            answered = (None, None) if answer is Acceptance.ASKED else (self.now(), caller.account)
            status = StepStatus(row.status)
            await self._put_step(tx, head, step, version + 1, content, status, answer, row.starts_on, answered)
            plan = await self._changed(tx, head, "step", step)
        return _step_of(plan, step)

    async def record_day(self, caller: Caller, patient: UUID, step: UUID, said: Day) -> Step:
        """
        How *step* went on one of the patient's days; a second word about a day replaces the first.

        Raises:
            Invalid: the day has not come, or is too long ago.
            OnlyThePatient: the caller is neither the patient nor a guardian who acts.
        """
        async with self.db.begin(caller) as tx:
            head = await self._patient_opens(tx, patient)
            await shelf.one_row(tx, tables.step, head, step)
            today = await reading.patients_today(tx, patient, self.now())
            check_day(said.day, today=today, back=self.report_back)
            id = await shelf.put_day(tx, self.vault, head, step, said, at=self.now())
            await audit.record(tx, "write", "care plan day", id, patient=patient)
            # The agreed plan is the same as before, so its version is too.
            await self._tell(tx, events.CHANGED, patient, events.changed(head.id, head.version, "day", id))
            plan = await self._whole(tx, head)
        return _step_of(plan, step)

    async def answer_gate(
        self, caller: Caller, patient: UUID, gate_id: str, given: GateAnswer, *, version: int | None
    ) -> Plan:
        """
        Write down the answer to a safety question; return the plan, whose steps it may stop.

        Raises:
            BothEdited: the answer is not at *version* any more (0: not answered yet).
            Invalid: a clearance that this gate does not know.
            NotFound: there is no such gate.
            OnlyTheTeam: the caller is not in the care team.
        """
        gate = gates.BY_ID.get(gate_id)
        if gate is None:
            raise NotFound
        gates.check_answer(gate, given)
        async with self.db.begin(caller) as tx:
            head = await self._team_opens(tx, patient)
            id = await shelf.put_answer(tx, self.vault, head, gate_id, given, version=version, at=self.now())
            return await self._changed(tx, head, "gate", id)

    async def sign(self, caller: Caller, patient: UUID, *, version: int | None) -> Signed:
        """
        Freeze the plan as it is: an exact text and its SHA-256, which never change. The first is the plan, every
        later one an amendment.

        Raises:
            BothEdited: the plan is not at *version* any more.
            GateBlocks: an active step stands behind an unanswered or closed gate.
            NothingToSign: it is the same as the last signed version.
            OnlyTheTeam: the caller is not in the care team.
        """
        async with self.db.begin(caller) as tx:
            head = await self._team_opens(tx, patient)
            plan = await self._whole(tx, head)
            note = await notebook.shared_text(tx, self.vault, head)
            signed = _signature(plan, note, version=version, by=Author(caller.account, caller.name), at=self.now())
            id = await shelf.put_signed(tx, self.vault, head, signed)
            await audit.record(tx, "sign", "care plan", id, patient=patient)
            await self._tell(tx, events.SIGNED, patient, events.signed(plan.id, plan.version, signed.number))
            await news.tell(tx, Kind.PLAN, patient, plan.id, signed.number)
        return signed

    async def versions(self, caller: Caller, patient: UUID) -> tuple[UUID, list[Signed]]:
        """The plan's id and its signed versions, the newest first."""
        async with self.db.begin(caller) as tx:
            await care.require(tx, patient)
            head = await shelf.open_plan(tx, self.vault, patient, now=self.now(), lock=False)
            signed = await reading.signed_versions(tx, self.vault, head)
            await audit.record(tx, "read", "signed care plans", head.id, patient=patient)
        return head.id, signed

    async def open_note(self, caller: Caller, plan: UUID, audience: Audience) -> tuple[Place, bool]:
        """
        Where the note of *plan* for *audience* is, and whether the caller may write in it.

        The shared note is for everybody to whom the record is open; team and own notes are for the care team alone, and
        an own note for its author.

        Raises:
            NotYours: there is no such plan for the caller, or this audience is not theirs.
        """
        async with self.db.begin(caller) as tx:
            patient = await shelf.patient_of(tx, plan)
            if patient is None:
                raise NotYours
            relation = await self._reader_of(tx, patient, audience)
            place = await notebook.find(tx, patient, plan, audience, caller.account)
            await audit.record(tx, "read", f"{audience.value} note", place.note, patient=patient)
        return place, relation.writes

    async def still_admits(self, caller: Caller, place: Place) -> bool:
        """Whether the caller may still see the note at *place*: care teams change while a note is open."""
        async with self.db.begin(caller) as tx:
            try:
                await self._reader_of(tx, place.patient, place.audience)
            except NotFound:
                return False
        return True

    async def _reader_of(self, tx: Transaction, patient: UUID, audience: Audience) -> Relation:
        relation = await care.require(tx, patient)
        if audience is not Audience.SHARED and relation is not Relation.CARE_TEAM:
            raise NotYours
        return relation

    async def shares_done(self, tx: Transaction, patient: UUID, *, since: date, until: date) -> dict[date, float]:
        """
        For each day on which the patient said how steps went: the percentage done, with ``partly`` as a half.

        For other pages and plots. Checks no rights.
        """
        head = await shelf.open_plan(tx, self.vault, patient, now=self.now(), lock=False)
        return shares_done(await reading.days_between(tx, self.vault, head, since=since, until=until))

    async def today(self, tx: Transaction, patient: UUID) -> date:
        """The date on the patient's own wall."""
        return await reading.patients_today(tx, patient, self.now())

    async def _team_opens(self, tx: Transaction, patient: UUID) -> Head:
        relation = await care.require(tx, patient)
        if relation is not Relation.CARE_TEAM and not tx.caller.is_system:
            raise OnlyTheTeam
        return await shelf.open_plan(tx, self.vault, patient, now=self.now(), lock=True)

    async def _patient_opens(self, tx: Transaction, patient: UUID) -> Head:
        relation = await care.require(tx, patient)
        if not _speaks_for(relation, tx.caller, patient):
            raise OnlyThePatient
        return await shelf.open_plan(tx, self.vault, patient, now=self.now(), lock=True)

    async def _checked(
        self, tx: Transaction, head: Head, content: StepContent, status: StepStatus, before: StepContent | None = None
    ) -> StepContent:
        """
        *content* with its evidence pinned, if the rules and the gates let it pass.

        A step that says what it said *before* keeps the version it was agreed on; other words take the one of now.
        """
        check_schedule(content.schedule)
        shelf = await library(tx)
        if before is None or not same_words(before, content):
            check_words(content)
            row = shelf.cited(content.evidence, content.kind)
            content = pinned(content, row.version if row else None)
        if needs_open_gates(status):
            wanted = gates.needed(content, *rows_of(content, shelf))
            gates.check_gates(wanted, await reading.given_answers(tx, self.vault, head))
        return content

    async def _put_goal(
        self, tx: Transaction, head: Head, id: UUID, version: int, content: GoalContent, status: GoalStatus
    ) -> None:
        values = {"status": status.value, "changed_at": self.now(), "changed_by": tx.caller.account}
        await shelf.put(tx, self.vault, head, tables.goal, id, version, as_stored(content), **values)

    async def _put_step(
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
            "changed_at": self.now(),
            "changed_by": tx.caller.account,
        }
        await shelf.put(tx, self.vault, head, tables.step, id, version, as_stored(content), **values)

    async def _changed(self, tx: Transaction, head: Head, part: str, object_id: UUID) -> Plan:
        """Count the change, write it down, tell everybody; return the plan as it is now."""
        version = await shelf.touch(tx, head)
        await audit.record(tx, "write", f"care plan {part}", object_id, patient=head.patient)
        await self._tell(tx, events.CHANGED, head.patient, events.changed(head.id, version, part, object_id))
        return await self._whole(tx, replace(head, version=version))

    async def _tell(self, tx: Transaction, type: str, patient: UUID, facts: dict[str, object]) -> None:
        await outbox.append(tx, Event(type, patient=patient, facts=facts), to=await care.circle(tx, patient))

    async def _whole(self, tx: Transaction, head: Head) -> Plan:
        return await reading.whole(tx, self.vault, head, now=self.now())


def _signature(plan: Plan, note: str, *, version: int | None, by: Author, at: datetime) -> Signed:
    if version is not None and version != plan.version:
        raise BothEdited(current={"version": plan.version})
    for step in plan.steps:
        if needs_open_gates(step.status) and step.blocked_by:
            given = {one.gate.id: one.answer for one in plan.gates if one.answer is not None}
            gates.check_gates(step.blocked_by, given)
    last = plan.signed
    number = last.number + 1 if last else 1
    text = document(plan, shared_note=note, number=number)
    if last is not None and document(plan, shared_note=note, number=last.number) == last.document:
        raise NothingToSign(current=signed_json(last, plan.id))
    return Signed(
        number=number,
        plan_version=plan.version,
        document=text,
        sha256=digest(text).hex(),
        signed_at=at,
        signed_by=by,
    )


def _speaks_for(relation: Relation, caller: Caller, patient: UUID) -> bool:
    """Whether *caller* may answer for the patient: themselves (by a personal link too) or a guardian who acts."""
    if relation is Relation.ADMITTED:
        return caller.account == patient
    return relation in (Relation.THEMSELVES, Relation.GUARDIAN)


def _goal_of(plan: Plan, id: UUID) -> Goal:
    return next(goal for goal in plan.goals if goal.id == id)


def _step_of(plan: Plan, id: UUID) -> Step:
    return next(step for step in plan.steps if step.id == id)


def build_care_plans(db: Database, vault: Vault, now: Clock, settings: Settings) -> CarePlans:
    """The service, with the installation's numbers."""
    return CarePlans(db, vault, now, report_back=timedelta(days=settings.report_back_days))
