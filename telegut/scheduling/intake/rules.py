"""
What a form may ask and what answers it. Pure.

A question may be about a known *fact* (``allergies``, ``medicines``, …): what was once told about it is shown again and
kept with one tap, so that nothing is asked twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from telegut.errors import FieldError, Invalid

QUESTIONS_AT_MOST: Final = 40
OPTIONS_AT_MOST: Final = 20
TEXT_LENGTH: Final = 300
LONG_TEXT_LENGTH: Final = 4000
WORDING_LENGTH: Final = 500
"""In characters; of a question's text, its help, an option."""
SHAPE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""Ids of questions and names of facts."""
YEARS: Final = range(1900, 2101)

Value = str | bool | float | list[str]


class Kind(StrEnum):
    """How a question is answered."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    NUMBER = "number"
    DATE = "date"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """
    One question of a form.

    id: stays the same over versions. group: the heading of the screen it stands on. unit, low, high: of a number.
    """

    id: str
    group: str
    kind: Kind
    text: str
    help: str = ""
    required: bool = False
    options: tuple[str, ...] = ()
    unit: str = ""
    low: float | None = None
    high: float | None = None
    fact: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What a form is at one version. *minutes*: about how long it takes."""

    title: str
    intro: str = ""
    minutes: int = 3
    questions: tuple[Question, ...] = ()

    def question(self, name: str) -> Question | None:
        """The question with this id."""
        return next((one for one in self.questions if one.id == name), None)


class NotComplete(Invalid):
    """A question still waits for an answer. What you wrote is kept."""


def check_content(content: Content) -> None:
    """
    Refuse a form that nobody could fill in.

    Raises:
        Invalid: with every question that makes no sense.
    """
    errors = []
    if len(content.questions) > QUESTIONS_AT_MOST:
        errors.append(FieldError("questions", f"A form has {QUESTIONS_AT_MOST} questions at most."))
    seen: set[str] = set()
    for place, one in enumerate(content.questions):
        errors += [FieldError(f"questions.{place}.{field}", message) for field, message in _complaints(one)]
        if one.id in seen:
            errors.append(FieldError(f"questions.{place}.id", "Another question has this id."))
        seen.add(one.id)
    if errors:
        raise Invalid(errors=errors)


def _complaints(one: Question) -> list[tuple[str, str]]:
    found = []
    if not SHAPE.fullmatch(one.id):
        found.append(("id", "An id is a short word of small letters, digits and underscores."))
    if one.fact is not None and not SHAPE.fullmatch(one.fact):
        found.append(("fact", "A fact is a short word of small letters, digits and underscores."))
    if not one.text.strip() or len(one.text) > WORDING_LENGTH:
        found.append(("text", f"A question has 1 to {WORDING_LENGTH} characters."))
    if len(one.help) > WORDING_LENGTH:
        found.append(("help", f"Help has {WORDING_LENGTH} characters at most."))
    if not one.group.strip():
        found.append(("group", "Say under which heading it stands."))
    return found + _option_complaints(one) + _number_complaints(one)


def _option_complaints(one: Question) -> list[tuple[str, str]]:
    chooses = one.kind in {Kind.CHOICE, Kind.CHOICES}
    if not chooses:
        return [("options", "Only a choice has options.")] if one.options else []
    if not 2 <= len(one.options) <= OPTIONS_AT_MOST:
        return [("options", f"A choice has 2 to {OPTIONS_AT_MOST} options.")]
    if len(set(one.options)) != len(one.options) or not all(option.strip() for option in one.options):
        return [("options", "Each option is there once, with words.")]
    return []


def _number_complaints(one: Question) -> list[tuple[str, str]]:
    bounded = (one.low, one.high) != (None, None)
    if one.kind is not Kind.NUMBER:
        return [("unit", "Only a number has a unit and bounds.")] if one.unit or bounded else []
    if one.low is not None and one.high is not None and one.low > one.high:
        return [("high", "The largest number is below the smallest.")]
    return []


def check_value(question: Question, value: object) -> Value | None:
    """
    An answer as it is kept; None when nothing was said.

    Raises:
        ValueError: with a sentence for the person.
    """
    if value is None or value == "" or value == []:
        return None
    return _CHECKS[question.kind](question, value)


def _text(question: Question, value: object) -> Value | None:
    limit = TEXT_LENGTH if question.kind is Kind.TEXT else LONG_TEXT_LENGTH
    if not isinstance(value, str):
        raise ValueError("Please answer in words.")
    if len(value) > limit:
        raise ValueError(f"Please use {limit} characters at most.")
    return value.strip() or None


def _yes_no(_question: Question, value: object) -> Value:
    if not isinstance(value, bool):
        raise ValueError("Please answer with yes or no.")
    return value


def _consent(_question: Question, value: object) -> Value | None:
    if not isinstance(value, bool):
        raise ValueError("Please tick this, or leave it open.")
    return True if value else None


def _choice(question: Question, value: object) -> Value:
    if not isinstance(value, str) or value not in question.options:
        raise ValueError("Please choose one of these.")
    return value


def _choices(question: Question, value: object) -> Value:
    if not isinstance(value, list) or not all(isinstance(one, str) and one in question.options for one in value):
        raise ValueError("Please choose among these.")
    return [option for option in question.options if option in value]


def _number(question: Question, value: object) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise ValueError("Please give a number.")
    low, high = question.low, question.high
    if (low is not None and value < low) or (high is not None and value > high) or abs(value) > 1e9:
        raise ValueError(_between(low, high))
    return float(value)


def _between(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"Please give a number between {low:g} and {high:g}."
    if low is not None:
        return f"Please give a number from {low:g} on."
    return f"Please give a number up to {high:g}." if high is not None else "This number is too large."


def _date(_question: Question, value: object) -> Value:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise ValueError("Please give a day, such as 2026-11-24.")
    return day.isoformat()


_CHECKS: Final[Mapping[Kind, Callable[[Question, object], Value | None]]] = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _text,
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.CONSENT: _consent,
}


def check_answers(content: Content, answers: Mapping[str, object]) -> dict[str, Value | None]:
    """
    Answers as they are kept, by question.

    Raises:
        Invalid: with every answer that cannot be, and every name that is no question.
    """
    kept: dict[str, Value | None] = {}
    errors = []
    for name, value in answers.items():
        question = content.question(name)
        if question is None:
            errors.append(FieldError("answers", "One of these is not a question of this form."))
            continue
        try:
            kept[name] = check_value(question, value)
        except ValueError as problem:
            errors.append(FieldError(f"answers.{name}", str(problem)))
    if errors:
        raise Invalid(errors=errors)
    return kept


def check_kept(content: Content, keep: Iterable[str]) -> None:
    """
    Refuse to keep answers to what is not asked.

    Raises:
        Invalid: one of the names is no question of this form.
    """
    if any(content.question(name) is None for name in keep):
        raise Invalid(errors=[FieldError("keep", "One of these is not a question of this form.")])


def missing(content: Content, answers: Mapping[str, Value | None]) -> list[str]:
    """The required questions without an answer, in the form's order."""
    return [one.id for one in content.questions if one.required and answers.get(one.id) is None]


def check_complete(content: Content, answers: Mapping[str, Value | None]) -> None:
    """
    Let a form in when everything that has to be answered is.

    Raises:
        NotComplete: with each question that waits.
    """
    waiting = missing(content, answers)
    if waiting:
        raise NotComplete(errors=[FieldError(f"answers.{name}", "This one needs an answer.") for name in waiting])


def groups(questions: Sequence[Question]) -> list[tuple[str, list[Question]]]:
    """The screens of a form: questions that stand together under one heading, in order."""
    found: list[tuple[str, list[Question]]] = []
    for one in questions:
        if found and found[-1][0] == one.group:
            found[-1][1].append(one)
        else:
            found.append((one.group, [one]))
    return found
