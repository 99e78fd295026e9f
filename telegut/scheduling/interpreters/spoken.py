"""Which languages somebody here translates: what one may wish for when booking."""

from __future__ import annotations

from sqlalchemy import select

from telegut.db.engine import Transaction
from telegut.scheduling.appointments import INTERPRETER
from telegut.scheduling.choice.tables import language
from telegut.scheduling.tables import calendar


async def languages(tx: Transaction) -> list[str]:
    """The languages of everybody who translates, without their regions (BCP 47 primary subtags), sorted."""
    statement = (
        select(language.c.tag)
        .join(calendar, calendar.c.practitioner == language.c.practitioner)
        .where(calendar.c.role == INTERPRETER)
    )
    return sorted({tag.split("-")[0] for tag in (await tx.execute(statement)).scalars()})
