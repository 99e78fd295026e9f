"""How many reports came in for some patients since a moment of each: for a day at a glance, no content."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from telegut.db.engine import Transaction
from telegut.reports.tables import report


async def arrived(tx: Transaction, since: Mapping[UUID, datetime]) -> Counter[UUID]:
    """Reports that were read after the patient's moment in *since*; only those that are open to the caller count."""
    if not since:
        return Counter()
    statement = select(report.c.patient, report.c.read_at).where(
        report.c.patient.in_(since), report.c.state == "ready", report.c.read_at > min(since.values())
    )
    return Counter(row.patient for row in await tx.execute(statement) if row.read_at > since[row.patient])
