"""Whose plan still waits to be signed after a visit: facts about versions and times, no clinical text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from telegut.careplan.rules import Audience
from telegut.careplan.tables import note, note_update, plan, version
from telegut.db.engine import Transaction


async def unsigned(tx: Transaction, since: Mapping[UUID, datetime]) -> set[UUID]:
    """
    Patients whose plan or shared note has something that nobody has signed since their visit.

    since: patients and when their visit began. Only plans that are open to the caller are looked at.
    """
    last = (
        select(version.c.plan, func.max(version.c.signed_at).label("at"), func.max(version.c.plan_version).label("of"))
        .group_by(version.c.plan)
        .subquery()
    )
    shared = (
        select(note.c.plan, func.max(note.c.last_seq).label("reach"), func.max(note_update.c.at).label("at"))
        .outerjoin(note_update, note_update.c.note == note.c.id)
        .where(note.c.audience == Audience.SHARED.value)
        .group_by(note.c.plan)
        .subquery()
    )
    rows = await tx.execute(
        select(plan.c.patient, plan.c.version, last.c.at, last.c.of, shared.c.reach, shared.c.at.label("noted_at"))
        .outerjoin(last, last.c.plan == plan.c.id)
        .outerjoin(shared, shared.c.plan == plan.c.id)
        .where(plan.c.patient.in_(since))
    )
    return {row.patient for row in rows if _waits(row, since[row.patient])}


def _waits(row: Row[Any], visit_began: datetime) -> bool:
    if row.at is None:
        return bool(row.version > 1 or (row.reach or 0) > 0)
    if row.at > visit_began:
        return False
    return bool(row.version != row.of or (row.noted_at is not None and row.noted_at > row.at))
