"""Whether a step that something points at is there."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from telegut.careplan.tables import step
from telegut.db.engine import Transaction


async def has_step(tx: Transaction, patient: UUID, step_id: UUID) -> bool:
    """Whether the plan of *patient* has this step, as the caller of *tx* sees it."""
    return await tx.scalar(select(step.c.id).where(step.c.patient == patient, step.c.id == step_id)) is not None
