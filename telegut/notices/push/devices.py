"""The devices of each person that take push messages: rows of their owner, which the worker reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.notices.push.sealing import DeviceKeys
from telegut.notices.push.tables import device


@dataclass(frozen=True, slots=True)
class Device:
    """A browser that shows what is pushed to it. used_at: when a push service last took something for it."""

    id: UUID
    person: UUID
    name: str
    endpoint: str
    keys: DeviceKeys
    made_at: datetime
    used_at: datetime | None


async def of(tx: Transaction, person: UUID) -> list[Device]:
    """The devices of *person*, the newest first."""
    rows = await tx.execute(select(device).where(device.c.person == person).order_by(device.c.made_at.desc()))
    return [_device(row) for row in rows]


async def owners(tx: Transaction, people: Sequence[UUID]) -> set[UUID]:
    """Which of *people* have any."""
    rows = await tx.execute(select(device.c.person).where(device.c.person.in_(people)).distinct())
    return set(rows.scalars())


def any_of(person: UUID) -> Any:
    """A condition: *person* has any."""
    return exists().where(device.c.person == person)


async def keep(tx: Transaction, person: UUID, name: str, endpoint: str, keys: DeviceKeys) -> UUID:
    """
    Keep a device of *person*; one that is known by its address gets the new keys.

    Whoever turned push on in this browser before them has it there no more: it is one device, and it is theirs now.
    """
    now = func.statement_timestamp()
    values = {"person": person, "name": name, "p256dh": keys.p256dh, "auth": keys.auth, "made_at": now}
    kept: UUID = await tx.scalar(
        insert(device)
        .values(id=new_id(), endpoint=endpoint, **values)
        .on_conflict_do_update(index_elements=["endpoint"], set_=values | {"used_at": None})
        .returning(device.c.id)
    )
    return kept


async def drop(tx: Transaction, person: UUID, id: UUID) -> bool:
    """Forget one device of *person*; False: there is none like it."""
    dropped = await tx.execute(
        delete(device).where(device.c.id == id, device.c.person == person).returning(device.c.id)
    )
    return dropped.one_or_none() is not None


async def drop_oldest(tx: Transaction, person: UUID, keep: int) -> None:
    """Forget what is older than the newest *keep* of *person*."""
    newest = select(device.c.id).where(device.c.person == person).order_by(device.c.made_at.desc()).limit(keep)
    await tx.execute(delete(device).where(device.c.person == person, device.c.id.not_in(newest)))


async def used(tx: Transaction, id: UUID) -> None:
    """A push service took something for it."""
    await tx.execute(update(device).where(device.c.id == id).values(used_at=func.statement_timestamp()))


def _device(row: Row[Any]) -> Device:
    keys = DeviceKeys(row.p256dh, row.auth)
    return Device(row.id, row.person, row.name, row.endpoint, keys, row.made_at, row.used_at)
