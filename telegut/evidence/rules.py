"""
One row of the evidence base, and what a row may not be. Pure.

A row speaks about people: about a thing done for them (``care``), about what was seen together in them
(``association``), or about tests of stool (``testing``). Only rows about care support a step of a plan, and no row ties
a step to a taxon. Certainty of care uses the words of GRADE (Guyatt et al., BMJ 2008;336:924).

Source of the shape: the project's domain guide, section 2.1 (read 2026-11-22).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from telegut.errors import FieldError, Invalid
from telegut.evidence.wording import GENERA, promises


class Kind(StrEnum):
    """What a step is about. Only ``probiotic`` is a product with a strain and a count; yoghurt is fermented food."""

    DIET = "diet"
    FIBRE = "fibre"
    FERMENTED_FOOD = "fermented_food"
    PROBIOTIC = "probiotic"
    STRESS = "stress"
    SLEEP = "sleep"
    MOVEMENT = "movement"
    PSYCHOTHERAPY = "psychotherapy"
    OTHER = "other"


class About(StrEnum):
    """What a row speaks of."""

    CARE = "care"
    ASSOCIATION = "association"
    TESTING = "testing"


class Certainty(StrEnum):
    """How sure; the first five are GRADE's words, the others say where GRADE does not fit."""

    VERY_LOW = "very low"
    LOW = "low"
    MODERATE = "moderate"
    MODERATE_TO_HIGH = "moderate to high"
    HIGH = "high"
    GUIDELINE = "guideline"
    ASSOCIATION = "association, not cause"
    MEASURED = "measured"
    CONSENSUS = "consensus"


UNREVIEWED: Final = "not yet confirmed by a specialist"
CLINIC_FROM: Final = 1_001
"""A clinic's own versions are numbered from here, so that they never meet the numbers that telegut ships."""
WORDS_LENGTH: Final = 1_000
"""Longest text of a row, in characters: a row is a summary that people read whole."""
POINTS_AT_MOST: Final = 8
"""Further sentences of a row."""
IDENTIFIER: Final = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)+")
"""``DIET-SMILES``: what a row is called, for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """
    One version of one row.

    design: how it was found out. population and comparator: in whom, against what. effect: with its interval where one
    was published. may_say: the sentence a patient reads; points: further ones. beside: rows that must be shown with
    this one (null and opposite findings). gates: safety questions of a step that cites it, besides those of its kind.
    kinds: steps that may cite it. taxa: genera that an association is about.
    """

    id: str
    version: int = 1
    about: About = About.CARE
    checked: date
    reviewer: str = UNREVIEWED
    intervention: str
    design: str
    population: str
    comparator: str
    outcome: str
    effect: str
    certainty: Certainty
    may_say: str
    points: tuple[str, ...] = ()
    must_not_say: str
    source: str
    kinds: tuple[Kind, ...] = ()
    gates: tuple[str, ...] = ()
    restricts: bool = False
    beside: tuple[str, ...] = ()
    taxa: tuple[str, ...] = ()

    @property
    def stamp(self) -> str:
        """``DIET-SMILES 1``: what a page writes beside a sentence of this row."""
        return f"{self.id} {self.version}"


TEXTS: Final = (
    "intervention",
    "design",
    "population",
    "comparator",
    "outcome",
    "effect",
    "may_say",
    "must_not_say",
    "source",
)
"""Every text that a row needs."""


def check(row: Evidence, *, shipped: Evidence | None, known: Mapping[str, Evidence], gates: Collection[str]) -> None:
    """
    Refuse a row that says too much or hides something.

    shipped: telegut's own row of this name, whose null findings and gates stay. known: the rows of now by name.
    gates: the safety questions that there are.

    Raises:
        Invalid: with one error for each field that is wrong.
    """
    errors = [*_words(row), *_sense(row), *_neighbours(row, shipped, known), *_gates(row, shipped, gates)]
    if errors:
        raise Invalid(errors=errors)


def _words(row: Evidence) -> Iterator[FieldError]:
    if IDENTIFIER.fullmatch(row.id) is None:
        yield FieldError("id", "A name like DIET-SMILES: capital letters, figures and hyphens.")
    for name in TEXTS:
        if not getattr(row, name).strip():
            yield FieldError(name, "Please fill this in; a row says all of it.")
    for name, text in (("may_say", row.may_say), *(("points", one) for one in row.points)):
        found = promises(text)
        if found:
            yield FieldError(name, f"“{found}” promises more than a study can. Please say what was seen.")
        genus = GENERA.search(text) if row.about is About.CARE else None
        if genus:
            yield FieldError(name, f"A row about care says nothing of a taxon ({genus[0]}).")


def _sense(row: Evidence) -> Iterator[FieldError]:
    if row.about is not About.CARE and row.kinds:
        yield FieldError("kinds", "Only a row about care supports a step.")
    if row.about is not About.CARE and (row.restricts or row.gates):
        yield FieldError("gates", "Only a row about care has safety questions.")
    if (row.about is About.ASSOCIATION) != (row.certainty is Certainty.ASSOCIATION):
        yield FieldError("certainty", "An association is an association, not a cause; nothing else is one.")
    if row.taxa and row.about is not About.ASSOCIATION:
        yield FieldError("taxa", "Only an association names a taxon.")
    if row.taxa and not row.beside:
        yield FieldError("beside", "An association needs the null or opposite findings beside it.")


def _neighbours(row: Evidence, shipped: Evidence | None, known: Mapping[str, Evidence]) -> Iterator[FieldError]:
    for name in row.beside:
        if name == row.id or name not in known:
            yield FieldError("beside", f"There is no other row called {name}.")
    lost = sorted(set(shipped.beside if shipped else ()) - set(row.beside))
    if lost:
        yield FieldError("beside", f"{', '.join(lost)} must stay beside this row.")


def _gates(row: Evidence, shipped: Evidence | None, gates: Collection[str]) -> Iterator[FieldError]:
    for name in row.gates:
        if name not in gates:
            yield FieldError("gates", f"There is no safety question called {name}.")
    lost = sorted(set(shipped.gates if shipped else ()) - set(row.gates))
    if lost:
        yield FieldError("gates", f"A clinic may add safety questions, not take away: {', '.join(lost)}.")
