"""
What a report should say about itself, and what is missing when it does not.

The list is that of the international consensus on microbiome testing (Porcari et al., Lancet Gastroenterol Hepatol
2025;10:154-167) and of the minimum parameters in Microbiome 2021, table 2 (s40168-021-01059-0). A report without them
is read all the same and marked incomplete; one that nobody ordered and that the patient or a guardian handed in is
marked as brought by the patient.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from telegut.reports.stated import stated

PERSON = (
    "age",
    "sex",
    "bmi",
    "diet",
    "smoking",
    "alcohol",
    "physical_activity",
    "bowel_habit",
    "stool_form",
    "diseases",
    "medicines",
    "antibiotics",
    "antibiotics_until",
    "probiotics",
)
SAMPLE = ("collected_at", "received_at", "country", "kit", "storage")
DAYS = ("collected_at", "received_at", "antibiotics_until")
"""The fields that hold a day or an instant of the past."""

EARLIEST = date(1990, 1, 1)
"""The first surveys of gut bacteria by their genes are of the 1990s (Wilson and Blitchington, AEM 1996;62:2273)."""

METHOD = ("laboratory", "accreditation", "extraction", "amplification", "region", "platform", "pipeline", "database")
ORDER = ("ordered_by", "ordered_by_profession", "reason")

FIELDS = (*PERSON, *SAMPLE, *METHOD, *ORDER)
"""Every field that may be said, in the order in which it is shown."""

REFINING = frozenset({"stool_form", "antibiotics", "antibiotics_until", "country", "region"})
"""
Fields that say more exactly what another one may have said in words: the bowel habit, the medicines, the
amplification. A comparison reads them; a report without them is not incomplete.
"""

EXPECTED = tuple(name for name in (*PERSON, *SAMPLE, *METHOD) if name not in REFINING)
"""The fields whose absence makes a report incomplete. Without an order it is told who handed it in."""


def missing(said: Mapping[str, Any]) -> list[str]:
    """The expected fields that *said* leaves open; of the sample and the method, words such as "not stated" do."""
    asked = {*SAMPLE, *METHOD}
    return [
        name
        for name in EXPECTED
        if open_in(said, name) or (name in asked and isinstance(said[name], str) and stated(said[name]) is None)
    ]


def open_in(said: Mapping[str, Any], name: str) -> bool:
    """Whether *said* leaves the field *name* open."""
    return said.get(name) in (None, "", [])


def brought_by_patient(said: Mapping[str, Any], *, from_family: bool) -> bool:
    """Whether nobody is named who ordered this test, and *from_family*: the patient or a guardian handed it in."""
    return from_family and not said.get("ordered_by")


def not_yet(said: Mapping[str, Any], now: datetime) -> list[str]:
    """
    The fields of *said* whose day has not come anywhere at *now*.

    The day of UTC and one more: somewhere it is already tomorrow.
    """
    latest = (now.astimezone(UTC) + timedelta(days=1)).date()
    return [name for name in DAYS if said.get(name) and date.fromisoformat(said[name][:10]) > latest]


def impossible_days(said: Mapping[str, Any]) -> dict[str, str]:
    """
    By field, what cannot be about the days of *said*: before anybody sequenced guts, or received before it was taken.

    Between an instant and a day there may be a day more: days are those of the person, instants of the world.
    """
    taken, received = said.get("collected_at"), said.get("received_at")
    wrong = {
        name: f"No sample was sequenced before {EARLIEST.year}. Please check the year."
        for name, text in (("collected_at", taken), ("received_at", received))
        if text and date.fromisoformat(text[:10]) < EARLIEST
    }
    if taken and received and not wrong:
        slack = timedelta(days=0 if len(taken) == len(received) == len("2026-01-31") else 1)
        if date.fromisoformat(received[:10]) + slack < date.fromisoformat(taken[:10]):
            wrong["received_at"] = "The lab cannot have received it before it was taken. Please check both days."
    return wrong


def collected_on(said: Mapping[str, Any]) -> date | None:
    """The day on which the sample was taken, when it is stated; an instant counts by its day in UTC."""
    text = said.get("collected_at")
    return date.fromisoformat(text[:10]) if text else None
