"""
What stands before the microbes on a patient's report: goals, how they feel, what they eat. The shapes alone.

Plans and diaries are strangers to reports: whoever puts telegut together (`telegut.home.before`) answers the question.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from telegut.db.caller import Caller
from telegut.evidence.library import Shown


@dataclass(frozen=True, slots=True)
class Felt:
    """The newest value of one measure: what it is called, the value as it is read, the day in words, its scale."""

    title: str
    value: str
    day: str
    scale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    One step that the patient agreed to.

    food: whether it is about eating. amount: of this week, in their words. done, said: days of the last two weeks on
    which it was done or partly done, and days of which something was said. cited: what the step rests on.
    """

    id: UUID
    title: str
    food: bool
    amount: str = ""
    done: int = 0
    said: int = 0
    cited: Shown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """
    Everything before the microbes.

    weights_hidden: the safety question about eating disorders was not answered with no, so weights and calories are
    folded away.
    """

    goals: tuple[str, ...] = ()
    felt: tuple[Felt, ...] = ()
    steps: tuple[Step, ...] = ()
    weights_hidden: bool = True


Ask = Callable[[Caller, UUID], Awaitable[Before]]
"""The question for a patient, asked as the caller."""
BEFORE: web.AppKey[Ask] = web.AppKey("reports_before")
