"""
The patient's report as a document: sections of lines, in their order. The page and the PDF are both written from it, so
that they say the same words. The shapes alone; `telling` and `microbes` fill them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from telegut.reports.cohorts.strips import Strip
from telegut.reports.patient.levels import Level

Kind = Literal["lines", "bars", "remarks", "facts"]
DEEPEST = 4
"""Marks of the depth of evidence: one very thin, four good."""


@dataclass(frozen=True, slots=True)
class About:
    """What a question about a line cites: a kind of place that messages know, its id, its name."""

    kind: Literal["finding", "plan_step", "report"]
    id: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """
    One line.

    title: its beginning, set apart (a group, a step). evidence: the row that it claims by. depth: marks of the depth of
    evidence. value, length: of a bar, in words and from 0 to 100; kind: what a bar is of, or ``statement``. strip: its
    place beside a group of people. warning: the code of a remark. under: belongs to the line before it. weight: about
    weight or calories, folded away for whom that may harm.
    """

    text: str = ""
    title: str = ""
    about: About | None = None
    evidence: str = ""
    depth: int | None = None
    value: str = ""
    length: float | None = None
    kind: str = ""
    reads: int | None = None
    strip: Strip | None = None
    warning: str = ""
    under: bool = False
    weight: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and its lines. intro: a sentence before them."""

    id: str
    title: str
    lines: tuple[Line, ...]
    kind: Kind = "lines"
    intro: str = ""
    intro_evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The whole report of a patient: what stands first, the microbes, and where it all comes from."""

    level: Level
    first: tuple[Section, ...]
    microbes: tuple[Section, ...]
    origin: Section

    @property
    def sections(self) -> tuple[Section, ...]:
        """All of it, in reading order."""
        return (*self.first, *self.microbes, self.origin)
