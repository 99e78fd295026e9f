"""Stretches of a visit as its database keeps them: read, begun, ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.rooms import store
from telegut.rooms.lost.claims import Line, Silence, room_for, stretches
from telegut.rooms.lost.rules import Stretch, end_of
from telegut.rooms.lost.tables import lost
from telegut.rooms.tables import connections


async def kept(tx: Transaction, visit: UUID) -> list[Stretch]:
    """What *visit* lost as it was said, by its beginnings."""
    rows = await tx.execute(select(lost).where(lost.c.visit == visit).order_by(lost.c.since))
    return [Stretch(row.account, row.witness, row.since, row.until) for row in rows]


async def write(
    tx: Transaction, visit: UUID, witness: UUID, silences: Sequence[Silence], started: datetime, now: datetime
) -> None:
    """
    Keep what the page of *witness* says. Several may notice at once: the constraint keeps one stretch open for each
    person, and what is said of somebody of whom one is open changes nothing.
    """
    facts, known = await store.evidence(tx, visit), await kept(tx, visit)
    line = await _line(tx, visit, witness)
    still = set()
    for one in [one for one in known if one.until is None]:
        if (ended := end_of(one, facts)) is None:
            still.add(one.account)
        else:
            await _end(tx, visit, one.account, ended)
    news = [one for one in silences if one.account not in still]
    found = [each for one in news for each in stretches(one, witness, now, line, started, facts)]
    for each in room_for(found, len(known)):
        row = {"account": each.account, "witness": each.witness, "since": each.since, "until": each.until}
        await tx.execute(insert(lost).values(id=new_id(), visit=visit, **row).on_conflict_do_nothing())


async def _end(tx: Transaction, visit: UUID, account: UUID, at: datetime) -> None:
    open_one = (lost.c.visit == visit, lost.c.account == account, lost.c.until.is_(None), lost.c.since <= at)
    await tx.execute(update(lost).where(*open_one).values(until=at))


async def _line(tx: Transaction, visit: UUID, account: UUID) -> Line:
    own = (connections.c.visit == visit, connections.c.account == account)
    last = select(connections.c.opened_at, connections.c.seen_at).where(*own).order_by(connections.c.opened_at.desc())
    rows = (await tx.execute(last.limit(2))).all()
    return Line(rows[0].opened_at, rows[1].seen_at if len(rows) > 1 else None)
