"""
What a message can point at, asked of the domains that have it: a finding or a report, a step of the plan, a day of
the diary, a visit. Each question sees only what the caller of its transaction may.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select

from telegut.careplan import tables as plans
from telegut.db.engine import Transaction
from telegut.messaging.anchors import Exists
from telegut.messaging.extras import Cite, CiteKind
from telegut.outcomes import tables as outcomes
from telegut.reports import tables as reports
from telegut.scheduling import tables as scheduling


async def _report(tx: Transaction, patient: UUID, cite: Cite) -> bool:
    table = reports.report
    return await _has(tx, table.c.patient == patient, table.c.id == _uuid(cite.id))


async def _finding(tx: Transaction, patient: UUID, cite: Cite) -> bool:
    table = reports.report
    read = table.c.findings.is_not(None)
    return bool(cite.place) and await _has(tx, table.c.patient == patient, table.c.id == _uuid(cite.id), read)


async def _step(tx: Transaction, patient: UUID, cite: Cite) -> bool:
    table = plans.step
    return await _has(tx, table.c.patient == patient, table.c.id == _uuid(cite.id))


async def _diary_day(tx: Transaction, patient: UUID, cite: Cite) -> bool:
    try:
        day = date.fromisoformat(cite.id)
    except ValueError:
        return False
    table = outcomes.entry
    return await _has(tx, table.c.patient == patient, table.c.day == day)


async def _visit(tx: Transaction, patient: UUID, cite: Cite) -> bool:
    table = scheduling.appointment
    return await _has(tx, table.c.patient == patient, table.c.id == _uuid(cite.id))


async def _has(tx: Transaction, *conditions: ColumnElement[bool]) -> bool:
    return await tx.scalar(select(1).where(*conditions).limit(1)) is not None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


ANCHORS: Mapping[CiteKind, Exists] = {
    CiteKind.FINDING: _finding,
    CiteKind.PLAN_STEP: _step,
    CiteKind.DIARY_DAY: _diary_day,
    CiteKind.REPORT: _report,
    CiteKind.VISIT: _visit,
}
"""The question for each kind of place."""
