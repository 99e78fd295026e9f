"""Whether a report that something points at is there."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from telegut.db.engine import Transaction
from telegut.reports.tables import report


async def has_report(tx: Transaction, patient: UUID, report_id: UUID, *, read: bool = False) -> bool:
    """Whether *patient* has this report, as the caller of *tx* sees it; with *read*, one that was read."""
    there = select(report.c.id).where(report.c.patient == patient, report.c.id == report_id)
    return await tx.scalar(there.where(report.c.findings.is_not(None)) if read else there) is not None
