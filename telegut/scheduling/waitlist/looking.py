"""
Looking at freed time later than in the transaction that freed it: jobs, and the time that each of them is about.

A hold that runs out frees its time by the clock, with nobody there to hand it on; new hours free a lot at once; and at
night people are left alone, so that a time which suits only them is looked at again in their morning, if it is still
free. Payloads hold ids and instants only.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select

from telegut.db.engine import Transaction
from telegut.db.standing_in import standing_in
from telegut.jobs import queue
from telegut.scheduling import catalogue
from telegut.scheduling.documents import from_document
from telegut.scheduling.rules import Availability
from telegut.scheduling.tables import calendar_version, hold, participant
from telegut.scheduling.waitlist.freed import Freed
from telegut.scheduling.waitlist.handing import HANDER, LOOK_JOB, somebody_waits

CLINICAL_PARTS: Final = ("consultant", "nutritionist")


async def watch_holds(tx: Transaction) -> None:
    """
    Somebody joins while others still decide about times: when they leave one, it is looked at for who came after.

    Whoever was on the list before had their chance at that time, and whoever comes later sees it as free.
    """
    people = func.array_agg(participant.c.person)
    lasting = (
        select(hold.c.id, hold.c.expires_at, people.label("practitioners"))
        .join(participant, participant.c.hold == hold.c.id)
        .where(
            hold.c.kind == "choice",
            hold.c.appointment.is_(None),
            hold.c.released_at.is_(None),
            hold.c.expires_at > func.statement_timestamp(),
            participant.c.part.in_(CLINICAL_PARTS),
        )
        .group_by(hold.c.id)
    )
    async with standing_in(tx, HANDER) as ours:
        for row in (await ours.execute(lasting)).all():
            await _watch(ours, row.id, row.practitioners, row.expires_at)


async def ended_hold(tx: Transaction, hold_id: UUID, practitioners: Iterable[UUID]) -> None:
    """Somebody gave a kept time back."""
    if await somebody_waits(tx):
        await _watch(tx, hold_id, practitioners, None)


async def _watch(tx: Transaction, hold_id: UUID, practitioners: Iterable[UUID], run_at: datetime | None) -> None:
    payload = {"hold": str(hold_id), "practitioners": sorted(str(one) for one in practitioners)}
    until = f"{hold_id} {run_at.isoformat()}" if run_at else None
    await queue.enqueue(tx, LOOK_JOB, payload, run_at=run_at, unique=until)


async def new_hours(tx: Transaction, practitioner: UUID, version: int) -> None:
    """Somebody has other hours from this version on."""
    if await somebody_waits(tx):
        await queue.enqueue(tx, LOOK_JOB, {"practitioner": str(practitioner), "version": version})


async def freed_by(tx: Transaction, payload: dict[str, Any]) -> Freed | None:
    """The time that a job is about; None: there is none, or not yet."""
    if "hold" in payload:
        return await _freed_by_hold(tx, UUID(payload["hold"]), [UUID(one) for one in payload["practitioners"]])
    if "version" in payload:
        return await _freed_by_hours(tx, UUID(payload["practitioner"]), payload["version"], payload)
    return Freed.of(payload)


async def _freed_by_hold(tx: Transaction, hold_id: UUID, practitioners: list[UUID]) -> Freed | None:
    lasts = (hold.c.released_at.is_(None) & (hold.c.expires_at > func.statement_timestamp())).label("lasts")
    row = (await tx.execute(select(hold, lasts).where(hold.c.id == hold_id))).one_or_none()
    if row is None or row.appointment is not None:
        return None
    if row.lasts:  # it was renewed
        await _watch(tx, hold_id, practitioners, row.expires_at)
        return None
    visit = await catalogue.visit_type(tx, row.service)
    since, until = row.start_at - visit.buffer_before, row.end_at + visit.buffer_after
    return Freed(frozenset(practitioners), since, until, joined_after=row.made_at)


async def _freed_by_hours(tx: Transaction, practitioner: UUID, version: int, payload: dict[str, Any]) -> Freed | None:
    policy, now = await catalogue.clinic_policy(tx)
    before = await _hours_at(tx, practitioner, version - 1)
    return Freed(frozenset({practitioner}), now, now + policy.horizon, before=before, again=payload)


async def _hours_at(tx: Transaction, practitioner: UUID, version: int) -> Availability:
    statement = select(calendar_version).where(
        calendar_version.c.practitioner == practitioner, calendar_version.c.version == version
    )
    row = (await tx.execute(statement)).one_or_none()
    if row is None:
        return Availability("UTC")
    return from_document({"zone": row.zone, "rules": row.rules, "exceptions": row.exceptions}, version=version)
