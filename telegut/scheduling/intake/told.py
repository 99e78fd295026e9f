"""What a patient last told about a fact such as their allergies, on any form before a visit that they handed in."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from telegut.accounts import care
from telegut.db import audit
from telegut.db.engine import Transaction
from telegut.db.sealed import Vault
from telegut.scheduling.intake.rules import Value
from telegut.scheduling.intake.tables import answer, sheet
from telegut.web.words import gettext as _


@dataclass(frozen=True, slots=True)
class Told:
    """What was said, and when."""

    value: Value
    at: datetime

    @property
    def words(self) -> str:
        """To be read: yes, no, a number, or words."""
        if isinstance(self.value, bool):
            return _("yes") if self.value else _("no")
        return ", ".join(self.value) if isinstance(self.value, list | tuple) else str(self.value)


async def told(tx: Transaction, vault: Vault, patient: UUID, facts: Collection[str]) -> dict[str, Told]:
    """
    The newest of each of *facts*; those about which nothing was said, or which were taken back, are absent.

    Raises:
        NotFound: the record is not open to the caller.
    """
    await care.require(tx, patient)
    handed_in = select(sheet.c.appointment).where(sheet.c.patient == patient, sheet.c.submitted_at.is_not(None))
    statement = (
        select(answer)
        .where(answer.c.patient == patient, answer.c.fact.in_(facts), answer.c.appointment.in_(handed_in))
        .order_by(answer.c.fact, answer.c.written_at.desc(), answer.c.id.desc())
        .ext(distinct_on(answer.c.fact))
    )
    rows = (await tx.execute(statement)).all()
    if not rows:
        return {}
    await audit.record(tx, "read", "intake_facts", patient, patient=patient)
    key = await vault.key(tx, patient)
    opened = {
        row.fact: (json.loads(vault.open(answer.c.value, key, row.id, row.value)), row.written_at) for row in rows
    }
    return {fact: Told(value, at) for fact, (value, at) in opened.items() if value is not None}
