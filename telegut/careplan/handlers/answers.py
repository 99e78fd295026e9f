"""What the care plan's endpoints take and give."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from telegut.careplan.gates import Answer as GateWord
from telegut.careplan.gates import Effect, GateState
from telegut.careplan.noted.rules import MOST, PLACE_LONGEST, Noted, NotedKind
from telegut.careplan.rules import (
    DETAILS_LENGTH,
    SCHEDULE_WEEKS,
    TITLE_LENGTH,
    Acceptance,
    GoalStatus,
    HowItWent,
    Kind,
    StepContent,
    StepStatus,
    Week,
    Why,
)
from telegut.careplan.views import Plan, gate_json, goal_json, signed_json, step_json
from telegut.web.api import Answer, Body, Instant

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE_LENGTH)]
Words = Annotated[str, StringConstraints(max_length=DETAILS_LENGTH)]
Note = Annotated[str, StringConstraints(max_length=1_000)]
Version = Annotated[int, Field(ge=0, le=2**31 - 1)]


class WeekBody(Body):
    """One stage of a gradual schedule."""

    week: Annotated[int, Field(ge=1, le=SCHEDULE_WEEKS)]
    amount: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE_LENGTH)]


class GoalBody(Body):
    """A new goal."""

    title: Title
    details: Words = ""


def _without_defaults(schema: dict[str, Any]) -> None:
    """In a change, what is absent stays: the description must not name a value for it."""
    for one in schema.get("properties", {}).values():
        one.pop("default", None)


class Changes(Body):
    """A change; absent fields stay as they are, and none may be null unless it says so."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    version: Version

    @model_validator(mode="before")
    @classmethod
    def _no_nulls(cls, value: Any) -> Any:
        if isinstance(value, dict):
            empty = [name for name, one in value.items() if one is None and name not in ("starts_on", "evidence")]
            if empty:
                raise ValueError(f"{empty[0]} cannot be null; leave it out to keep it")
        return value

    def given(self) -> dict[str, Any]:
        """The fields that were sent, without the version."""
        return {name: getattr(self, name) for name in self.model_fields_set - {"version"}}


class GoalChange(Changes):
    """A change of a goal."""

    title: Title = ""
    details: Words = ""
    status: GoalStatus = GoalStatus.ACTIVE


class NotedBody(Body):
    """
    Something that was looked at when a step was talked about: context, never its reason.

    id: of a finding its report, of a diary day its date, of a message its conversation and number (``ID:12``). place:
    the name of the finding.
    """

    kind: NotedKind
    id: Annotated[str, Field(max_length=80)]
    place: Annotated[str, Field(max_length=PLACE_LONGEST)] = ""


class StepBody(Body):
    """A new step. ``evidence`` is the id of a row of the library; ``schedule`` its gradual weeks."""

    title: Title
    kind: Kind
    details: Words = ""
    why: Why = Why.PROFESSIONAL_JUDGEMENT
    why_words: Words = ""
    evidence: str | None = None
    restricts: bool = False
    schedule: Annotated[list[WeekBody], Field(max_length=SCHEDULE_WEEKS)] = []
    starts_on: date | None = None
    noted: Annotated[list[NotedBody], Field(max_length=MOST)] = []

    def content(self) -> StepContent:
        """What the step says."""
        return StepContent(
            title=self.title,
            kind=self.kind,
            details=self.details,
            why=self.why,
            why_words=self.why_words,
            evidence=self.evidence,
            restricts=self.restricts,
            schedule=_weeks(self.schedule),
            noted=_noted(self.noted),
        )


class StepChange(Changes):
    """A change of a step."""

    title: Title = ""
    kind: Kind = Kind.OTHER
    details: Words = ""
    why: Why = Why.PROFESSIONAL_JUDGEMENT
    why_words: Words = ""
    evidence: str | None = None
    restricts: bool = False
    schedule: Annotated[list[WeekBody], Field(max_length=SCHEDULE_WEEKS)] = []
    starts_on: date | None = None
    status: StepStatus = StepStatus.ACTIVE
    noted: Annotated[list[NotedBody], Field(max_length=MOST)] = []

    def given(self) -> dict[str, Any]:
        """The fields that were sent, as the service takes them."""
        changes = super().given()
        if "schedule" in changes:
            changes["schedule"] = _weeks(self.schedule)
        if "noted" in changes:
            changes["noted"] = _noted(self.noted)
        return changes


class AcceptanceBody(Body):
    """The patient's answer to a step as it stood at ``version``."""

    answer: Acceptance
    version: Version


class DayBody(Body):
    """How a step went on a day."""

    result: HowItWent
    note: Note = ""


class GateBody(Body):
    """The answer to a safety question. ``version`` 0: it was not answered before; absent: whatever it was."""

    answer: GateWord
    cleared: bool = False
    note: Note = ""
    version: Version | None = None


class SignBody(Body):
    """Which version of the plan is signed; absent: the newest."""

    version: Version | None = None


class Author(Answer):
    """Who did something."""

    id: str | None
    name: str


class GoalAnswer(Answer):
    """A goal."""

    id: str
    version: int
    status: GoalStatus
    title: str
    details: str
    changed_at: Instant
    changed_by: Author


class Beside(Answer):
    """A row that is always shown beside another one."""

    id: str
    version: int
    certainty: str
    may_say: str


class Cited(Answer):
    """The evidence that a step cites: certainty and the words a patient reads."""

    id: str
    version: int
    certainty: str
    may_say: str
    population: str
    source: str
    checked: date
    reviewer: str
    beside: list[Beside]


class GateOfStep(Answer):
    """A gate that a step needs."""

    id: str
    state: GateState


class StageAnswer(Answer):
    """Where the schedule is today."""

    week: int
    weeks: int
    amount: str | None


class DayAnswer(Answer):
    """How a step went on a day."""

    day: date
    result: HowItWent
    note: str


class StepAnswer(Answer):
    """A step."""

    id: str
    version: int
    title: str
    details: str
    kind: Kind
    why: Why
    why_words: str
    restricts: bool
    schedule: list[WeekBody]
    noted: list[NotedBody]
    starts_on: date | None
    status: StepStatus
    acceptance: Acceptance
    answered_at: Instant | None
    evidence: Cited | None
    gates: list[GateOfStep]
    blocked_by: list[str]
    stage: StageAnswer | None
    days: list[DayAnswer]
    changed_at: Instant
    changed_by: Author


class GateAnswer(Answer):
    """A safety question and what was answered; ``version`` 0: nothing yet."""

    id: str
    version: int
    question: str
    effect: Effect
    caution: str
    basis: str
    answer: GateWord | None
    cleared: bool
    note: str
    state: GateState
    answered_at: Instant | None
    answered_by: Author | None


class NoteAnswer(Answer):
    """A live note: the path of its socket."""

    audience: Literal["shared", "team", "own"]
    socket: str


class SignedSummary(Answer):
    """A signed version without its text."""

    number: int
    sha256: str
    signed_at: Instant
    signed_by: Author


class SignedAnswer(SignedSummary):
    """A signed version: ``document`` is the exact text whose SHA-256 (of its UTF-8) is ``sha256``."""

    plan: str
    plan_version: int
    amends: int | None
    document: str


class PlanAnswer(Answer):
    """The whole plan."""

    id: str
    patient: str
    version: int
    goals: list[GoalAnswer]
    steps: list[StepAnswer]
    gates: list[GateAnswer]
    notes: list[NoteAnswer]
    signed: SignedSummary | None
    changed_since_signing: bool


def plan_answer(plan: Plan, *, team: bool) -> PlanAnswer:
    """The answer for *plan*; the team's notes are named only to the *team*."""
    audiences = ("shared", "team", "own") if team else ("shared",)
    signed = signed_json(plan.signed, plan.id) if plan.signed else None
    return PlanAnswer.model_validate(
        {
            "id": str(plan.id),
            "patient": str(plan.patient),
            "version": plan.version,
            "goals": [goal_json(goal) for goal in plan.goals],
            "steps": [step_json(step) for step in plan.steps],
            "gates": [gate_json(one) for one in plan.gates],
            "notes": [{"audience": one, "socket": f"/notes/{plan.id}?audience={one}"} for one in audiences],
            "signed": signed,
            "changed_since_signing": plan.changed_since_signing,
        }
    )


def _weeks(schedule: list[WeekBody]) -> tuple[Week, ...]:
    return tuple(Week(stage.week, stage.amount) for stage in schedule)


def _noted(places: list[NotedBody]) -> tuple[Noted, ...]:
    return tuple(dict.fromkeys(Noted(one.kind, one.id, one.place.strip()) for one in places))
