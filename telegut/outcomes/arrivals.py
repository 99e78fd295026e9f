"""How many questionnaires some patients answered since a moment of each: for a day at a glance, no values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from telegut.db.engine import Transaction
from telegut.outcomes.tables import response


async def answered(tx: Transaction, since: Mapping[UUID, datetime]) -> Counter[UUID]:
    """Questionnaires answered after the patient's moment in *since*; only those that are open to the caller count."""
    if not since:
        return Counter()
    statement = select(response.c.patient, response.c.answered_at).where(
        response.c.patient.in_(since), response.c.answered_at > min(since.values())
    )
    return Counter(row.patient for row in await tx.execute(statement) if row.answered_at > since[row.patient])
