"""One appointment's form and the answers on it: rows and values. Nothing is decided here."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, case, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import Vault
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.intake.forms import Form
from telegut.scheduling.intake.rules import Value
from telegut.scheduling.intake.tables import answer, form, sheet
from telegut.scheduling.tables import appointment


@dataclass(frozen=True, slots=True)
class Begun:
    """A sheet that somebody has begun, with the form's version it goes by."""

    form: UUID
    version: int
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Given:
    """An answer. *value* is None for one that was taken back; *kept_from* is the earlier answer that was kept."""

    id: UUID
    value: Value | None
    at: datetime
    kept_from: UUID | None


async def begun(tx: Transaction, one: Appointment) -> Begun | None:
    """The sheet of an appointment; None: nobody has begun it."""
    found = await tx.execute(
        select(sheet.c.form, sheet.c.version, sheet.c.submitted_at).where(sheet.c.appointment == one.id)
    )
    row = found.one_or_none()
    return Begun(row.form, row.version, row.submitted_at) if row is not None else None


async def begin(tx: Transaction, one: Appointment, asked: Form) -> None:
    """Begin the sheet of an appointment with a form; two at once begin the same one."""
    row = {
        "appointment": one.id,
        "patient": one.patient,
        "form": asked.id,
        "version": asked.version,
        "begun_at": func.statement_timestamp(),
    }
    await tx.execute(upsert(sheet).values(row).on_conflict_do_nothing())


async def submit(tx: Transaction, one: Appointment) -> bool:
    """Hand the sheet in; whether it was not yet."""
    done = (
        update(sheet)
        .where(sheet.c.appointment == one.id, sheet.c.submitted_at.is_(None))
        .values(submitted_at=func.statement_timestamp(), submitted_by=tx.caller.account)
        .returning(sheet.c.appointment)
    )
    return await tx.scalar(done) is not None


def _last(*conditions: Any) -> Select[Any]:
    """The last answer to each question of an appointment; ids rise with time and settle a tie."""
    return (
        select(answer)
        .where(*conditions)
        .order_by(answer.c.question, answer.c.written_at.desc(), answer.c.id.desc())
        .ext(distinct_on(answer.c.question))
    )


async def answers(tx: Transaction, vault: Vault, one: Appointment) -> dict[str, Given]:
    """The answers that count, by question."""
    rows = (await tx.execute(_last(answer.c.appointment == one.id))).all()
    return await _opened(tx, vault, one.patient, {row.question: row for row in rows})


async def known(tx: Transaction, vault: Vault, one: Appointment, facts: Collection[str]) -> dict[str, Given]:
    """What the patient said last of some facts on forms of other visits that they handed in."""
    if not facts:
        return {}
    handed_in = select(sheet.c.appointment).where(sheet.c.patient == one.patient, sheet.c.submitted_at.is_not(None))
    statement = (
        select(answer)
        .where(
            answer.c.patient == one.patient,
            answer.c.fact.in_(facts),
            answer.c.appointment != one.id,
            answer.c.appointment.in_(handed_in),
        )
        .order_by(answer.c.fact, answer.c.written_at.desc(), answer.c.id.desc())
        .ext(distinct_on(answer.c.fact))
    )
    rows = (await tx.execute(statement)).all()
    found = await _opened(tx, vault, one.patient, {row.fact: row for row in rows})
    return {fact: given for fact, given in found.items() if given.value is not None}


async def _opened(tx: Transaction, vault: Vault, patient: UUID, rows: Mapping[str, Row[Any]]) -> dict[str, Given]:
    if not rows:
        return {}
    key = await vault.key(tx, patient)
    return {
        name: Given(
            row.id, json.loads(vault.open(answer.c.value, key, row.id, row.value)), row.written_at, row.kept_from
        )
        for name, row in rows.items()
    }


@dataclass(frozen=True, slots=True)
class New:
    """An answer to write down."""

    question: str
    fact: str | None
    value: Value | None
    kept_from: UUID | None = None


async def write(
    tx: Transaction, vault: Vault, one: Appointment, new: Collection[New], *, at: datetime | None = None
) -> None:
    """Add answers; those before them stay. *at*: when they were given, now if not said (a demonstration's past)."""
    if not new:
        return
    key = await vault.key(tx, one.patient)
    rows = []
    for each in new:
        row = new_id()
        rows.append(
            {
                "id": row,
                "patient": one.patient,
                "appointment": one.id,
                "question": each.question,
                "fact": each.fact,
                "value": vault.seal(answer.c.value, key, row, json.dumps(each.value)),
                "kept_from": each.kept_from,
                "author": tx.caller.account,
                "written_at": at or func.clock_timestamp(),
            }
        )
    for values in rows:
        await tx.execute(insert(answer).values(values))


async def states(tx: Transaction, appointments: Collection[UUID]) -> dict[UUID, str]:
    """
    How far the forms of some appointments are, in one query.

    ``none`` (nothing is asked), ``open`` (not begun), ``draft`` (begun) or ``submitted``; for whoever sees the
    appointments. Says nothing about any answer.
    """
    if not appointments:
        return {}
    state = case(
        (sheet.c.submitted_at.is_not(None), literal("submitted")),
        (sheet.c.appointment.is_not(None), literal("draft")),
        (form.c.id.is_not(None), literal("open")),
        else_=literal("none"),
    )
    statement = (
        select(appointment.c.id, state.label("state"))
        .outerjoin(form, (form.c.service == appointment.c.service) & form.c.asks)
        .outerjoin(sheet, sheet.c.appointment == appointment.c.id)
        .where(appointment.c.id.in_(list(appointments)))
    )
    return {row.id: row.state for row in await tx.execute(statement)}
