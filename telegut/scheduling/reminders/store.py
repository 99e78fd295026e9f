"""Reading and writing reminders. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, update

from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.db.many import insert_many
from telegut.notices.rules import Channel
from telegut.scheduling.reminders.rules import Quiet, State
from telegut.scheduling.reminders.tables import reminder
from telegut.scheduling.rules import Status
from telegut.scheduling.tables import appointment, policy

AHEAD_MINUTES = 60
"""How long before its first reminder an appointment is looked at for missing ones."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The clinic's numbers for reminders. *minutes*: how long before a visit, each; *now* by the database's clock."""

    minutes: tuple[int, ...]
    quiet: Quiet
    now: datetime


@dataclass(frozen=True, slots=True)
class Planned:
    """A reminder that is to be kept."""

    recipient: UUID
    channel: Channel
    minutes_before: int
    due: datetime
    state: State


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reminder that is locked for its turn."""

    id: UUID
    appointment: UUID
    revision: int
    recipient: UUID
    channel: Channel
    minutes_before: int


async def numbers(tx: Transaction) -> Numbers:
    """The clinic's numbers."""
    columns = (policy.c.reminder_minutes, policy.c.quiet_from, policy.c.quiet_until)
    row = (await tx.execute(select(*columns, func.statement_timestamp().label("now")))).one()
    return Numbers(tuple(sorted(set(row.reminder_minutes))), Quiet(row.quiet_from, row.quiet_until), row.now)


async def keep(tx: Transaction, one: UUID, revision: int, planned: Sequence[Planned], now: datetime) -> None:
    """Keep reminders of one revision of an appointment, by the database's clock; those that are there stay as is."""
    rows = [
        {
            "id": new_id(),
            "appointment": one,
            "revision": revision,
            "minutes_before": each.minutes_before,
            "recipient": each.recipient,
            "channel": each.channel.value,
            "due_at": each.due,
            "state": each.state.value,
            "settled_at": None if each.state is State.WAITING else now,
        }
        for each in planned
    ]
    await insert_many(tx, reminder, rows, on_conflict="on conflict do nothing")


async def drop_older(tx: Transaction, one: UUID, revision: int | None) -> None:
    """Settle what waits for another revision of an appointment than *revision*; None: for any."""
    others = reminder.c.revision != revision if revision is not None else reminder.c.revision > 0
    await tx.execute(
        update(reminder)
        .where(reminder.c.appointment == one, reminder.c.state == State.WAITING.value, others)
        .values(state=State.STALE.value, settled_at=func.statement_timestamp())
    )


async def due(tx: Transaction, limit: int) -> list[UUID]:
    """Reminders to be looked at now, the longest due first."""
    found = await tx.execute(
        select(reminder.c.id)
        .where(reminder.c.state == State.WAITING.value, reminder.c.due_at <= func.statement_timestamp())
        .order_by(reminder.c.due_at, reminder.c.id)
        .limit(limit)
    )
    return list(found.scalars())


async def lock(tx: Transaction, one: UUID) -> Waiting | None:
    """A waiting reminder, locked; None: another worker has it, or it is settled."""
    query = select(reminder).where(reminder.c.id == one, reminder.c.state == State.WAITING.value)
    row = (await tx.execute(query.with_for_update(skip_locked=True))).one_or_none()
    return None if row is None else _waiting(row)


def _waiting(row: Row[Any]) -> Waiting:
    return Waiting(row.id, row.appointment, row.revision, row.recipient, Channel(row.channel), row.minutes_before)


async def nearer_is_due(tx: Transaction, one: Waiting) -> bool:
    """Whether another reminder of the same revision, person and channel, nearer to the visit, is due or was sent."""
    found = await tx.scalar(
        select(reminder.c.id)
        .where(
            reminder.c.appointment == one.appointment,
            reminder.c.revision == one.revision,
            reminder.c.recipient == one.recipient,
            reminder.c.channel == one.channel.value,
            reminder.c.minutes_before < one.minutes_before,
            reminder.c.due_at <= func.statement_timestamp(),
            reminder.c.state.in_([State.WAITING.value, State.SENT.value]),
        )
        .limit(1)
    )
    return found is not None


async def settle(tx: Transaction, one: UUID, state: State) -> None:
    """What became of a reminder."""
    values = {"state": state.value, "settled_at": func.statement_timestamp()}
    await tx.execute(update(reminder).where(reminder.c.id == one).values(values))


async def postpone(tx: Transaction, one: UUID, until: datetime) -> None:
    """Look again later."""
    await tx.execute(update(reminder).where(reminder.c.id == one).values(due_at=until))


async def unplanned(tx: Transaction, minutes: Sequence[int], limit: int) -> list[UUID]:
    """Appointments that come near and lack a reminder that the clinic sends: booked before there were any, say."""
    if not minutes:
        return []
    theirs = (
        select(func.count(reminder.c.minutes_before.distinct()))
        .where(
            reminder.c.appointment == appointment.c.id,
            reminder.c.revision == appointment.c.sequence + 1,
            reminder.c.minutes_before.in_(minutes),
        )
        .correlate(appointment)
        .scalar_subquery()
    )
    now = func.statement_timestamp()
    found = await tx.execute(
        select(appointment.c.id)
        .where(
            appointment.c.status == Status.BOOKED.value,
            appointment.c.start_at > now,
            appointment.c.start_at < now + timedelta(minutes=max(minutes) + AHEAD_MINUTES),
            theirs < len(minutes),
        )
        .order_by(appointment.c.start_at, appointment.c.id)
        .limit(limit)
    )
    return list(found.scalars())
