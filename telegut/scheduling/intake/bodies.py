"""What clients send about forms and what we answer."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr

from telegut.scheduling.intake.forms import Form
from telegut.scheduling.intake.rules import (
    OPTIONS_AT_MOST,
    QUESTIONS_AT_MOST,
    Content,
    Kind,
    Question,
)
from telegut.scheduling.intake.service import Sheet
from telegut.scheduling.intake.sheets import Given
from telegut.web.api import Answer, Body, Instant

GivenValue = StrictBool | StrictInt | StrictFloat | StrictStr | list[StrictStr] | None
"""Of any length: what fits depends on the question, and `rules.check_value` says it in its words."""
QuestionKind = Literal["text", "long_text", "yes_no", "choice", "choices", "number", "date", "consent"]


class QuestionBody(Body):
    """One question; see `rules.Question`."""

    id: str
    group: str = Field(max_length=120)
    kind: QuestionKind
    text: str
    help: str = ""
    required: bool = False
    options: list[str] = Field(default=[], max_length=OPTIONS_AT_MOST)
    unit: str = Field("", max_length=20)
    low: float | None = None
    high: float | None = None
    fact: str | None = None

    def question(self) -> Question:
        """The question that is meant; not checked."""
        return Question(
            id=self.id,
            group=self.group.strip(),
            kind=Kind(self.kind),
            text=self.text.strip(),
            help=self.help.strip(),
            required=self.required,
            options=tuple(one.strip() for one in self.options),
            unit=self.unit.strip(),
            low=self.low,
            high=self.high,
            fact=self.fact,
        )


class FormBody(Body):
    """
    The whole form for a kind of visit; no questions: nothing is asked.

    version: of the form this change is based on, 0 for the first.
    """

    service: UUID
    version: int = Field(0, ge=0)
    title: str = Field(min_length=1, max_length=120)
    intro: str = Field("", max_length=1000)
    minutes: int = Field(3, ge=1, le=60)
    questions: list[QuestionBody] = Field(max_length=QUESTIONS_AT_MOST)

    def content(self) -> Content:
        """The content that is meant; not checked."""
        questions = tuple(one.question() for one in self.questions)
        return Content(self.title.strip(), self.intro.strip(), self.minutes, questions)


class AnswersBody(Body):
    """Some answers by question, null to take one back; and questions whose earlier answer still holds."""

    answers: dict[str, GivenValue] = Field(default={}, max_length=QUESTIONS_AT_MOST)
    keep: list[str] = Field(default=[], max_length=QUESTIONS_AT_MOST)


class QuestionAnswer(Answer):
    """One question of a form."""

    id: str
    group: str
    kind: str
    text: str
    help: str
    required: bool
    options: list[str]
    unit: str
    low: float | None
    high: float | None
    fact: str | None

    @classmethod
    def of(cls, one: Question) -> QuestionAnswer:
        """As an answer."""
        return cls(
            id=one.id,
            group=one.group,
            kind=one.kind.value,
            text=one.text,
            help=one.help,
            required=one.required,
            options=list(one.options),
            unit=one.unit,
            low=one.low,
            high=one.high,
            fact=one.fact,
        )


class FormAnswer(Answer):
    """A form at one version."""

    id: UUID
    service: UUID
    version: int
    title: str
    intro: str
    minutes: int
    questions: list[QuestionAnswer]

    @classmethod
    def of(cls, one: Form) -> FormAnswer:
        """As an answer."""
        content = one.content
        return cls(
            id=one.id,
            service=one.service,
            version=one.version,
            title=content.title,
            intro=content.intro,
            minutes=content.minutes,
            questions=[QuestionAnswer.of(each) for each in content.questions],
        )


class GivenAnswer(Answer):
    """
    What was answered and when; *kept*: an earlier answer that still holds.

    hidden: there is one, and who came by a personal link is not shown it.
    """

    value: bool | float | str | list[str] | None
    at: Instant
    kept: bool
    hidden: bool

    @classmethod
    def of(cls, one: Given, *, reads: bool) -> GivenAnswer:
        """As an answer."""
        return cls(value=one.value if reads else None, at=one.at, kept=one.kept_from is not None, hidden=not reads)


class SheetAnswer(Answer):
    """One appointment's form: what is asked, what was answered, and what is known from before, by question."""

    appointment: UUID
    state: Literal["none", "open", "draft", "submitted"]
    editable: bool
    form: FormAnswer | None
    answers: dict[str, GivenAnswer]
    known: dict[str, GivenAnswer]
    submitted_at: Instant | None

    @classmethod
    def of(cls, one: Sheet) -> SheetAnswer:
        """As an answer."""
        return cls.model_validate(
            {
                "appointment": one.appointment.id,
                "state": one.state,
                "editable": one.editable,
                "form": FormAnswer.of(one.form) if one.form else None,
                "answers": {name: GivenAnswer.of(each, reads=one.reads) for name, each in one.answers.items()},
                "known": {name: GivenAnswer.of(each, reads=one.reads) for name, each in one.known.items()},
                "submitted_at": one.submitted_at,
            }
        )
