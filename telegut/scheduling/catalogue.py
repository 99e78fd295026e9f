"""Kinds of visit, who offers them, and the clinic's numbers: what every question about time begins with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as upsert

from telegut.db.engine import Transaction
from telegut.errors import FieldError, Invalid
from telegut.scheduling import zones
from telegut.scheduling.appointments import INTERPRETER
from telegut.scheduling.clinic.tables import holiday
from telegut.scheduling.rules import Policy, VisitType
from telegut.scheduling.tables import calendar, policy, provides, service

# Asked by every booking: made once, because making a statement costs as much as running it.
_TERMS = (
    select(service, policy, func.statement_timestamp().label("now"))
    .join_from(service, policy, policy.c.only)
    .where(service.c.id == bindparam("wanted"), service.c.retired_at.is_(None))
)


MINUTES_A_DAY = 1440


class UnknownService(Invalid):
    """There is no such kind of visit."""


@dataclass(frozen=True, slots=True)
class Terms:
    """A kind of visit under the clinic's numbers for it, as of *now* by the database's clock."""

    visit: VisitType
    policy: Policy
    now: datetime


@dataclass(frozen=True, slots=True)
class Provider:
    """A practitioner who takes visits. *zone*: of their hours."""

    id: UUID
    role: str
    zone: str
    services: tuple[UUID, ...]


async def terms(tx: Transaction, service_id: UUID) -> Terms:
    """
    The terms for visits of one kind.

    Raises:
        UnknownService: there is no such kind, or it is no longer offered.
    """
    row = (await tx.execute(_TERMS, {"wanted": service_id})).one_or_none()
    if row is None:
        raise UnknownService(errors=[FieldError("service", "There is no such kind of visit.")])
    return terms_of(row)


def terms_of(row: Row[Any]) -> Terms:
    """The terms in a row with the columns of a kind of visit, those of the clinic's numbers, and ``now``."""
    visit = _visit_type(row)
    return Terms(visit, _policy(row).for_visit(visit), row.now)


async def visit_type(tx: Transaction, service_id: UUID) -> VisitType:
    """One kind of visit, whether or not it is still offered."""
    return _visit_type((await tx.execute(select(service).where(service.c.id == service_id))).one())


async def visit_types(tx: Transaction) -> list[VisitType]:
    """Every kind of visit that is offered, in the clinic's order."""
    statement = select(service).where(service.c.retired_at.is_(None)).order_by(service.c.place, service.c.name)
    return [_visit_type(row) for row in await tx.execute(statement)]


async def clinic_policy(tx: Transaction) -> tuple[Policy, datetime]:
    """The clinic's numbers, and now by the database's clock."""
    row = (await tx.execute(select(policy, func.statement_timestamp().label("now")))).one()
    return _policy(row), row.now


async def providers(tx: Transaction, only: Iterable[UUID] | None = None) -> list[Provider]:
    """Everybody who takes visits, and which; *only* these, who may be interpreters."""
    offered = select(func.array_agg(provides.c.service)).where(provides.c.practitioner == calendar.c.practitioner)
    statement = select(
        calendar.c.practitioner,
        calendar.c.role,
        calendar.c.zone,
        func.coalesce(offered.scalar_subquery(), []).label("of"),
    )
    if only is None:
        statement = statement.where(calendar.c.role != INTERPRETER)
    else:
        statement = statement.where(calendar.c.practitioner.in_(set(only)))
    rows = await tx.execute(statement.order_by(calendar.c.role, calendar.c.practitioner))
    return [Provider(row.practitioner, row.role, row.zone, tuple(sorted(row.of))) for row in rows]


async def add_visit_type(tx: Transaction, visit: VisitType, *, place: int = 0) -> None:
    """Offer a new kind of visit."""
    await tx.execute(
        insert(service).values(
            id=visit.id,
            name=visit.name,
            duration_minutes=_minutes(visit.duration),
            needs=list(visit.needs),
            **own_numbers(visit),
            place=place,
            seats=visit.seats,
        )
    )


def own_numbers(visit: VisitType) -> dict[str, int | None]:
    """What a kind of visit has around it and instead of the clinic's numbers, as it is kept."""
    return {
        "buffer_before_minutes": _minutes(visit.buffer_before),
        "buffer_after_minutes": _minutes(visit.buffer_after),
        "own_notice_minutes": None if visit.minimum_notice is None else _minutes(visit.minimum_notice),
        "own_horizon_days": None if visit.horizon is None else visit.horizon.days,
        "own_grid_minutes": None if visit.grid is None else _minutes(visit.grid),
    }


async def add_provider(
    tx: Transaction, practitioner: UUID, role: str, zone: str, services: Iterable[UUID] = ()
) -> None:
    """Let somebody take visits as a *role*, of the kinds named; again adds kinds. Their hours are empty at first."""
    zones.load(zone)
    await tx.execute(select(policy.c.only).with_for_update(read=True))  # no holiday is set meanwhile
    days = select(func.coalesce(func.array_agg(aggregate_order_by(holiday.c.day, holiday.c.day)), []))
    row = {"practitioner": practitioner, "role": role, "zone": zone, "holidays": days.scalar_subquery()}
    await tx.execute(upsert(calendar).values(row).on_conflict_do_nothing())
    offered = [{"practitioner": practitioner, "service": one, "role": role} for one in services]
    if offered:
        await tx.execute(upsert(provides).values(offered).on_conflict_do_nothing())


async def set_policy(tx: Transaction, wanted: Policy) -> None:
    """Change the clinic's numbers."""
    await tx.execute(
        update(policy).values(
            minimum_notice_minutes=_minutes(wanted.minimum_notice),
            horizon_days=wanted.horizon.days,
            grid_minutes=_minutes(wanted.grid),
            max_future_visits=wanted.max_future_visits,
            cancel_notice_minutes=_minutes(wanted.cancel_notice),
            hold_minutes=_minutes(wanted.hold_for),
            holds_per_patient=wanted.holds_per_patient,
            any_practitioner=wanted.any_practitioner,
            offer_minutes=_minutes(wanted.offer_for),
            quiet_from=wanted.quiet_from,
            quiet_until=wanted.quiet_until,
            series_at_most=wanted.series_at_most,
            max_visits_a_day=wanted.max_visits_a_day,
            reminder_minutes=sorted(set(wanted.reminder_minutes), reverse=True),
            version=policy.c.version + 1,
        )
    )


def _visit_type(row: Row[Any]) -> VisitType:
    return VisitType(
        row.id,
        row.name,
        timedelta(minutes=row.duration_minutes),
        timedelta(minutes=row.buffer_before_minutes),
        timedelta(minutes=row.buffer_after_minutes),
        tuple(row.needs),
        _length(row.own_notice_minutes, 1),
        _length(row.own_horizon_days, MINUTES_A_DAY),
        _length(row.own_grid_minutes, 1),
        seats=row.seats,
    )


def _policy(row: Row[Any]) -> Policy:
    return Policy(
        minimum_notice=timedelta(minutes=row.minimum_notice_minutes),
        horizon=timedelta(days=row.horizon_days),
        grid=timedelta(minutes=row.grid_minutes),
        max_future_visits=row.max_future_visits,
        cancel_notice=timedelta(minutes=row.cancel_notice_minutes),
        hold_for=timedelta(minutes=row.hold_minutes),
        holds_per_patient=row.holds_per_patient,
        any_practitioner=row.any_practitioner,
        offer_for=timedelta(minutes=row.offer_minutes),
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        series_at_most=row.series_at_most,
        max_visits_a_day=row.max_visits_a_day,
        reminder_minutes=tuple(row.reminder_minutes),
    )


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)


def _length(number: int | None, minutes: int) -> timedelta | None:
    return None if number is None else timedelta(minutes=number * minutes)
