"""Who did what to whose record: a row in the same transaction as the act, reads included."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Column, Index, Table, Text, func, insert

from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.db.metadata import Id, Timestamp, metadata

entries = Table(
    "db_audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Timestamp, nullable=False, server_default=func.clock_timestamp()),
    Column("account", Id, nullable=True),
    Column("actor", Text, nullable=False),
    Column("patient", Id, nullable=True),
    Column("action", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("object", Id, nullable=True),
    Column("session", Id, nullable=True),
    Column("visit", Id, nullable=True),
    Column("request_id", Text, nullable=False),
)
Index("db_audit_patient_at_idx", entries.c.patient, entries.c.at)


async def record(tx: Transaction, action: str, what: str, object_id: UUID | None, *, patient: UUID | None) -> None:
    """
    Write down that the caller of *tx* did *action* (``read``, ``write``, …) to *what* (``report``, …).

    Holds no content. When this cannot be written, the transaction fails and nothing is shown or changed.
    """
    await tx.execute(insert(entries).values(**row(tx, action, what, object_id, patient=patient)))


def row(
    tx: Transaction,
    action: str,
    what: str,
    object_id: UUID | None,
    *,
    patient: UUID | None,
    caller: Caller | None = None,
) -> dict[str, object]:
    """
    The values of one entry, for callers that insert many at once.

    caller: who did it, when telegut writes it down for them (a group of bookings); otherwise the caller of *tx*.
    """
    caller = caller or tx.caller
    return {
        "id": new_id(),
        "account": caller.account,
        "actor": f"telegut: {caller.reason}" if caller.is_system else "person",
        "patient": patient,
        "action": action,
        "what": what,
        "object": object_id,
        "session": caller.session,
        "visit": caller.scope.visit if caller.scope else None,
        "request_id": caller.request_id,
    }
