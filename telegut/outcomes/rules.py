"""What an answer, a diary entry and a series are; how questionnaires are scored. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from telegut.errors import FieldError, Invalid
from telegut.outcomes.instruments import BY_ID, Band, Instrument

T = TypeVar("T")

LOWEST, HIGHEST = 1, 5
"""The scale of mood, gut and sleep in the diary: 1 is very bad, 5 is very good."""
FELT = ("mood", "gut", "sleep")
"""What the diary asks for, each on its own scale."""
NOTE_LENGTH = 2_000


@dataclass(frozen=True, slots=True)
class Score:
    """
    What a questionnaire came to.

    total: None when an item is missing, or when its items stand for themselves. missing: ids of unanswered items.
    """

    total: int | None
    band: Band | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Felt:
    """One look at a day; what was not said is None."""

    mood: int | None = None
    gut: int | None = None
    sleep: int | None = None
    note: str = ""


def instrument(id: str, version: int | None = None) -> Instrument:
    """
    The instrument of that id.

    Raises:
        Invalid: there is none, or not in that version.
    """
    found = BY_ID.get(id)
    if found is None:
        raise Invalid(errors=[FieldError("instrument", "There is no such questionnaire here.")])
    if version is not None and version != found.version:
        raise Invalid(errors=[FieldError("version", f"This questionnaire is at version {found.version}.")])
    return found


def check_answers(asked: Instrument, answers: Mapping[str, int | None]) -> dict[str, int]:
    """
    The answered items, each within its scale; unanswered ones are left out.

    Raises:
        Invalid: an item that this questionnaire does not have, or an answer off its scale.
    """
    items = {item.id: item for item in asked.items}
    errors = []
    for id, value in answers.items():
        item = items.get(id)
        if item is None:
            errors.append(FieldError(f"answers.{id}", "This questionnaire has no such item."))
        elif value is not None and not item.low <= value <= item.high:
            errors.append(FieldError(f"answers.{id}", f"This goes from {item.low} to {item.high}."))
    if errors:
        raise Invalid(errors=errors)
    given = {id: value for id, value in answers.items() if value is not None}
    if not given:
        raise Invalid(errors=[FieldError("answers", "Nothing was answered yet.")])
    return given


def score(asked: Instrument, answers: Mapping[str, int]) -> Score:
    """
    The total of *answers*, which `check_answers` let pass.

    A missing item gives no total: nothing is filled in by guessing.
    """
    missing = tuple(item.id for item in asked.items if item.id not in answers)
    if missing or not asked.has_total:
        return Score(None, None, missing)
    total = sum(answers[item.id] for item in asked.items)
    return Score(total, next((band for band in asked.bands if band.low <= total <= band.high), None), ())


def check_felt(felt: Felt) -> None:
    """
    Refuse an entry that says nothing, or is off the scale.

    Raises:
        Invalid: with one error for each field.
    """
    values = {name: getattr(felt, name) for name in FELT}
    errors = [
        FieldError(name, f"This goes from {LOWEST} to {HIGHEST}.")
        for name, value in values.items()
        if value is not None and not LOWEST <= value <= HIGHEST
    ]
    if errors:
        raise Invalid(errors=errors)
    if not felt.note.strip() and all(value is None for value in values.values()):
        raise Invalid(errors=[FieldError("mood", "Choose at least one, or write a note.")])


def check_day(day: date, *, today: date, back: timedelta) -> None:
    """
    Refuse an entry about a day that has not come, or is too long ago to remember.

    Raises:
        Invalid: *day* is after *today* or more than *back* before it.
    """
    if day > today:
        raise Invalid(errors=[FieldError("day", "This day has not come yet.")])
    if day < today - back:
        raise Invalid(errors=[FieldError("day", f"This is more than {back.days} days ago.")])


def check_span(since: date, until: date, *, longest: timedelta) -> None:
    """
    Refuse a span that ends before it begins, or is longer than *longest*.

    Raises:
        Invalid: it is.
    """
    if until < since:
        raise Invalid(errors=[FieldError("to", "This is before the beginning.")])
    if until - since > longest:
        raise Invalid(errors=[FieldError("from", f"Ask for at most {longest.days} days at once.")])


def newest_of_each_day(entries: Sequence[tuple[date, T]]) -> list[tuple[date, T]]:
    """One entry a day: of several the last, since people correct themselves. *entries* are in the order of writing."""
    return sorted(dict(entries).items())
