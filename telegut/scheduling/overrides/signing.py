"""
Signing a decision against the rules, and reading it. Steps of a transaction that the caller opened.

Which rules, who and when is for everybody who sees the visit. Why is in somebody's own words, which may say more than
they should about a patient: it is sealed like every reason, for the care team and for whoever wrote it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select

from telegut.accounts import care
from telegut.accounts.rules import Relation
from telegut.db import audit
from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import Vault
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.overrides.rules import Decision, OverrideRefused, Signed
from telegut.scheduling.overrides.tables import override


async def sign(tx: Transaction, vault: Vault, one: Appointment, decision: Decision, at: datetime) -> Signed:
    """
    Write down what the caller decided about the time of a visit.

    Raises:
        OverrideRefused: nobody in person decided it.
    """
    if tx.caller.account is None:
        raise OverrideRefused
    key, row = await vault.key(tx, one.patient), new_id()
    reasons = sorted(reason.value for reason in decision.reasons)
    await tx.execute(
        insert(override).values(
            id=row,
            appointment=one.id,
            patient=one.patient,
            start_at=one.start,
            reasons=reasons,
            signed_by=tx.caller.account,
            signed_at=at,
            why=vault.seal(override.c.why, key, row, decision.why.strip()),
        )
    )
    await audit.record(tx, "override", "appointment", one.id, patient=one.patient)
    return Signed(tx.caller.account, at, tuple(reasons), decision.why.strip())


async def read(tx: Transaction, vault: Vault, one: Appointment) -> Signed | None:
    """What was decided about the present time of a visit, with why where the caller may read it; None: nothing."""
    statement = (
        select(override)
        .where(override.c.appointment == one.id, override.c.start_at == one.start)
        .order_by(override.c.signed_at.desc())
        .limit(1)
    )
    row = (await tx.execute(statement)).one_or_none()
    if row is None:
        return None
    why = None
    if row.signed_by == tx.caller.account or await care.relation_to(tx, one.patient) is Relation.CARE_TEAM:
        key = await vault.key(tx, one.patient)
        why = vault.open(override.c.why, key, row.id, row.why)
        await audit.record(tx, "read", "override", one.id, patient=one.patient)
    return Signed(row.signed_by, row.signed_at, tuple(row.reasons), why)
