"""Two processes of telegut in one: each with its own pool of connections and its own booking writer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import text as sql

from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.errors import TelegutError
from telegut.scheduling.arranging import Request
from telegut.scheduling.desk import answer_to
from telegut.scheduling.service import Scheduling, build_scheduling
from telegut.scheduling.writer import BookingWriter, Limits
from telegut.settings import Settings
from telegut.web.idempotency import Ledger
from tests import build
from tests.build import Account

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Process:
    """One of them."""

    db: Database
    scheduling: Scheduling
    writer: BookingWriter

    async def book(self, who: Account, service: UUID, practitioners: Sequence[UUID], start: datetime) -> int:
        """The status with which a request for a visit is answered."""
        wish = Request(caller(who), service, tuple(practitioners), start)
        return (await self.writer.book(wish)).answer.status


def caller(who: Account) -> Caller:
    """Somebody signed in."""
    return Caller(account=who.id, roles=frozenset({who.role}))


@asynccontextmanager
async def two_processes(url: str) -> AsyncIterator[list[Process]]:
    """Both on one database."""
    running: list[Process] = []
    for _ in range(2):
        db = Database(url, pool_wait_s=30.0)
        writer = BookingWriter(
            db, build.VAULT, Ledger(build.ROOT_KEY), answer=answer_to, limits=Limits(waiting=1000, group=32)
        )
        running.append(Process(db, build_scheduling(db, build.VAULT, Settings()), writer))
        writer.start()
    try:
        yield running
    finally:
        for one in running:
            await one.writer.stop()
            await one.db.dispose()


async def together(*work: Awaitable[T]) -> list[T | TelegutError]:
    """What comes of work that all begins at one moment; a refusal is an outcome, anything else fails the test."""
    gate = asyncio.Barrier(len(work))

    async def one(doing: Awaitable[T]) -> T | TelegutError:
        await gate.wait()
        try:
            return await doing
        except TelegutError as refusal:
            return refusal

    return list(await asyncio.gather(*(one(each) for each in work)))


async def visits(db: Database, person: UUID, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """Somebody's booked visits that begin in ``[since, until)``."""
    statement = sql(
        "select lower(visit), upper(visit) from scheduling_participant where person = :person and active"
        " and appointment is not null and lower(visit) >= :since and lower(visit) < :until order by 1"
    )
    async with db.begin(build.BUILDER) as tx:
        rows: list[Any] = [*await tx.execute(statement, {"person": person, "since": since, "until": until})]
        return [(row[0], row[1]) for row in rows]
