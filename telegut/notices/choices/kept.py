"""Reading and keeping how people want to be told, and by what they can be reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import insert

from telegut.accounts import people
from telegut.accounts.presence import last_active
from telegut.db.engine import Transaction
from telegut.notices import contacts
from telegut.notices.choices.tables import choice
from telegut.notices.deciding import Matter, Means, Pace, QuietKind, QuietUntil, Wishes, quiet_hours
from telegut.notices.push import devices
from telegut.notices.rules import Channel

STAFF = frozenset({"consultant", "nutritionist", "coordinator", "admin", "interpreter", "auditor"})
"""Roles of people who work here: by default their devices ring when the clinic is staffed."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who may be told: what they chose, how they can be reached, where they live, when they were here."""

    wishes: Wishes
    means: Means
    zone: str
    quiet: QuietUntil
    active_at: datetime | None


async def of(tx: Transaction, person: UUID) -> Wishes:
    """What *person* chose."""
    row = (await tx.execute(select(choice).where(choice.c.person == person))).one_or_none()
    return Wishes() if row is None else _wishes(row)


async def reader(tx: Transaction, person: UUID, *, texts: bool, staffed: QuietUntil | None) -> Reader | None:
    """
    Everything about *person* that decides how they are told; None when there is nobody (any more).

    tx: of telegut's own work, since choices are each person's own. texts: whether there is a gateway. staffed: when
    the clinic is, for the people who work there.
    """
    found = (await people.named(tx, [person])).get(person)
    if found is None:
        return None
    wishes = await of(tx, person)
    number = (await contacts.of(tx, person)).number
    means = Means(texts and number is not None, bool(await devices.owners(tx, [person])))
    usual = staffed if found.roles & STAFF else None
    active_at = await last_active(tx, person)
    return Reader(wishes, means, found.zone, quiet_hours(wishes, found.zone, usual), active_at)


async def keep(tx: Transaction, person: UUID, wishes: Wishes) -> None:
    """Keep what *person* chose."""
    values = {
        **{matter.value: sorted(channel.value for channel in wishes.channels[matter]) for matter in Matter},
        "visit_push": wishes.visit_push,
        "quiet": wishes.quiet.value,
        "quiet_from": wishes.quiet_from,
        "quiet_until": wishes.quiet_until,
        "pace": wishes.pace.value,
        "daily_at": wishes.daily_at,
        "again": wishes.again,
        "changed_at": func.statement_timestamp(),
    }
    await tx.execute(
        insert(choice).values(person=person, **values).on_conflict_do_update(index_elements=["person"], set_=values)
    )


def _wishes(row: Row[Any]) -> Wishes:
    return Wishes(
        channels={matter: frozenset(Channel(one) for one in getattr(row, matter.value)) for matter in Matter},
        visit_push=row.visit_push,
        quiet=QuietKind(row.quiet),
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        pace=Pace(row.pace),
        daily_at=row.daily_at,
        again=row.again,
    )
