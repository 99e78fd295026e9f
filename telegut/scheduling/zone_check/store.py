"""Reading visits ahead and findings, and writing down what was found and decided."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from telegut import logs
from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.scheduling.rules import Status
from telegut.scheduling.tables import appointment
from telegut.scheduling.zone_check.rules import would_be
from telegut.scheduling.zone_check.tables import finding, zone_data
from telegut.scheduling.zones import UnknownZone

PAGE: Final = 1_000
log = logs.get("zones")


@dataclass(frozen=True, slots=True)
class Moved:
    """
    A visit ahead whose wall time means another instant by now.

    agreed_start: on the wall of *zone*. start: the instant that was kept. would_be: what the wall time means now.
    """

    appointment: UUID
    sequence: int
    zone: str
    agreed_start: datetime
    start: datetime
    would_be: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found; *open*: nobody decided yet. *version*: of the zone data that it was found with."""

    id: UUID
    version: str
    moved: Moved
    open: bool


async def checked_with(tx: Transaction, *, lock: bool = False) -> str | None:
    """The release that the visits ahead were last checked with; *lock*: one check at a time."""
    query = select(zone_data.c.version)
    found: str | None = await tx.scalar(query.with_for_update() if lock else query)
    return found


async def note_checked(tx: Transaction, version: str) -> None:
    """Every visit ahead was checked with *version*."""
    await tx.execute(update(zone_data).values(version=version, checked_at=func.statement_timestamp()))


async def moved(tx: Transaction) -> list[Moved]:
    """Every visit ahead that would move, by its start."""
    return [one async for row in _ahead(tx) if (one := _moved(row)) is not None]


async def _ahead(tx: Transaction) -> AsyncIterator[Row[Any]]:
    columns = (appointment.c.id, appointment.c.sequence, appointment.c.zone, appointment.c.agreed_start)
    place = tuple_(appointment.c.start_at, appointment.c.id)
    query = (
        select(*columns, appointment.c.start_at)
        .where(appointment.c.status == Status.BOOKED.value, appointment.c.start_at > func.statement_timestamp())
        .order_by(appointment.c.start_at, appointment.c.id)
        .limit(PAGE)
    )
    rows = (await tx.execute(query)).all()
    while rows:
        for row in rows:
            yield row
        rows = (await tx.execute(query.where(place > (rows[-1].start_at, rows[-1].id)))).all()


def _moved(row: Row[Any]) -> Moved | None:
    try:
        now_means = would_be(row.agreed_start, row.zone, row.start_at)
    except UnknownZone:
        log.error("zone is gone", zone=row.zone, appointment=str(row.id))
        return None
    if now_means is None:
        return None
    return Moved(row.id, row.sequence, row.zone, row.agreed_start, row.start_at, now_means)


async def note(tx: Transaction, found: Moved, version: str) -> None:
    """Keep a finding; one that is open already is brought up to date."""
    values = {"sequence": found.sequence, "would_be": found.would_be, "version": version}
    row = {"id": new_id(), "appointment": found.appointment, "found_at": func.statement_timestamp(), **values}
    statement = insert(finding).values(row)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["appointment"], index_where=finding.c.decision.is_(None), set_=values
        )
    )


async def close_others(tx: Transaction, still: list[UUID]) -> None:
    """Findings about other appointments than *still* are gone: moved, cancelled, over, or right again."""
    await tx.execute(
        update(finding)
        .where(finding.c.decision.is_(None), finding.c.appointment.not_in(still))
        .values(decision="gone", decided_at=func.statement_timestamp())
    )


async def open_ones(tx: Transaction, limit: int) -> list[Finding]:
    """Findings that wait for a person, of the appointments that the caller may see, by their start."""
    query = _all().where(_is_open()).order_by(appointment.c.start_at, appointment.c.id).limit(limit)
    found = await tx.execute(query)
    return [_finding(row) for row in found]


async def one(tx: Transaction, finding_id: UUID) -> Finding | None:
    """One of an appointment that the caller may see, open or not, locked; None: there is none."""
    row = (await tx.execute(_all().where(finding.c.id == finding_id).with_for_update(of=finding))).one_or_none()
    return None if row is None else _finding(row)


def _all() -> Select[Any]:
    return select(
        finding.c.id.label("finding"),
        finding.c.version.label("found_with"),
        finding.c.would_be,
        _is_open().label("is_open"),
        appointment.c.id,
        appointment.c.sequence,
        appointment.c.zone,
        appointment.c.agreed_start,
        appointment.c.start_at,
    ).join(appointment, appointment.c.id == finding.c.appointment)


def _is_open() -> ColumnElement[bool]:
    return and_(
        finding.c.decision.is_(None),
        appointment.c.sequence == finding.c.sequence,
        appointment.c.status == Status.BOOKED.value,
        appointment.c.start_at > func.statement_timestamp(),
    )


def _finding(row: Row[Any]) -> Finding:
    moved = Moved(row.id, row.sequence, row.zone, row.agreed_start, row.start_at, row.would_be)
    return Finding(row.finding, row.found_with, moved, row.is_open)


async def decide(tx: Transaction, finding_id: UUID, decision: str) -> None:
    """Write down what a person decided."""
    values = {"decision": decision, "decided_by": tx.caller.account, "decided_at": func.statement_timestamp()}
    await tx.execute(update(finding).where(finding.c.id == finding_id).values(values))
