"""Reasons for coming, in the clinic's neutral words, each with the kinds of visit that fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by

from telegut.db.engine import Transaction, on_violation
from telegut.db.ids import new_id
from telegut.errors import Conflict, FieldError, Invalid, NotFound
from telegut.scheduling import catalogue
from telegut.scheduling.choice.tables import topic, topic_service
from telegut.scheduling.tables import service


class TopicKnown(Conflict):
    """There is already a reason for coming with this name."""


class TopicChanged(Conflict):
    """Somebody else has just changed this. Please look at it again."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A reason for coming. *services*: the kinds of visit for it, the fitting one first."""

    id: UUID
    name: str
    services: tuple[UUID, ...]
    version: int = 1


async def read(tx: Transaction) -> list[Topic]:
    """Every reason that people may choose, in the clinic's order; retired kinds of visit are left out."""
    kinds = (
        select(func.array_agg(aggregate_order_by(topic_service.c.service, topic_service.c.place)))
        .join(service, service.c.id == topic_service.c.service)
        .where(topic_service.c.topic == topic.c.id, service.c.retired_at.is_(None))
        .scalar_subquery()
    )
    statement = (
        select(topic, func.coalesce(kinds, []).label("services"))
        .where(topic.c.retired_at.is_(None))
        .order_by(topic.c.place, func.lower(topic.c.name))
    )
    return [Topic(row.id, row.name, tuple(row.services), row.version) for row in await tx.execute(statement)]


async def one(tx: Transaction, topic_id: UUID) -> Topic:
    """
    One reason for coming.

    Raises:
        NotFound: there is none, or nobody may choose it any more.
    """
    found = next((known for known in await read(tx) if known.id == topic_id), None)
    if found is None:
        raise NotFound("There is no such reason for coming.")
    return found


async def add(tx: Transaction, name: str, services: Sequence[UUID], place: int) -> Topic:
    """
    Offer a new reason, with its kinds of visit.

    Raises:
        TopicKnown: the name is there already. Invalid: an unknown kind of visit.
    """
    new = Topic(new_id(), name, tuple(dict.fromkeys(services)))
    with on_violation(scheduling_topic_name_idx=TopicKnown):
        await tx.execute(insert(topic).values(id=new.id, name=name, place=place))
    await _set_services(tx, new.id, new.services)
    return new


async def change(tx: Transaction, wanted: Topic, place: int | None) -> Topic:
    """
    Give a reason other words or other kinds of visit; *wanted* has the version it was based on.

    Raises:
        NotFound: there is no such reason. TopicChanged: not based on the current version. TopicKnown: the name is
        there already. Invalid: an unknown kind of visit.
    """
    values = {"name": wanted.name, "version": topic.c.version + 1, **({} if place is None else {"place": place})}
    changed = (
        update(topic)
        .where(topic.c.id == wanted.id, topic.c.version == wanted.version, topic.c.retired_at.is_(None))
        .values(values)
        .returning(topic.c.version)
    )
    with on_violation(scheduling_topic_name_idx=TopicKnown):
        version = await tx.scalar(changed)
    if version is None:
        current = await one(tx, wanted.id)
        facts = {"id": str(current.id), "name": current.name, "version": current.version}
        raise TopicChanged(current={**facts, "services": [str(kind) for kind in current.services]})
    services = tuple(dict.fromkeys(wanted.services))
    await _set_services(tx, wanted.id, services)
    return Topic(wanted.id, wanted.name, services, version)


async def retire(tx: Transaction, topic_id: UUID) -> None:
    """
    Nobody may choose this reason any more; once more changes nothing.

    Raises:
        NotFound: there never was one.
    """
    ended = (
        update(topic)
        .where(topic.c.id == topic_id)
        .values(retired_at=func.coalesce(topic.c.retired_at, func.statement_timestamp()))
        .returning(topic.c.id)
    )
    if await tx.scalar(ended) is None:
        raise NotFound("There is no such reason for coming.")


async def _set_services(tx: Transaction, topic_id: UUID, services: Sequence[UUID]) -> None:
    known = {one.id for one in await catalogue.visit_types(tx)}
    if not set(services) <= known:
        raise Invalid(errors=[FieldError("services", "One of these kinds of visit does not exist.")])
    await tx.execute(delete(topic_service).where(topic_service.c.topic == topic_id))
    rows = [{"topic": topic_id, "service": kind, "place": place} for place, kind in enumerate(services)]
    if rows:
        await tx.execute(insert(topic_service).values(rows))
