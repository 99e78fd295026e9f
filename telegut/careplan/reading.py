"""A plan as its readers see it, put together from rows inside somebody's transaction. Checks no rights."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Table, select

from telegut.accounts import people
from telegut.careplan import gates, tables
from telegut.careplan.gates import Answer, GateAnswer
from telegut.careplan.rules import (
    Acceptance,
    GoalContent,
    GoalStatus,
    HowItWent,
    StepContent,
    StepStatus,
    stage_on,
)
from telegut.careplan.shelf import Head
from telegut.careplan.views import (
    AnsweredGate,
    Author,
    Day,
    Goal,
    Plan,
    Signed,
    Step,
    gate_states,
    rows_of,
    step_content_from,
)
from telegut.db.engine import Transaction
from telegut.db.sealed import Vault
from telegut.errors import NotFound
from telegut.evidence.keeping import library
from telegut.evidence.library import Library
from telegut.scheduling import zones

DAYS_SHOWN = timedelta(days=13)
"""With a plan comes how its steps went today and on this many days before: two weeks."""


@dataclass(frozen=True, slots=True)
class _Desk:
    """What turning rows into views needs again and again."""

    vault: Vault
    head: Head
    names: Mapping[UUID, str]
    library: Library

    def author(self, id: UUID | None) -> Author:
        return Author(id, self.names.get(id, "") if id else "")


async def whole(tx: Transaction, vault: Vault, head: Head, *, now: datetime) -> Plan:
    """Everything in the plan, as of *now*."""
    today = await patients_today(tx, head.patient, now)
    answered = await answers(tx, vault, head)
    goal_rows = await _rows(tx, tables.goal, head)
    step_rows = await _rows(tx, tables.step, head)
    days = await _days(tx, vault, head, since=today - DAYS_SHOWN, until=today)
    signed = [_signed(vault, head, row) for row in await tx.execute(_versions(head).limit(1))]
    ids = {row.changed_by for row in (*goal_rows, *step_rows)} | {one.signed_by.id for one in signed}
    ids |= {one.answered_by.id for one in answered.values() if one.answered_by}
    desk = _Desk(vault, head, await _names(tx, ids), await library(tx))
    given = {id: one.answer for id, one in answered.items() if one.answer is not None}
    return Plan(
        id=head.id,
        patient=head.patient,
        version=head.version,
        today=today,
        goals=tuple(_goal(desk, row) for row in goal_rows),
        steps=tuple(_step(desk, row, given, today, days.get(row.id, ())) for row in step_rows),
        gates=tuple(_gate(desk, gate, answered.get(gate.id)) for gate in gates.GATES),
        signed=next((replace(one, signed_by=desk.author(one.signed_by.id)) for one in signed), None),
    )


async def patients_today(tx: Transaction, patient: UUID, now: datetime) -> date:
    """The date on the patient's own wall."""
    found = await people.named(tx, [patient])
    if patient not in found:
        raise NotFound
    return zones.on_the_wall(now, found[patient].zone).date()


async def answers(tx: Transaction, vault: Vault, head: Head) -> dict[str, AnsweredGate]:
    """The answered gates of the patient, by gate, still without names; one that this code does not know is left out."""
    found = {}
    for row in await tx.execute(select(tables.gate).where(tables.gate.c.patient == head.patient)):
        gate = gates.BY_ID.get(row.gate)
        if gate is None:
            continue
        data = json.loads(vault.open(tables.gate.c.content, head.key, row.id, row.content))
        given = GateAnswer(Answer(data["answer"]), data["cleared"], data["note"])
        found[gate.id] = AnsweredGate(
            gate=gate,
            answer=given,
            state=gates.state(gate, given),
            version=row.version,
            answered_at=row.answered_at,
            answered_by=Author(row.answered_by, ""),
        )
    return found


async def given_answers(tx: Transaction, vault: Vault, head: Head) -> dict[str, GateAnswer]:
    """The answers alone, for the rules."""
    return {id: one.answer for id, one in (await answers(tx, vault, head)).items() if one.answer is not None}


async def signed_versions(tx: Transaction, vault: Vault, head: Head) -> list[Signed]:
    """Every signed version, the newest first."""
    signed = [_signed(vault, head, row) for row in await tx.execute(_versions(head))]
    names = await _names(tx, {one.signed_by.id for one in signed})
    return [
        replace(one, signed_by=Author(one.signed_by.id, names.get(one.signed_by.id or head.id, ""))) for one in signed
    ]


def step_content(vault: Vault, head: Head, row: Row[Any]) -> StepContent:
    """What a step's row says."""
    return step_content_from(json.loads(vault.open(tables.step.c.content, head.key, row.id, row.content)))


def goal_content(vault: Vault, head: Head, row: Row[Any]) -> GoalContent:
    """What a goal's row says."""
    return GoalContent(**json.loads(vault.open(tables.goal.c.content, head.key, row.id, row.content)))


def _versions(head: Head) -> Select[Any]:
    return select(tables.version).where(tables.version.c.plan == head.id).order_by(tables.version.c.number.desc())


def _signed(vault: Vault, head: Head, row: Row[Any]) -> Signed:
    return Signed(
        number=row.number,
        plan_version=row.plan_version,
        document=vault.open(tables.version.c.document, head.key, row.id, row.document),
        sha256=row.sha256.hex(),
        signed_at=row.signed_at,
        signed_by=Author(row.signed_by, ""),
    )


async def _rows(tx: Transaction, table: Table, head: Head) -> list[Row[Any]]:
    return list(await tx.execute(select(table).where(table.c.plan == head.id).order_by(table.c.created_at, table.c.id)))


async def days_between(tx: Transaction, vault: Vault, head: Head, *, since: date, until: date) -> list[Day]:
    """How any step went, day by day."""
    by_step = await _days(tx, vault, head, since=since, until=until)
    return sorted((one for days in by_step.values() for one in days), key=lambda one: one.day)


async def _days(tx: Transaction, vault: Vault, head: Head, *, since: date, until: date) -> dict[UUID, tuple[Day, ...]]:
    wanted = (tables.day.c.patient == head.patient, tables.day.c.day.between(since, until))
    found: dict[UUID, tuple[Day, ...]] = {}
    for row in await tx.execute(select(tables.day).where(*wanted).order_by(tables.day.c.day)):
        data = json.loads(vault.open(tables.day.c.content, head.key, row.id, row.content))
        said = Day(day=row.day, result=HowItWent(data["result"]), note=data["note"])
        found[row.step] = (*found.get(row.step, ()), said)
    return found


def _goal(desk: _Desk, row: Row[Any]) -> Goal:
    return Goal(
        id=row.id,
        version=row.version,
        status=GoalStatus(row.status),
        content=goal_content(desk.vault, desk.head, row),
        changed_at=row.changed_at,
        changed_by=desk.author(row.changed_by),
    )


def _step(desk: _Desk, row: Row[Any], given: Mapping[str, GateAnswer], today: date, days: tuple[Day, ...]) -> Step:
    content = step_content(desk.vault, desk.head, row)
    return Step(
        id=row.id,
        version=row.version,
        status=StepStatus(row.status),
        acceptance=Acceptance(row.acceptance),
        answered_at=row.answered_at,
        starts_on=row.starts_on,
        content=content,
        changed_at=row.changed_at,
        changed_by=desk.author(row.changed_by),
        gates=gate_states(content, rows_of(content, desk.library), given),
        stage=stage_on(content.schedule, row.starts_on, today),
        days=days,
        cited=desk.library.pinned(content.evidence, content.evidence_version),
    )


def _gate(desk: _Desk, gate: gates.Gate, answered: AnsweredGate | None) -> AnsweredGate:
    if answered is not None:
        return replace(answered, answered_by=desk.author(answered.answered_by.id if answered.answered_by else None))
    state = gates.state(gate, None)
    return AnsweredGate(gate=gate, answer=None, state=state, version=0, answered_at=None, answered_by=None)


async def _names(tx: Transaction, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    found = await people.named(tx, [id for id in ids if id is not None])
    return {id: person.name for id, person in found.items()}
