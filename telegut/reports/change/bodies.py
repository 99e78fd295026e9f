"""The types of a comparison over time in the API."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from telegut.reports.change.reasons import Code, Words
from telegut.reports.change.service import Beside
from telegut.reports.described import collected_on
from telegut.web.api import Answer


class ReasonAnswer(Answer):
    """Why it cannot be told."""

    code: Code
    text: str


class BandAnswer(Answer):
    """Factors between which 95 of 100 untreated people stay."""

    low: float
    high: float


class RungAnswer(Answer):
    """One genus; *bound*: it is in one sample alone, and *fold* is the least that the change can be."""

    name: str
    earlier_percent: float | None
    later_percent: float | None
    fold: float | None
    log_fold: float | None
    bound: bool
    band: BandAnswer | None
    words: Words
    reason: Code | None
    why: str


class SpreadAnswer(Answer):
    """Percentiles of distances."""

    p5: float
    median: float
    p95: float


class DistanceAnswer(Answer):
    """How far apart the two samples are."""

    measure: Literal["Bray-Curtis"]
    rank: Literal["species", "genus"]
    value: float | None
    words: Words
    reason: Code | None
    same_person: SpreadAnswer | None
    different_people: SpreadAnswer | None
    same_stool_twice: SpreadAnswer | None


class ShannonAnswer(Answer):
    """Shannon's index in both samples."""

    rank: Literal["species", "genus"]
    log_base: Literal["e"]
    earlier: float | None
    later: float | None
    change: float | None
    words: Words
    reason: Code | None
    sd: float | None
    usual: float | None
    same_stool: float | None


class VersusAnswer(Answer):
    """Change over time, or why it may not be compared: then there is no ladder, no distance, and nothing else."""

    later: UUID
    earlier: UUID
    later_collected: date | None
    earlier_collected: date | None
    comparable: bool
    words: Words
    why: str
    reasons: list[ReasonAnswer]
    ladder: list[RungAnswer]
    judged: int
    beyond: int
    beyond_by_chance: float
    distance: DistanceAnswer | None
    shannon: ShannonAnswer | None
    unstated: list[str]
    source: str | None

    @classmethod
    def of(cls, found: Beside) -> VersusAnswer:
        """*found* for the wire."""
        return cls(
            later=found.later.id,
            earlier=found.earlier.id,
            later_collected=collected_on(found.later.metadata),
            earlier_collected=collected_on(found.earlier.metadata),
            **found.said.as_answer(),
        )
