"""Group sessions between rows and values: find, lock, write. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, Text, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from telegut.db.engine import Transaction
from telegut.errors import NotFound
from telegut.scheduling.appointments import INTERPRETER
from telegut.scheduling.groups.tables import group_session
from telegut.scheduling.tables import participant, service
from telegut.web.api import instant_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """
    One group session.

    title: a key of `rules.TITLES`. practitioners: consultants first. sequence: rises when it is moved or cancelled.
    """

    id: UUID
    visit: UUID
    service: UUID
    service_name: str
    title: str
    seats: int
    taken: int
    version: int
    sequence: int
    status: str
    practitioners: tuple[UUID, ...]
    interpreter: UUID | None
    start: datetime
    end: datetime
    zone: str
    opened_by: UUID | None
    changed_at: datetime

    @property
    def is_cancelled(self) -> bool:
        """Whether it does not take place."""
        return self.status == "cancelled"

    @property
    def left(self) -> int:
        """Seats that are free."""
        return self.seats - self.taken

    @property
    def staff(self) -> tuple[UUID, ...]:
        """Everybody whose time it takes."""
        return (*self.practitioners, *((self.interpreter,) if self.interpreter else ()))


def _statement() -> Select[Any]:
    return select(group_session, service.c.name.label("service_name"), _staff().label("staff")).join(
        service, service.c.id == group_session.c.service
    )


def _staff() -> ScalarSelect[Any]:
    one = participant.c.part + " " + participant.c.person.cast(Text)
    order = aggregate_order_by(one, participant.c.part, participant.c.person)
    return select(func.array_agg(order)).where(participant.c.group_session == group_session.c.id).scalar_subquery()


async def one(tx: Transaction, session: UUID) -> Session:
    """
    One session.

    Raises:
        NotFound: there is none.
    """
    return await _only(tx, group_session.c.id == session)


async def of_visit(tx: Transaction, visit: UUID) -> Session:
    """
    The session that a room belongs to.

    Raises:
        NotFound: there is none.
    """
    return await _only(tx, group_session.c.visit == visit)


async def _only(tx: Transaction, condition: ColumnElement[bool]) -> Session:
    row = (await tx.execute(_statement().where(condition))).one_or_none()
    if row is None:
        raise NotFound("There is no such session.")
    return _session(row)


async def lock(tx: Transaction, session: UUID) -> Session:
    """
    One session, locked until the transaction ends: after its practitioners' calendars and before any patient.

    Raises:
        NotFound: there is none.
    """
    await tx.execute(select(group_session.c.id).where(group_session.c.id == session).with_for_update(key_share=True))
    return await one(tx, session)


async def find(
    tx: Transaction, since: datetime, until: datetime | None, service_id: UUID | None, limit: int
) -> list[Session]:
    """Sessions that end after *since* and begin before *until*, by their start; cancelled ones are left out."""
    conditions = [group_session.c.end_at > since, group_session.c.status == "open"]
    if until is not None:
        conditions.append(group_session.c.start_at < until)
    if service_id is not None:
        conditions.append(group_session.c.service == service_id)
    order = (group_session.c.start_at, group_session.c.id)
    return [_session(row) for row in await tx.execute(_statement().where(*conditions).order_by(*order).limit(limit))]


def _session(row: Row[Any]) -> Session:
    staff: Sequence[list[str]] = [found.split(" ") for found in row.staff or ()]
    return Session(
        id=row.id,
        visit=row.visit,
        service=row.service,
        service_name=row.service_name,
        title=row.title,
        seats=row.seats,
        taken=row.taken,
        version=row.version,
        sequence=row.sequence,
        status=row.status,
        practitioners=tuple(UUID(person) for part, person in staff if part != INTERPRETER),
        interpreter=next((UUID(person) for part, person in staff if part == INTERPRETER), None),
        start=row.start_at,
        end=row.end_at,
        zone=row.zone,
        opened_by=row.opened_by,
        changed_at=row.changed_at,
    )


def as_json(found: Session) -> dict[str, Any]:
    """A session as it stands in the API's answers, without who sits in it."""
    return {
        "id": str(found.id),
        "version": found.version,
        "status": found.status,
        "service": str(found.service),
        "service_name": found.service_name,
        "title": found.title,
        "practitioners": [str(person) for person in found.practitioners],
        "start": instant_text(found.start),
        "end": instant_text(found.end),
        "zone": found.zone,
        "sequence": found.sequence,
        "seats": found.seats,
        "taken": found.taken,
        "left": found.left,
    }
