"""
Booking inside a buffer, done honestly: the time between two visits belongs to exactly one of them.

The constraint knows practitioners' time with the buffers around it. Who books nearer than they allow cuts buffers,
first the neighbour's and then the visit's own, down to the visits themselves and never further. When such a visit goes
away again, its neighbours get back what they lost.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects.postgresql import Range

from telegut.db.engine import Transaction
from telegut.scheduling.overrides.tables import override
from telegut.scheduling.refusals import Reason
from telegut.scheduling.rules import VisitType
from telegut.scheduling.tables import appointment, participant, service

AROUND: Final = timedelta(hours=8)
"""Longer than any two buffers together."""


@dataclass(frozen=True, slots=True)
class _Neighbour:
    """Time beside a visit: ``[start, end)`` without buffers, ``[opens, closes)`` with what it has of them."""

    id: UUID
    opens: datetime
    closes: datetime
    start: datetime
    end: datetime


async def make_room(
    tx: Transaction,
    practitioners: Collection[UUID],
    visit: VisitType,
    start: datetime,
    *,
    apart_from: UUID | None = None,
) -> VisitType:
    """
    Cut the buffers around ``start`` so that this visit fits; returns it with the buffers that are left to it.

    Everybody is locked, and nobody's visit overlaps: that was asked before. A joint visit has the same buffers with
    everybody, so the nearest neighbour of anybody decides.
    """
    end = start + visit.duration
    near = [one for person in practitioners for one in await _neighbours(tx, person, start, end, apart_from)]
    gap_before = min((start - one.end for one in near if one.end <= start), default=visit.buffer_before)
    gap_after = min((one.start - end for one in near if one.start >= end), default=visit.buffer_after)
    room = replace(
        visit, buffer_before=min(visit.buffer_before, gap_before), buffer_after=min(visit.buffer_after, gap_after)
    )
    opens, closes = start - room.buffer_before, end + room.buffer_after
    for one in near:
        kept = (
            Range(one.opens, min(one.closes, opens)) if one.end <= start else Range(max(one.opens, closes), one.closes)
        )
        if kept != Range(one.opens, one.closes):
            await tx.execute(update(participant).where(participant.c.id == one.id).values(during=kept))
    return room


async def give_back(tx: Transaction, of: UUID, practitioners: Collection[UUID], start: datetime, end: datetime) -> None:
    """Widen the neighbours' buffers again when the time ``[start, end)`` of an overriding appointment is free."""
    overrode = select(override.c.id).where(
        override.c.appointment == of,
        override.c.start_at == start,
        literal(Reason.BUFFER.value) == override.c.reasons.any_(),
    )
    if await tx.scalar(overrode.limit(1)) is None:
        return
    for person in practitioners:
        for row in await _booked_near(tx, person, start, end):
            others = await _neighbours(tx, person, row.start, row.end, row.appointment)
            before = max((one.closes for one in others if one.end <= row.start), default=row.full_opens)
            after = min((one.opens for one in others if one.start >= row.end), default=row.full_closes)
            whole = Range(max(row.full_opens, min(before, row.start)), min(row.full_closes, max(after, row.end)))
            await tx.execute(update(participant).where(participant.c.id == row.id).values(during=whole))


async def _neighbours(
    tx: Transaction, person: UUID, start: datetime, end: datetime, apart_from: UUID | None
) -> list[_Neighbour]:
    spans = (func.lower(participant.c.during), func.upper(participant.c.during))
    visits = (func.lower(participant.c.visit), func.upper(participant.c.visit))
    statement = select(participant.c.id, *spans, *visits).where(
        participant.c.person == person,
        participant.c.active,
        participant.c.during.op("&&")(Range(start - AROUND, end + AROUND)),
        participant.c.appointment.is_distinct_from(apart_from),
        participant.c.expires_at.is_(None) | (participant.c.expires_at > func.statement_timestamp()),
    )
    return [_Neighbour(*row) for row in await tx.execute(statement)]


async def _booked_near(tx: Transaction, person: UUID, start: datetime, end: datetime) -> list[Any]:
    """Appointments of a person beside a time, with the buffers that their kind of visit has by itself."""
    minute = func.make_interval(0, 0, 0, 0, 0, 1)
    statement = (
        select(
            participant.c.id,
            participant.c.appointment,
            func.lower(participant.c.visit).label("start"),
            func.upper(participant.c.visit).label("end"),
            (func.lower(participant.c.visit) - service.c.buffer_before_minutes * minute).label("full_opens"),
            (func.upper(participant.c.visit) + service.c.buffer_after_minutes * minute).label("full_closes"),
        )
        .join(appointment, appointment.c.id == participant.c.appointment)
        .join(service, service.c.id == appointment.c.service)
        .where(
            participant.c.person == person,
            participant.c.active,
            participant.c.during.op("&&")(Range(start - AROUND, end + AROUND)),
        )
        .order_by(func.lower(participant.c.visit))
    )
    return list((await tx.execute(statement)).all())
