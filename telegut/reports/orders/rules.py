"""
A test from its order to its report. Pure.

::

    ordered ──► described ──► taken ──► reported
       └────────────┴───────────┴─► cancelled

A file that was refused answers nothing: another one may take its place.

*ordered*: somebody of the care team wants it, and says why and by which protocol. *described*: what a laboratory's
report needs to be understood was asked before the sample, and the patient goes on with treatment and diet as they are.
Both come from the international consensus (Porcari et al., Lancet Gastroenterol Hepatol 2025;10:154-167): tests are
ordered by professionals, metadata are part of a report, and nobody stops a treatment for a test.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal

from telegut.reports.described import PERSON, REFINING, open_in

State = Literal["ordered", "described", "taken", "reported", "cancelled"]
Profession = Literal["physician", "pharmacist", "dietitian", "nutritionist", "psychologist", "other"]

ASKED = PERSON
"""What is asked before the sample."""
OF_WEIGHT = frozenset({"bmi"})
"""
Never demanded and folded away: a number of weight can harm who has, had or may have an eating disorder, and these forms
are filled in before anybody was asked about that (domain research 2.2 and 8.2). A report without it says so.
"""
NEEDED = tuple(name for name in ASKED if name not in REFINING | OF_WEIGHT)
"""Without these nobody can say what a sample shows. "None" and "I would rather not say" are answers."""
UNCHANGED = "unchanged"
"""The detail that says: treatment and diet go on as they are."""

OPEN: frozenset[State] = frozenset({"ordered", "described", "taken"})
"""States in which a report may still answer the order."""
FOR_THE_FAMILY: frozenset[State] = frozenset({"ordered", "described"})
"""States in which the patient's side is the one who can go on: the form before the sample, then the sample."""

CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""For the code that is written on a kit: no signs that are taken for one another (0 and O, 1, I and L, U and V)."""
CODE_LENGTH = 8


def open_details(details: Mapping[str, Any]) -> list[str]:
    """What the form before the sample still asks; empty when it is complete."""
    return [name for name in NEEDED if open_in(details, name)] + ([] if details.get(UNCHANGED) is True else [UNCHANGED])


def after_details(state: State, details: Mapping[str, Any]) -> State:
    """Where an order in *state* is once *details* are known; later states stay."""
    if state not in {"ordered", "described"}:
        return state
    return "ordered" if open_details(details) else "described"


def too_soon_until(taken: Iterable[date], months: int, today: date) -> date | None:
    """
    The day from which a second sample makes sense by its protocol, *months* after the last of those *taken*.

    ``None``: that day has come, or there is no sample before. Of a month that is too short, its last day.
    """
    last = max((day for day in taken if day <= today), default=None)
    if last is None:
        return None
    year, month = divmod(last.month - 1 + months, 12)
    days = monthrange(last.year + year, month + 1)[1]
    soonest = date(last.year + year, month + 1, min(last.day, days))
    return soonest if soonest > today else None


def shown_code(code: str) -> str:
    """As it is written on a kit: two groups of four."""
    return f"{code[:4]}-{code[4:]}"


def filling(details: Mapping[str, Any]) -> dict[str, Any]:
    """What a report takes over from the form; the promise is not a field of it."""
    return {name: value for name, value in details.items() if name != UNCHANGED}
