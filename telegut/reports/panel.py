"""
A report as people look at it: which bars, which rows, which words. Pure; no advice and no judgement in any of them.

Two readers, one page. A clinician gets the 15 largest genera and every fact about the method (domain research, section
8.1); a patient gets the ten largest, each with one neutral sentence (8.2). What could not be named is always a bar.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from telegut.reports import statements
from telegut.reports.cohorts.comparison import Comparison
from telegut.reports.cohorts.strips import Line, diversity, lacking, lines
from telegut.reports.described import METHOD, ORDER, PERSON, SAMPLE, brought_by_patient, collected_on, missing
from telegut.reports.formats.typed import FORMAT as TYPED
from telegut.reports.rules import UNASSIGNED
from telegut.reports.shelf import Stored
from telegut.web.words import gettext as _
from telegut.web.words import ngettext

GENERA_FOR_CLINICIANS = 15
GENERA_FOR_PATIENTS = 10

FOR_THE_TEAM = frozenset({"same_file"})
"""Warnings about how files were handed in; they say nothing of the sample and are shown to the care team alone."""

Kind = Literal["genus", "rest", "unassigned", "human", "unclassified"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One line of the composition. *length* is 0 to 100, of the longest bar; ``None`` percent is not stated."""

    kind: Kind
    name: str
    percent: float | None
    reads: int | None = None
    length: float = 0
    sentence: str = ""

    @property
    def value(self) -> str:
        """The share in words for a label."""
        return _("not stated in the file") if self.percent is None else share(self.percent)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of "what was measured"; ``None`` is shown as not stated."""

    label: str
    value: str | None


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
    def method_line(self) -> str:
        """The method in one line, as a badge; of a document, that somebody typed it."""
        if self.answer["format"] == TYPED:
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
        bars=tuple(_bars(said, GENERA_FOR_CLINICIANS if for_clinician else GENERA_FOR_PATIENTS)) if said else (),
        method=tuple(_method(report)),
        person=tuple(Fact(label(name), _text(report.metadata.get(name))) for name in PERSON),
        missing=tuple(label(name) for name in missing(report.metadata)),
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
        whole=_whole(said["denominator"]) if said else "",
    )


def _warnings(said: dict[str, Any], *, for_clinician: bool) -> list[dict[str, str]]:
    return [one for one in said["warnings"] if for_clinician or one["code"] not in FOR_THE_TEAM]


def _bars(said: dict[str, Any], most: int) -> list[Bar]:
    genera = [row for row in said["taxa"] if row["rank"] == "genus"]
    named = [row for row in genera if not row["name"].startswith(UNASSIGNED)]
    families = {row["lineage"]: row["name"] for row in said["taxa"] if row["rank"] == "family"}
    bars = [_genus(row, families, said["denominator"]) for row in named[:most]]
    if len(named) > most:
        left = named[most:]
        name = ngettext("one more genus", "%(n)s more genera", len(left))
        bars.append(Bar(kind="rest", name=name, percent=_sum(left), reads=_reads(left)))
    unassigned = [row for row in genera if row["name"].startswith(UNASSIGNED)]
    bars.append(
        Bar(kind="unassigned", name=_("Known, but not to genus"), percent=_sum(unassigned), reads=_reads(unassigned))
    )
    if said["human_percent"]:
        bars.append(Bar(kind="human", name=_("Human"), percent=said["human_percent"], reads=said["human_reads"]))
    bars.append(Bar(kind="unclassified", name=_("Not recognised"), percent=said["unclassified_percent"]))
    longest = max((bar.percent or 0 for bar in bars), default=0) or 1
    return [_drawn(bar, longest) for bar in bars]


def _drawn(bar: Bar, longest: float) -> Bar:
    length = round((bar.percent or 0) / longest * 100, 2)
    return Bar(
        kind=bar.kind,
        name=bar.name,
        percent=bar.percent,
        reads=bar.reads,
        length=length,
        sentence=bar.sentence,
    )


def _genus(row: dict[str, Any], families: dict[str, str], denominator: str) -> Bar:
    family = next((name for lineage, name in families.items() if row["lineage"].startswith(f"{lineage}|")), None)
    return Bar(
        kind="genus",
        name=row["name"],
        percent=row["percent"],
        reads=row["reads"],
        sentence=_sentence(row["percent"], family, denominator),
    )


def _sentence(percent: float, family: str | None, denominator: str) -> str:
    """One neutral sentence: how much of the sample, in natural numbers, and which family it belongs to."""
    values = {"frequency": frequency(percent), "whole": _whole(denominator), "family": family}
    if family is None:
        return _("It makes up %(frequency)s of %(whole)s.", **values)
    return _("It makes up %(frequency)s of %(whole)s and belongs to the family %(family)s.", **values)


def frequency(percent: float) -> str:
    """*percent* as people count: about 21 of 100, about 4 of 1,000."""
    for out_of, text in ((100, "100"), (1_000, "1,000"), (10_000, "10,000")):
        if round(percent / 100 * out_of) >= 1:
            return _("about %(n)s in %(whole)s parts", n=round(percent / 100 * out_of), whole=text)
    return _("less than 1 in 10,000 parts")


def share(percent: float) -> str:
    """*percent* rounded for a label: as many digits as it takes to tell small ones apart, and no more."""
    if percent == 0:
        return "0 %"
    if percent < 0.01:
        return _("under 0.01 %")
    return f"{percent:.1f} %" if percent >= 1 else f"{percent:.2f} %"


def _whole(denominator: str) -> str:
    return {
        "all_reads": _("everything that was sequenced"),
        "classified_reads": _("what could be named"),
        "bacteria_reads": _("the bacteria"),
        "profile": _("this profile"),
    }[denominator]


def _method(report: Stored) -> list[Fact]:
    metadata = report.metadata
    said = report.answer or {"method": {}, "total_reads": None}
    stated = said["method"]
    from_file = {
        "pipeline": stated.get("pipeline"),
        "database": stated.get("database"),
        "amplification": _("none: shotgun sequencing") if stated.get("region") == "shotgun" else stated.get("region"),
    }
    facts = [Fact(label(name), _text(metadata.get(name)) or from_file.get(name)) for name in (*SAMPLE, *METHOD, *ORDER)]
    reads = said["total_reads"]
    facts.insert(len(SAMPLE) + len(METHOD), Fact(_("Reads"), None if reads is None else f"{reads:,}"))
    return facts


def label(name: str) -> str:
    """What a field of the metadata is called on a page."""
    return {
        "age": _("Age at collection"),
        "sex": _("Sex"),
        "bmi": _("Body mass index"),
        "diet": _("Diet"),
        "smoking": _("Smoking"),
        "alcohol": _("Alcohol"),
        "physical_activity": _("Physical activity"),
        "bowel_habit": _("Bowel habit or stool form"),
        "stool_form": _("Stool form on that day, 1 to 7"),
        "diseases": _("Diseases"),
        "medicines": _("Medicines, antibiotics with date"),
        "antibiotics": _("Antibiotics in the last year"),
        "antibiotics_until": _("Last day of the last antibiotic"),
        "probiotics": _("Probiotics"),
        "collected_at": _("Collected"),
        "received_at": _("Received by the lab"),
        "country": _("Country"),
        "kit": _("Kit and preservative"),
        "storage": _("Storage"),
        "laboratory": _("Laboratory"),
        "accreditation": _("Accreditation"),
        "extraction": _("DNA extraction"),
        "amplification": _("Amplification and region"),
        "region": _("Region of the gene, or shotgun"),
        "platform": _("Sequencing platform"),
        "pipeline": _("Analysis"),
        "database": _("Reference database"),
        "ordered_by": _("Ordered by"),
        "ordered_by_profession": _("Profession"),
        "reason": _("Reason"),
    }[name]


def _text(value: object) -> str | None:
    return None if value in (None, "") else str(value)


def _sum(rows: Sequence[dict[str, Any]]) -> float:
    return float(sum(row["percent"] for row in rows))


def _reads(rows: Sequence[dict[str, Any]]) -> int | None:
    if not rows or any(row["reads"] is None for row in rows):
        return None
    return sum(int(row["reads"]) for row in rows)
