"""Why people come, move or cancel, in their own words: clinical text, sealed, for those the record is open to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select

from telegut.accounts import care
from telegut.db import audit
from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import Vault
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.tables import reason


async def write(tx: Transaction, vault: Vault, one: Appointment, about: str, text: str, now: datetime) -> None:
    """Keep a reason for a ``visit``, a ``move`` or a ``cancellation``; nothing when there are no words."""
    if not text.strip():
        return
    key, row = await vault.key(tx, one.patient), new_id()
    await tx.execute(
        insert(reason).values(
            id=row,
            patient=one.patient,
            appointment=one.id,
            about=about,
            author=tx.caller.account,
            written_at=now,
            text=vault.seal(reason.c.text, key, row, text.strip()),
        )
    )


async def write_all(
    tx: Transaction, vault: Vault, about: str, said: Sequence[tuple[Appointment, str, UUID | None]]
) -> None:
    """As `write`, for many: each appointment with its words and who wrote them, at the moment it was changed."""
    rows = []
    for one, words, author in said:
        key, row = await vault.key(tx, one.patient), new_id()
        values = {"id": row, "patient": one.patient, "appointment": one.id, "about": about, "author": author}
        sealed = vault.seal(reason.c.text, key, row, words.strip())
        rows.append({**values, "written_at": one.changed_at, "text": sealed})
    if rows:
        await tx.execute(insert(reason), rows)


async def read(tx: Transaction, vault: Vault, ones: Collection[Appointment]) -> dict[UUID, dict[str, str]]:
    """
    The latest reasons of some appointments, by appointment and what they are about; an audit row for each one opened.

    Those of records that are not open to the caller are left out, as if there were none.
    """
    if not ones:
        return {}
    found: dict[UUID, dict[str, str]] = {}
    statement = select(reason).where(reason.c.appointment.in_([one.id for one in ones])).order_by(reason.c.written_at)
    for row in (await tx.execute(statement)).all():
        relation = await care.relation_to(tx, row.patient)
        if not relation.reads:
            continue
        key = await vault.key(tx, row.patient)
        found.setdefault(row.appointment, {})[row.about] = vault.open(reason.c.text, key, row.id, row.text)
        await audit.record(tx, "read", "appointment_reason", row.appointment, patient=row.patient)
    return found
