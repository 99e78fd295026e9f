"""A report that was read, without a server: twenty genera of five phyla."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from telegut.demonstration.lab_files import metaphlan_profile
from telegut.reports.answer import answer
from telegut.reports.formats.reading import read
from telegut.reports.panel import Panel, panel_of
from telegut.reports.rules import interpret
from telegut.reports.shelf import Stored

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
PROFILE = metaphlan_profile(0, "S1", 12_100_000)


def stored(data: bytes = PROFILE, *, from_family: bool = False, **metadata: Any) -> Stored:
    """The report of *data*."""
    said = answer(interpret(read([data])))
    return Stored(
        id=UUID(int=1),
        patient=UUID(int=2),
        version=2,
        state="ready",
        metadata=metadata,
        wanted=None,
        findings={"answer": said},
        parser_version=said["parser_version"],
        uploaded_at=NOW,
        uploaded_by=None,
        read_at=NOW,
        files=(),
        from_family=from_family,
    )


def panel(data: bytes = PROFILE, *, handed_in_by: str = "", from_family: bool = False, **metadata: Any) -> Panel:
    """It, as the care team looks at it."""
    report = stored(data, from_family=from_family, **metadata)
    return panel_of(report, for_clinician=True, now=NOW, handed_in_by=handed_in_by)
