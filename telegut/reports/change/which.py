"""Which other samples can stand beside a report, and which of two is the later one. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from telegut.reports.described import collected_on
from telegut.reports.shelf import Stored, Summary


def others(report: Stored, listed: Iterable[Summary]) -> list[tuple[str, Summary]]:
    """The other reports of *listed* that were read, each with the page of the two."""
    return [(address(report, one), one) for one in listed if one.state == "ready" and one.id != report.id]


def address(report: Stored, other: Summary) -> str:
    """The page of the two, whichever is the later one."""
    mine, theirs = collected_on(report.metadata), other.collected
    other_is_later = theirs > mine if mine and theirs else other.uploaded_at > report.uploaded_at
    later, earlier = (other.id, report.id) if other_is_later else (report.id, other.id)
    return f"/reports/{later}/versus/{earlier}"
