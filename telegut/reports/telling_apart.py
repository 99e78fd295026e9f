"""What tells reports of one day apart in a list: when it was handed in, whose analysis it is, which file it was."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from telegut.accounts import care
from telegut.db.caller import Caller
from telegut.reports.service import Reports
from telegut.reports.shelf import Summary
from telegut.reports.stated import stated
from telegut.reports.tables import file


def made_by(one: Summary) -> str:
    """The laboratory, or else the analysis, as people stated it; empty: nobody did."""
    told = (stated(str(one.metadata.get(name) or "")) for name in ("laboratory", "pipeline"))
    return next((words for words in told if words), "")


async def file_names(reports: Reports, caller: Caller, patient: UUID, shown: Collection[UUID]) -> dict[UUID, str]:
    """
    What the first file of each of *shown* (reports of *patient*) is called, for the care team: it may name anybody.

    Raises:
        NotFound: the record is not open to the caller.
    """
    async with reports.db.begin(caller) as tx:
        await care.require(tx, patient)
        key = await reports.vault.key(tx, patient)
        first = (file.c.report.in_(shown), file.c.patient == patient, file.c.position == 0)
        rows = (await tx.execute(select(file.c.id, file.c.report, file.c.name).where(*first))).all()
    return {row.report: reports.vault.open(file.c.name, key, row.id, row.name) for row in rows}
