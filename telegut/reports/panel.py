"""
A report as people look at it: which bars, which rows, which words. Pure; no advice and no judgement in any of them.

Two readers, one page. A clinician gets the 15 largest genera and every fact about the method (domain research, section
8.1); a patient gets the ten largest, each with one neutral sentence (8.2). What could not be named is always a bar.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from telegut.reports import carried, depth, statements
from telegut.reports.cohorts.comparison import Comparison
from telegut.reports.cohorts.strips import Line, diversity, lacking, lines
from telegut.reports.composition import Bar, bars_of, whole_of
from telegut.reports.described import brought_by_patient, collected_on
from telegut.reports.facts import Fact, label, method_facts, person_facts, unstated
from telegut.reports.formats.typed import FORMAT as TYPED
from telegut.reports.listed_whole import is_whole
from telegut.reports.shelf import Stored
from telegut.web.words import gettext as _

GENERA_FOR_CLINICIANS = 15
GENERA_FOR_PATIENTS = 10

FOR_THE_TEAM = frozenset({"same_file"})
"""Warnings for the care team alone: how files were handed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Everything that the template of a report shows."""

    report: Stored
    for_clinician: bool
    bars: tuple[Bar, ...]
    method: tuple[Fact, ...]
    person: tuple[Fact, ...]
    missing: tuple[str, ...]
    brought: bool
    handed_in_by: str
    warnings: tuple[dict[str, str], ...]
    evidence: str
    comparison: str
    compared: Comparison | None
    beside: tuple[Line, ...]
    lacking: tuple[Line, ...]
    diversity_beside: Line | None
    collected: date | None
    age_days: int | None
    whole: str

    @property
    def answer(self) -> dict[str, Any]:
        """The reading; only when the report is ready."""
        return self.report.answer or {}

    @property
    def typed(self) -> bool:
        """Whether the numbers are a person's copy of a document, which nobody but them has read."""
        return bool(self.answer["format"] == TYPED)

    def unstated_of(self, fact: Fact) -> str:
        """What is said in place of *fact* when nobody told it; the document of typed numbers may tell it."""
        return _("not stated") if self.typed or not fact.by_lab else _("not stated by the lab")

    @property
    def whole_listed(self) -> bool:
        """Whether the rows are the whole sample, so that what is not among them was not found."""
        return is_whole(self.answer)

    @property
    def depth_on_genera(self) -> str:
        """The reads that diversity rests on, in words."""
        return depth.on_genera(self.answer)

    @property
    def by_guardian(self) -> bool:
        """Of a report that was brought: whether somebody else than the patient did."""
        return self.report.uploaded_by not in (None, self.report.patient)

    @property
    def method_line(self) -> str:
        """The method in one line, as a badge; of a document, that somebody typed it."""
        if self.typed:
            return _("typed by hand")
        method = self.answer["method"]
        return ", ".join(str(method[name]) for name in ("pipeline", "region") if method[name])


def panel_of(
    report: Stored,
    *,
    for_clinician: bool,
    now: datetime,
    handed_in_by: str = "",
    compared: Comparison | None = None,
) -> Panel:
    """
    *report* for one kind of reader, at *now* (for the age of the sample).

    handed_in_by: their name, where known. compared: the report beside its group, made for the same reader.
    """
    on = collected_on(report.metadata)
    said = report.answer
    return Panel(
        report=report,
        for_clinician=for_clinician,
        bars=tuple(bars_of(said, GENERA_FOR_CLINICIANS if for_clinician else GENERA_FOR_PATIENTS)) if said else (),
        method=method_facts(report),
        person=person_facts(report),
        missing=tuple(label(name) for name in unstated(report)),
        brought=brought_by_patient(report.metadata, from_family=report.from_family),
        handed_in_by=handed_in_by,
        warnings=tuple(_warnings(said, for_clinician=for_clinician)) if said else (),
        evidence=_(statements.EVIDENCE),
        comparison=_(statements.WITHOUT_COMPARISON) if compared is None else compared.why,
        compared=compared,
        beside=()
        if compared is None
        else lines(compared, GENERA_FOR_CLINICIANS if for_clinician else GENERA_FOR_PATIENTS),
        lacking=() if compared is None else lacking(compared),
        diversity_beside=None if compared is None else diversity(compared),
        collected=on,
        age_days=(now.date() - on).days if on is not None and on <= now.date() else None,
        whole=whole_of(said["denominator"]) if said else "",
    )


def _warnings(said: dict[str, Any], *, for_clinician: bool) -> list[dict[str, str]]:
    if for_clinician:
        return list(said["warnings"])
    return [carried.for_the_family(one) for one in said["warnings"] if one["code"] not in FOR_THE_TEAM]
