"""Writing the rows of a plan inside somebody's transaction; what people wrote is sealed. Checks no rights."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Table, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from telegut.careplan import tables
from telegut.careplan.gates import GateAnswer
from telegut.careplan.rules import BothEdited
from telegut.careplan.views import Day, Signed
from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import PatientKey, Vault
from telegut.errors import NotFound


@dataclass(frozen=True, slots=True)
class Head:
    """The plan's own row, and what opens everything below it."""

    id: UUID
    patient: UUID
    version: int
    key: PatientKey


async def open_plan(tx: Transaction, vault: Vault, patient: UUID, *, now: datetime, lock: bool) -> Head:
    """The plan of *patient*, made on first use; with *lock* nobody else changes it until this transaction ends."""
    fresh = {"id": new_id(), "patient": patient, "version": 1, "created_at": now}
    find = select(tables.plan.c.id, tables.plan.c.version).where(tables.plan.c.patient == patient)
    if lock:
        find = find.with_for_update(key_share=True)
    row = (await tx.execute(find)).one_or_none()
    if row is None:
        await tx.execute(upsert(tables.plan).values(fresh).on_conflict_do_nothing())
        row = (await tx.execute(find)).one()
    return Head(row.id, patient, row.version, await vault.key(tx, patient))


async def patient_of(tx: Transaction, plan: UUID) -> UUID | None:
    """Whose plan this is; None when there is none for the caller."""
    found: UUID | None = await tx.scalar(select(tables.plan.c.patient).where(tables.plan.c.id == plan))
    return found


async def touch(tx: Transaction, head: Head) -> int:
    """Count one more change of the plan; return its new version."""
    bump = update(tables.plan).where(tables.plan.c.id == head.id).values(version=tables.plan.c.version + 1)
    return int(await tx.scalar(bump.returning(tables.plan.c.version)))


async def one_row(tx: Transaction, table: Table, head: Head, id: UUID) -> Row[Any]:
    """
    One goal or step of this plan.

    Raises:
        NotFound: the plan has no such row.
    """
    row = (await tx.execute(select(table).where(table.c.id == id, table.c.plan == head.id))).one_or_none()
    if row is None:
        raise NotFound
    return row


async def put(
    tx: Transaction, vault: Vault, head: Head, table: Table, id: UUID, version: int, clear: str, **values: Any
) -> None:
    """Write *version* of a goal or step: a new row when it is 1, else over version - 1; and its line of history."""
    sealed = vault.seal(table.c.content, head.key, id, clear)
    if version == 1:
        fixed = {"id": id, "patient": head.patient, "plan": head.id, "version": 1, "content": sealed}
        await tx.execute(insert(table).values(**fixed, **values, created_at=values["changed_at"]))
    else:
        place = (table.c.id == id, table.c.version == version - 1)
        done = await tx.execute(update(table).where(*place).values(version=version, content=sealed, **values))
        if done.rowcount != 1:
            raise BothEdited
    await remember(tx, vault, head, id, version, clear, at=values["changed_at"])


async def remember(
    tx: Transaction, vault: Vault, head: Head, object_id: UUID, version: int, clear: str, *, at: datetime
) -> None:
    """Add a line to the plan's history."""
    id = new_id()
    await tx.execute(
        insert(tables.revision).values(
            id=id,
            patient=head.patient,
            plan=head.id,
            object=object_id,
            version=version,
            content=vault.seal(tables.revision.c.content, head.key, id, clear),
            at=at,
            account=tx.caller.account,
        )
    )


async def put_day(tx: Transaction, vault: Vault, head: Head, step: UUID, said: Day, *, at: datetime) -> UUID:
    """Keep how *step* went on a day; a second word about the same day replaces the first. Return its row."""
    place = (tables.day.c.step == step, tables.day.c.day == said.day)
    # The plan's row is locked, so nobody else adds this day between the question and the insert.
    known = await tx.scalar(select(tables.day.c.id).where(*place))
    id: UUID = known or new_id()
    clear = json.dumps({"result": said.result.value, "note": said.note}, ensure_ascii=False)
    values = {
        "content": vault.seal(tables.day.c.content, head.key, id, clear),
        "at": at,
        "account": tx.caller.account,
    }
    if known:
        await tx.execute(update(tables.day).where(tables.day.c.id == id).values(values))
    else:
        fixed = {"id": id, "patient": head.patient, "step": step, "day": said.day}
        await tx.execute(insert(tables.day).values({**fixed, **values}))
    return id


async def put_answer(
    tx: Transaction, vault: Vault, head: Head, gate: str, given: GateAnswer, *, version: int | None, at: datetime
) -> UUID:
    """
    Keep the answer to *gate*; return its row.

    Raises:
        BothEdited: *version* is not the one that stands; without one, the gate was answered before.
    """
    place = (tables.gate.c.patient == head.patient, tables.gate.c.gate == gate)
    row = (await tx.execute(select(tables.gate.c.id, tables.gate.c.version).where(*place))).one_or_none()
    current = row.version if row else 0
    if (version or 0) != current:
        raise BothEdited(current={"gate": gate, "version": current})
    id = row.id if row else new_id()
    clear = json.dumps({"answer": given.answer.value, "cleared": given.cleared, "note": given.note}, ensure_ascii=False)
    values = {
        "version": current + 1,
        "content": vault.seal(tables.gate.c.content, head.key, id, clear),
        "answered_at": at,
        "answered_by": tx.caller.account,
    }
    if row:
        await tx.execute(update(tables.gate).where(tables.gate.c.id == id).values(values))
    else:
        fixed = {"id": id, "patient": head.patient, "plan": head.id, "gate": gate}
        await tx.execute(insert(tables.gate).values({**fixed, **values}))
    await remember(tx, vault, head, id, current + 1, clear, at=at)
    return id


async def put_signed(tx: Transaction, vault: Vault, head: Head, signed: Signed) -> UUID:
    """Keep a signed version for good."""
    id = new_id()
    await tx.execute(
        insert(tables.version).values(
            id=id,
            patient=head.patient,
            plan=head.id,
            number=signed.number,
            plan_version=signed.plan_version,
            document=vault.seal(tables.version.c.document, head.key, id, signed.document),
            sha256=bytes.fromhex(signed.sha256),
            signed_by=signed.signed_by.id,
            signed_at=signed.signed_at,
        )
    )
    return id
