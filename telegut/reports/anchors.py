"""Whether a report, or a finding of one, that something points at is there."""

from __future__ import annotations

import json
from uuid import UUID

from sqlalchemy import select

from telegut.db.engine import Transaction
from telegut.db.sealed import Vault
from telegut.reports.tables import report
from telegut.reports.taxonomy.searching import other_names


async def has_report(tx: Transaction, patient: UUID, report_id: UUID, *, read: bool = False) -> bool:
    """Whether *patient* has this report, as the caller of *tx* sees it; with *read*, one that was read."""
    there = select(report.c.id).where(report.c.patient == patient, report.c.id == report_id)
    return await tx.scalar(there.where(report.c.findings.is_not(None)) if read else there) is not None


async def has_finding(tx: Transaction, vault: Vault, patient: UUID, report_id: UUID, name: str) -> bool:
    """
    Whether the report of *patient* that was read has a group called *name*, by its own name or by one that databases
    use for it; case does not matter.
    """
    read = select(report.c.findings).where(report.c.patient == patient, report.c.id == report_id)
    sealed = await tx.scalar(read.where(report.c.state == "ready"))
    if sealed is None:
        return False
    opened = vault.open(report.c.findings, await vault.key(tx, patient), report_id, sealed)
    taxa = json.loads(opened)["answer"]["taxa"]
    wanted = name.casefold()
    return any(row["name"].casefold() == wanted for row in taxa) or any(
        one.other.casefold() == wanted for one in other_names(taxa)
    )
