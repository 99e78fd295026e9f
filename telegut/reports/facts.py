"""
"What was measured": every item of the method and the person, with where it is known from, or that nobody stated it.

The items are those of `telegut.reports.described`, which names its sources. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from telegut.reports.described import DAYS, METHOD, ORDER, PERSON, SAMPLE, missing
from telegut.reports.shelf import Stored
from telegut.reports.stated import plain, stated
from telegut.web.times import clock_time, dated
from telegut.web.words import gettext as _


@dataclass(frozen=True, slots=True)
class Fact:
    """
    One line of "what was measured"; ``None`` is shown as not stated. source: where it is known from, if not told.

    by_lab: a laboratory is who would state it; not who ordered the test, and why.
    """

    label: str
    value: str | None
    source: str = ""
    by_lab: bool = True


_GENERAL = "amplicon"
"""All that some files tell of the region; people may say more."""


def method_facts(report: Stored) -> tuple[Fact, ...]:
    """The sample, the method, the depth and the order."""
    in_file = _of_the_file(report)
    found = [_fact(report, name, in_file.get(name)) for name in (*SAMPLE, *METHOD, *ORDER)]
    reads = (report.answer or {}).get("total_reads")
    depth = Fact(_("Reads"), None if reads is None else f"{reads:,}", "" if reads is None else _("from the file"))
    before = len(SAMPLE) + len(METHOD)
    return (*found[:before], depth, *found[before:])


def person_facts(report: Stored) -> tuple[Fact, ...]:
    """What was said of the person at that time."""
    return tuple(_fact(report, name, None) for name in PERSON)


def unstated(report: Stored) -> list[str]:
    """The expected fields that neither anybody's words nor the file itself answer."""
    in_file = _of_the_file(report)
    return [name for name in missing(report.metadata) if not in_file.get(name)]


def _fact(report: Stored, name: str, in_file: str | None) -> Fact:
    said = _text(report.metadata.get(name))
    if said is not None and name in DAYS:
        said = _day(said)
    if in_file is None or (said is not None and in_file == _GENERAL):
        source = _source(report.metadata, name) if said is not None else ""
        return Fact(label(name), said, source, by_lab=name not in (*ORDER, *PERSON))
    if said is None or stated(said) is None or plain(said) in plain(in_file):
        return Fact(label(name), in_file, _("from the file"))
    # The file is believed, as comparisons believe it (`cohorts.match.method_of`).
    return Fact(label(name), in_file, _("from the file; people stated: %(words)s", words=said))


def _source(metadata: Mapping[str, Any], name: str) -> str:
    """Where somebody's words were taken from, when they were not given with the file."""
    match metadata.get("inherited", {}).get(name):
        case "order":
            return _("from the order")
        case "protocol":
            return _("from the protocol %(name)s", name=metadata.get("protocol", {}).get("name", ""))
    return ""


def _of_the_file(report: Stored) -> dict[str, str | None]:
    """What the file itself tells of the method."""
    method = (report.answer or {}).get("method", {})
    shotgun = method.get("region") == "shotgun"
    return {
        "pipeline": method.get("pipeline"),
        "database": method.get("database"),
        "amplification": _("none: shotgun sequencing") if shotgun else method.get("region"),
        "region": _("shotgun") if shotgun else method.get("region"),
    }


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


def _day(text: str) -> str:
    """``2 Nov 2026``; of an instant, which is kept in UTC, the hour as well. What is no day stays as it was said."""
    try:
        if len(text) == len("2026-11-02"):
            return dated(date.fromisoformat(text), "UTC")
        when = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{dated(when, 'UTC')}, {clock_time(when, 'UTC')} UTC"


def _text(value: object) -> str | None:
    return None if value in (None, "") else str(value)
