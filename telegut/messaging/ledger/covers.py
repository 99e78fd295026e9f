"""
Care teams and topics follow who is away: covers join whose time has come, and leave when it is over.

From the first day of an absence on, the cover is in the care team of everybody whom the absent one cares for, as a
cover: with the same rights, in the audit trail, and told to the patient. Colleagues of the same team come along into
topics alone (`telegut.messaging.threads.following`, where the rule stands).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update

from telegut.accounts import covering
from telegut.accounts.covering import Cover
from telegut.db.engine import Transaction
from telegut.jobs import queue
from telegut.messaging.ledger.tables import away
from telegut.messaging.threads import following


async def follow(tx: Transaction) -> None:
    """
    Bring every care team, and the topics in it, up to date with who is away now. Twice does no harm.

    Absences that are over end; covers whose time is over leave; covers of absences that have begun join, also the
    teams of patients who came meanwhile.
    """
    now = await moment(tx)
    await end_over(tx, now)
    open_ones = (await tx.execute(select(away).where(away.c.ended_at.is_(None), away.c.from_at <= now))).all()
    reasons = {(row.cover, row.person) for row in open_ones}
    gone = sorted(await covering.current(tx) - reasons, key=str)
    cared_for = {row.person: await covering.patients_in_care(tx, row.person) for row in open_ones}
    await covering.take(tx, {*await covering.leaving(tx, gone), *(one for many in cared_for.values() for one in many)})
    changed = set(await covering.end(tx, gone))
    for row in sorted(open_ones, key=lambda one: str(one.person)):
        cover = Cover(row.cover, row.until_at, row.person, row.from_at)
        await covering.shorten(tx, cover)
        changed |= set(await covering.join(tx, cared_for[row.person], cover, now))
    await covering.tell(tx, changed)
    for patient in await following.behind(tx):
        await queue.enqueue(tx, "care_team.changed", {"patient": str(patient)})


async def end_over(tx: Transaction, now: datetime) -> None:
    """Absences whose last day has passed are over."""
    await tx.execute(
        update(away).where(away.c.ended_at.is_(None), away.c.until_at <= now).values(ended_at=away.c.until_at)
    )


async def moment(tx: Transaction) -> datetime:
    """Now, by the database's clock: absences come and go by it."""
    now: datetime | None = await tx.scalar(select(func.statement_timestamp()))
    assert now is not None
    return now
