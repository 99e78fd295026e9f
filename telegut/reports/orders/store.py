"""Orders in the database: sealed on the way in, opened on the way out. Checks nobody's rights."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import PatientKey, Vault
from telegut.errors import NotFound
from telegut.reports.orders.rules import CODE_LENGTH, CODE_SIGNS, FOR_THE_FAMILY, OPEN, State
from telegut.reports.orders.tables import test_order
from telegut.reports.tables import report as a_report

_WITH_REPORT = select(test_order, a_report.c.state.label("report_state")).outerjoin(
    a_report, test_order.c.report == a_report.c.id
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """
    An order. details: fields of `rules.ASKED`, besides what was said when the sample was taken. unread: the file that
    answered it was refused, so another may.
    """

    id: UUID
    patient: UUID
    protocol: UUID
    protocol_version: int
    code: str
    state: State
    version: int
    reason: str
    details: dict[str, Any]
    ordered_at: datetime
    ordered_by: UUID
    profession: str
    report: UUID | None
    unread: bool = False

    @property
    def waits(self) -> bool:
        """Whether a report may answer it."""
        return self.state in OPEN or self.unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An order from outside: that it waits, and not what for."""

    id: UUID
    state: State
    ordered_at: datetime


async def put(
    tx: Transaction,
    vault: Vault,
    key: PatientKey,
    *,
    protocol: UUID,
    version: int,
    reason: str,
    profession: str,
    at: datetime,
) -> UUID:
    """A new one by the caller; its code is drawn by chance."""
    id = new_id()
    values = {
        "id": id,
        "patient": key.patient,
        "protocol": protocol,
        "protocol_version": version,
        "code": "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH)),
        "state": "ordered",
        "reason": vault.seal(test_order.c.reason, key, id, reason),
        "details": vault.seal(test_order.c.details, key, id, "{}"),
        "ordered_at": at,
        "ordered_by": tx.caller.account,
        "profession": profession,
    }
    await tx.execute(insert(test_order).values(values))
    return id


async def patient_of(tx: Transaction, id: UUID) -> UUID:
    """
    Whose order this is.

    Raises:
        NotFound: there is none that the caller may know of.
    """
    patient: UUID | None = await tx.scalar(select(test_order.c.patient).where(test_order.c.id == id))
    if patient is None:
        raise NotFound
    return patient


async def one(tx: Transaction, vault: Vault, key: PatientKey, id: UUID) -> Order:
    """The order *id*, which exists."""
    return _order(vault, key, (await tx.execute(_WITH_REPORT.where(test_order.c.id == id))).one())


async def all_of(tx: Transaction, vault: Vault, key: PatientKey) -> list[Order]:
    """The patient's orders, the newest first."""
    rows = await tx.execute(_WITH_REPORT.where(test_order.c.patient == key.patient).order_by(test_order.c.id.desc()))
    return [_order(vault, key, row) for row in rows]


async def waiting(tx: Transaction, patient: UUID) -> list[Waiting]:
    """The patient's orders that wait for the patient's side, the oldest first; nothing sealed is opened."""
    columns = (test_order.c.id, test_order.c.state, test_order.c.ordered_at)
    wanted = (test_order.c.patient == patient, test_order.c.state.in_(FOR_THE_FAMILY))
    rows = await tx.execute(select(*columns).where(*wanted).order_by(test_order.c.id))
    return [Waiting(id=row.id, state=row.state, ordered_at=row.ordered_at) for row in rows]


async def move(
    tx: Transaction,
    vault: Vault,
    key: PatientKey,
    before: Order,
    state: State,
    *,
    details: Mapping[str, Any] | None = None,
    report: UUID | None = None,
) -> int | None:
    """*before* goes on to *state*; its new version, or ``None`` when somebody else was faster."""
    values: dict[str, Any] = {"state": state, "version": before.version + 1, "report": report}
    if details is not None:
        values["details"] = vault.seal(test_order.c.details, key, before.id, json.dumps(dict(details), sort_keys=True))
    changed: int | None = await tx.scalar(
        update(test_order)
        .where(test_order.c.id == before.id, test_order.c.version == before.version)
        .values(values)
        .returning(test_order.c.version)
    )
    return changed


def _order(vault: Vault, key: PatientKey, row: Row[Any]) -> Order:
    return Order(
        id=row.id,
        patient=row.patient,
        protocol=row.protocol,
        protocol_version=row.protocol_version,
        code=row.code,
        state=row.state,
        version=row.version,
        reason=vault.open(test_order.c.reason, key, row.id, row.reason),
        details=json.loads(vault.open(test_order.c.details, key, row.id, row.details)),
        ordered_at=row.ordered_at,
        ordered_by=row.ordered_by,
        profession=row.profession,
        report=row.report,
        unread=row.report_state == "refused",
    )
