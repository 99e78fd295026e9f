"""
What a protocol says, and what a sample inherits of it. Pure.

A clinic's standard way to take samples: kit, laboratory, method, how the patient goes about it, when a second sample
makes sense. What a report's own papers say always goes before the protocol, which only fills what they leave open;
the names of what was filled are kept (``inherited``), so that a page can say where each line comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from telegut.errors import FieldError, Invalid
from telegut.evidence.findings_in_words import refused
from telegut.reports.described import open_in

STATED = (
    "kit",
    "storage",
    "country",
    "laboratory",
    "accreditation",
    "extraction",
    "amplification",
    "region",
    "platform",
    "pipeline",
    "database",
)
"""The fields of a report that a protocol may state."""

NEEDED = ("kit", "laboratory", "extraction", "amplification", "pipeline", "database")
"""Without these a protocol would not make samples comparable; "not stated by the lab" is an answer."""

FEWEST_MONTHS = 3
"""
A second sample comes no sooner (domain research, section 9): genera change by large factors from month to month in
people who change nothing, so an earlier one answers no question.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """
    One version of a protocol.

    states: field of `STATED` to its words. instructions: for the patient, in plain words. retest_months: the soonest
    second sample. group: the control group (a comparison group's id) that samples are held beside first.
    """

    name: str
    states: Mapping[str, str]
    instructions: str = ""
    retest_months: int = FEWEST_MONTHS
    group: UUID | None = None

    def kept(self) -> dict[str, Any]:
        """As it is kept beside its name."""
        told = asdict(self)
        told.pop("name")
        return {**told, "states": dict(self.states), "group": None if self.group is None else str(self.group)}


def content(name: str, kept: Mapping[str, Any]) -> Content:
    """What `Content.kept` wrote."""
    return Content(
        name=name,
        states=dict(kept["states"]),
        instructions=kept["instructions"],
        retest_months=kept["retest_months"],
        group=None if kept["group"] is None else UUID(kept["group"]),
    )


def check(said: Content) -> None:
    """
    Go on only with a protocol that makes samples comparable.

    Raises:
        Invalid: it leaves one of `NEEDED` open, states something else, or has a second sample too soon.
    """
    wrong = [
        FieldError(f"states.{name}", "is needed; if nobody knows it, write: not stated by the lab")
        for name in NEEDED
        if not said.states.get(name, "").strip()
    ]
    wrong += [
        FieldError(f"states.{name}", "is not a field of a protocol") for name in said.states if name not in STATED
    ]
    wrong += refused([("name", said.name), ("instructions", said.instructions)])
    if not said.name.strip():
        wrong.append(FieldError("name", "is needed"))
    if said.retest_months < FEWEST_MONTHS:
        wrong.append(FieldError("retest_months", f"is {FEWEST_MONTHS} or more"))
    if wrong:
        raise Invalid(errors=wrong)


def inherit(said: Mapping[str, Any], filling: Mapping[str, Any], *, source: str) -> dict[str, Any]:
    """*said* with what it leaves open filled from *filling*; ``inherited`` names each filled field and its *source*."""
    filled = {name: value for name, value in filling.items() if value not in (None, "") and open_in(said, name)}
    inherited = {**said.get("inherited", {}), **dict.fromkeys(filled, source)}
    return {**said, **filled, **({"inherited": inherited} if inherited else {})}
