"""
What a care plan is made of, and what may be done to it. Pure: no clock, no database.

A step is proposed by the care team and belongs to the patient only once they accept it::

    asked ──accept──▶ accepted          active ──▶ paused ──▶ active
      ▲  └──decline─▶ declined             └─────▶ done | stopped
      └── the team changes what the step says

Stopping and pausing are always possible; going on (``active``) needs every safety gate open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from telegut.careplan.noted.rules import Noted
from telegut.errors import Conflict, FieldError, Invalid, NotFound, Refused
from telegut.evidence.findings_in_words import refused
from telegut.evidence.rules import Kind as Kind

TITLE_LENGTH = 200
"""Longest title of a goal or step, in characters."""
DETAILS_LENGTH = 4_000
"""Longest free text of a goal or step, in characters."""
SCHEDULE_WEEKS = 52
"""A gradual schedule names weeks 1 to this."""


class Why(StrEnum):
    """Why this step for this person. A taxon is never a reason, so there is no word for one."""

    PREFERENCE = "preference"
    INTAKE = "intake"
    SYMPTOM = "symptom"
    GOAL = "goal"
    PROFESSIONAL_JUDGEMENT = "professional_judgement"


class StepStatus(StrEnum):
    """Where a step is."""

    ACTIVE = "active"
    PAUSED = "paused"
    DONE = "done"
    STOPPED = "stopped"


class GoalStatus(StrEnum):
    """Where a goal is."""

    ACTIVE = "active"
    REACHED = "reached"
    DROPPED = "dropped"


class Acceptance(StrEnum):
    """What the patient says to a step; ``asked`` until they answer."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class HowItWent(StrEnum):
    """How a step went on one day. A missed step is a fact, not a fault."""

    DONE = "done"
    PARTLY = "partly"
    NOT = "not"


class Audience(StrEnum):
    """Who a live note is for; one document each."""

    SHARED = "shared"
    TEAM = "team"
    OWN = "own"


class BothEdited(Conflict):
    """Somebody changed this a moment ago. Nothing of yours is lost: look at both and send it again."""

    code = "stale_version"


class NothingToSign(Conflict):
    """Nothing has changed since this plan was signed."""


class OnlyThePatient(Refused):
    """Only the patient can answer for a step."""


class OnlyTheTeam(Refused):
    """Only the care team can change the plan."""


class NotYours(NotFound):
    """There is no such note for you."""


@dataclass(frozen=True, slots=True)
class Week:
    """One stage of a gradual schedule: from *week* on (1 is the first), this *amount*, in the patient's words."""

    week: int
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepContent:
    """What a step says."""

    title: str
    kind: Kind
    details: str = ""
    why: Why = Why.PROFESSIONAL_JUDGEMENT
    why_words: str = ""
    evidence: str | None = None
    evidence_version: int | None = None
    restricts: bool = False
    schedule: tuple[Week, ...] = ()
    noted: tuple[Noted, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalContent:
    """What a goal says."""

    title: str
    details: str = ""


def check_words(content: StepContent | GoalContent) -> None:
    """
    Refuse words that tie a step or a goal to what a stool sample showed: a taxon, a ratio, a score.

    Raises:
        Invalid: with the field, what it was, and what to write instead.
    """
    texts = [("title", content.title), ("details", content.details)]
    if isinstance(content, StepContent):
        texts += [("why_words", content.why_words), *(("schedule", stage.amount) for stage in content.schedule)]
    if errors := refused(texts):
        raise Invalid(errors=errors)


def check_note(text: str) -> None:
    """
    Refuse to sign a shared note that is tied to what a stool sample showed: what is signed is the clinic's word.

    Raises:
        Invalid: with what it was, and what to write instead.
    """
    if errors := refused([("shared_note", text)]):
        raise Invalid(f"In the shared note: {errors[0].message}", errors=errors)


def check_schedule(schedule: Sequence[Week]) -> None:
    """
    Refuse a schedule that is not a climb through distinct weeks.

    Raises:
        Invalid: a week out of 1 to 52, twice, or out of order.
    """
    weeks = [stage.week for stage in schedule]
    if any(not 1 <= week <= SCHEDULE_WEEKS for week in weeks):
        raise Invalid(errors=[FieldError("schedule", f"Weeks are numbered 1 to {SCHEDULE_WEEKS}.")])
    if weeks != sorted(set(weeks)):
        raise Invalid(errors=[FieldError("schedule", "Each week appears once, the earliest first.")])


def acceptance_after(before: StepContent, after: StepContent, acceptance: Acceptance) -> Acceptance:
    """What an answer is worth after an edit: the patient accepted what they read, not what it became; see `Noted`."""
    return acceptance if replace(before, noted=()) == replace(after, noted=()) else Acceptance.ASKED


def same_words(before: StepContent, after: StepContent) -> bool:
    """Whether a step says what it said, whatever version of its evidence is written down."""
    return replace(before, evidence_version=None) == replace(after, evidence_version=None)


def needs_open_gates(status: StepStatus) -> bool:
    """Whether a step in *status* asks the patient to do something."""
    return status is StepStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a gradual schedule is today: *week* of *weeks*, and the amount of this stage (None without schedule)."""

    week: int
    weeks: int
    amount: str | None


def stage_on(schedule: Sequence[Week], starts_on: date | None, today: date) -> Stage | None:
    """
    The stage of *today*, or None before the start.

    *today* is the patient's own date. Without a start the step runs since ever, in its last stage.
    """
    if starts_on is not None and today < starts_on:
        return None
    last = schedule[-1].week if schedule else 0
    week = (today - starts_on).days // 7 + 1 if starts_on is not None else last
    amounts = [stage.amount for stage in schedule if stage.week <= week]
    return Stage(min(week, last) if last else week, last, amounts[-1] if amounts else None)


def check_day(day: date, *, today: date, back: timedelta) -> None:
    """
    Refuse a report about a day that has not come, or is too long ago to remember.

    Raises:
        Invalid: *day* is after *today* or more than *back* before it.
    """
    if day > today:
        raise Invalid(errors=[FieldError("day", "This day has not come yet.")])
    if day < today - back:
        raise Invalid(errors=[FieldError("day", f"This is more than {back.days} days ago.")])


def check_version(known: int, current: int) -> None:
    """
    Refuse a change that was based on an older state.

    Raises:
        BothEdited: *known* is not *current*.
    """
    if known != current:
        raise BothEdited


def pinned(content: StepContent, version: int | None) -> StepContent:
    """*content* with the version of its evidence row written down."""
    return replace(content, evidence_version=version)
