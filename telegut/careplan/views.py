"""A care plan as it is read: frozen values with everything a reader needs, and their JSON. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from telegut.careplan import gates
from telegut.careplan.gates import Gate, GateAnswer, GateState
from telegut.careplan.noted import rules as noted
from telegut.careplan.rules import (
    Acceptance,
    GoalContent,
    GoalStatus,
    HowItWent,
    Kind,
    Stage,
    StepContent,
    StepStatus,
    Week,
    Why,
)
from telegut.evidence.library import Library, Shown
from telegut.evidence.rules import Evidence


@dataclass(frozen=True, slots=True)
class Author:
    """Who did something; the name is of now."""

    id: UUID | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One goal."""

    id: UUID
    version: int
    status: GoalStatus
    content: GoalContent
    changed_at: datetime
    changed_by: Author


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """How a step went on one day."""

    day: date
    result: HowItWent
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    One step; *gates* are those it needs with their state of now, *stage* is of the patient's today.

    cited: the version of its evidence that it was agreed on, with the findings that stand beside it.
    """

    id: UUID
    version: int
    status: StepStatus
    acceptance: Acceptance
    answered_at: datetime | None
    starts_on: date | None
    content: StepContent
    changed_at: datetime
    changed_by: Author
    gates: tuple[tuple[Gate, GateState], ...]
    stage: Stage | None
    days: tuple[Day, ...] = ()
    cited: Shown | None = None

    @property
    def blocked_by(self) -> tuple[Gate, ...]:
        """The gates that stand in the way of now, whatever they said when the step was made."""
        return tuple(gate for gate, how in self.gates if how in (GateState.CLOSED, GateState.UNANSWERED))

    @property
    def runs(self) -> bool:
        """Whether the patient is asked to do this today."""
        open_now = self.status is StepStatus.ACTIVE and not self.blocked_by
        return open_now and self.acceptance is Acceptance.ACCEPTED and self.stage is not None

    def on(self, day: date) -> Day | None:
        """What was said about *day*."""
        return next((one for one in self.days if one.day == day), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredGate:
    """A gate, and its answer if there is one (*version* 0: never answered)."""

    gate: Gate
    answer: GateAnswer | None
    state: GateState
    version: int
    answered_at: datetime | None
    answered_by: Author | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signed version: the exact text that was signed, and its SHA-256 in hexadecimal."""

    number: int
    plan_version: int
    document: str
    sha256: str
    signed_at: datetime
    signed_by: Author


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The whole plan of *patient*, as of *today* in their zone."""

    id: UUID
    patient: UUID
    version: int
    today: date
    goals: tuple[Goal, ...]
    steps: tuple[Step, ...]
    gates: tuple[AnsweredGate, ...]
    signed: Signed | None = None

    @property
    def changed_since_signing(self) -> bool:
        """Whether the plan differs from its last signed version."""
        return self.signed is not None and self.signed.plan_version != self.version


WORTH = {HowItWent.DONE: 100.0, HowItWent.PARTLY: 50.0, HowItWent.NOT: 0.0}
"""What a report counts for in a share, in percent: telegut's own convention, shown as such."""


def shares_done(days: Sequence[Day]) -> dict[date, float]:
    """The mean worth of what was said about each day, in percent. A day without a word is absent, not zero."""
    said: dict[date, list[float]] = {}
    for one in days:
        said.setdefault(one.day, []).append(WORTH[one.result])
    return {day: sum(worths) / len(worths) for day, worths in said.items()}


def step_content_from(data: Mapping[str, Any]) -> StepContent:
    """What a step says, from its stored JSON."""
    schedule = tuple(Week(**stage) for stage in data.get("schedule", ()))
    parts = {"kind": Kind(data["kind"]), "why": Why(data["why"]), "schedule": schedule}
    return StepContent(**{**data, **parts, "noted": noted.read(data.get("noted", ()))})


def as_stored(content: StepContent | GoalContent) -> str:
    """The JSON that is sealed."""
    return json.dumps(asdict(content), ensure_ascii=False)


def goal_json(goal: Goal) -> dict[str, Any]:
    """A goal in the API's words."""
    return {
        "id": str(goal.id),
        "version": goal.version,
        "status": goal.status.value,
        "title": goal.content.title,
        "details": goal.content.details,
        "changed_at": instant(goal.changed_at),
        "changed_by": author_json(goal.changed_by),
    }


def step_json(step: Step) -> dict[str, Any]:
    """A step in the API's words."""
    content = step.content
    return {
        "id": str(step.id),
        "version": step.version,
        "title": content.title,
        "details": content.details,
        "kind": content.kind.value,
        "why": content.why.value,
        "why_words": content.why_words,
        "restricts": content.restricts,
        "schedule": [asdict(stage) for stage in content.schedule],
        "noted": [one.as_json() for one in content.noted],
        "starts_on": step.starts_on.isoformat() if step.starts_on else None,
        "status": step.status.value,
        "acceptance": step.acceptance.value,
        "answered_at": instant(step.answered_at) if step.answered_at else None,
        "evidence": evidence_json(step.cited),
        "gates": [{"id": gate.id, "state": how.value} for gate, how in step.gates],
        "blocked_by": [gate.id for gate in step.blocked_by],
        "stage": asdict(step.stage) if step.stage else None,
        "days": [{"day": one.day.isoformat(), "result": one.result.value, "note": one.note} for one in step.days],
        "changed_at": instant(step.changed_at),
        "changed_by": author_json(step.changed_by),
    }


def evidence_json(cited: Shown | None) -> dict[str, Any] | None:
    """The row a step cites, with the rows that must stand beside it."""
    if cited is None:
        return None
    row = cited.row
    return {
        "id": row.id,
        "version": row.version,
        "certainty": row.certainty.value,
        "may_say": row.may_say,
        "population": row.population,
        "source": row.source,
        "checked": row.checked.isoformat(),
        "reviewer": row.reviewer,
        "beside": [
            {"id": one.id, "version": one.version, "certainty": one.certainty.value, "may_say": one.may_say}
            for one in cited.beside
        ],
    }


def gate_json(answered: AnsweredGate) -> dict[str, Any]:
    """A gate and its answer in the API's words."""
    gate, given = answered.gate, answered.answer
    return {
        "id": gate.id,
        "version": answered.version,
        "question": gate.question,
        "effect": gate.effect.value,
        "caution": gate.caution,
        "basis": gate.basis,
        "answer": given.answer.value if given else None,
        "cleared": given.cleared if given else False,
        "note": given.note if given else "",
        "state": answered.state.value,
        "answered_at": instant(answered.answered_at) if answered.answered_at else None,
        "answered_by": author_json(answered.answered_by) if answered.answered_by else None,
    }


def author_json(author: Author) -> dict[str, Any]:
    """Who, in the API's words."""
    return {"id": str(author.id) if author.id else None, "name": author.name}


def signed_json(one: Signed, plan: UUID) -> dict[str, Any]:
    """A signed version in the API's words."""
    return {
        "number": one.number,
        "plan": str(plan),
        "plan_version": one.plan_version,
        "sha256": one.sha256,
        "signed_at": instant(one.signed_at),
        "signed_by": author_json(one.signed_by),
        "amends": one.number - 1 or None,
        "document": one.document,
    }


def document(plan: Plan, *, shared_note: str, number: int) -> str:
    """
    What is signed: canonical JSON (sorted names, no spaces, UTF-8) of everything the patient agreed to.

    Holds gate answers as states only: a signed plan says which gates were open, not which illness shut one.
    """
    whole = {
        "format": "telegut care plan 1",
        "plan": str(plan.id),
        "patient": str(plan.patient),
        "number": number,
        "plan_version": plan.version,
        "goals": [goal_json(goal) for goal in plan.goals],
        "steps": [_agreed(step) for step in plan.steps],
        "gates": {one.gate.id: one.state.value for one in plan.gates},
        "shared_note": shared_note,
    }
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(text: str) -> bytes:
    """SHA-256 of *text* in UTF-8 (FIPS 180-4)."""
    return hashlib.sha256(text.encode()).digest()


def _agreed(step: Step) -> dict[str, Any]:
    said = step_json(step)
    for passing in ("stage", "days", "blocked_by"):
        del said[passing]
    return said


def gate_states(
    content: StepContent, rows: Sequence[Evidence], answers: Mapping[str, GateAnswer]
) -> tuple[tuple[Gate, GateState], ...]:
    """The gates that a step needs, with their state; *rows* as `rows_of` gives them."""
    return tuple((gate, gates.state(gate, answers.get(gate.id))) for gate in gates.needed(content, *rows))


def rows_of(content: StepContent, library: Library) -> list[Evidence]:
    """What a step cites: the version that it was agreed on, and the one that holds now, which may ask for more."""
    pinned = library.pinned(content.evidence, content.evidence_version)
    now = library.row(content.evidence) if content.evidence else None
    return [row for row in (pinned.row if pinned else None, now) if row is not None]


def instant(at: datetime) -> str:
    """RFC 3339 in UTC with ``Z``."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
