"""
What a message can point at, asked of the domains that have it: a finding or a report, a step of the plan, a day of
the diary, a visit. Each question sees only what the caller of its transaction may.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from telegut.careplan.anchors import has_step
from telegut.db.engine import Transaction
from telegut.messaging.anchors import Exists
from telegut.messaging.extras import Cite, CiteKind
from telegut.outcomes.anchors import has_diary_day
from telegut.reports.anchors import has_report
from telegut.scheduling.anchors import has_visit


async def _report(tx: Transaction, patient: UUID, cite: Cite) -> bool:
    report = _uuid(cite.id)
    return report is not None and await has_report(tx, patient, report)


async def _finding(tx: Transaction, patient: UUID, cite: Cite) -> bool:
    report = _uuid(cite.id)
    return report is not None and bool(cite.place) and await has_report(tx, patient, report, read=True)


async def _step(tx: Transaction, patient: UUID, cite: Cite) -> bool:
    step = _uuid(cite.id)
    return step is not None and await has_step(tx, patient, step)


async def _diary_day(tx: Transaction, patient: UUID, cite: Cite) -> bool:
    try:
        day = date.fromisoformat(cite.id)
    except ValueError:
        return False
    return await has_diary_day(tx, patient, day)


async def _visit(tx: Transaction, patient: UUID, cite: Cite) -> bool:
    visit = _uuid(cite.id)
    return visit is not None and await has_visit(tx, patient, visit)


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
