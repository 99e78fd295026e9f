"""Durable jobs: enqueued in the transaction that causes them, at least once, by whoever takes the lease."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Integer, Table, Text, UniqueConstraint, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from telegut.db.caller import Caller
from telegut.db.engine import LATER_ON_DISK, Database, Transaction
from telegut.db.ids import new_id
from telegut.db.many import Together
from telegut.db.metadata import Id, Timestamp, metadata

jobs = Table(
    "jobs_job",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("unique_key", Text, nullable=True),
    Column("run_at", Timestamp, nullable=False, server_default=func.now()),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("leased_until", Timestamp, nullable=True),
    Column("done_at", Timestamp, nullable=True),
    Column("parked_at", Timestamp, nullable=True),
    Column("last_error", Text, nullable=True),
    UniqueConstraint("kind", "unique_key"),
)
_OPEN = jobs.c.done_at.is_(None) & jobs.c.parked_at.is_(None)
Index("jobs_job_due_idx", jobs.c.run_at, postgresql_where=text("done_at is null and parked_at is null"))


@dataclass(frozen=True, slots=True)
class Job:
    """One job at one attempt; *payload* holds ids only."""

    id: UUID
    kind: str
    payload: dict[str, Any]
    attempts: int


async def enqueue(
    tx: Transaction,
    kind: str,
    payload: dict[str, Any],
    *,
    run_at: datetime | None = None,
    unique: str | None = None,
) -> None:
    """Have *kind* done, once *tx* holds and not before *run_at*. The same *unique* word twice is one job."""
    row: dict[str, Any] = {"id": new_id(), "kind": kind, "payload": payload, "unique_key": unique}
    if run_at is not None:
        row["run_at"] = run_at
    await tx.execute(insert(jobs).values(row).on_conflict_do_nothing())


async def enqueue_all(tx: Transaction, wanted: Sequence[tuple[str, dict[str, Any], str]]) -> None:
    """As `enqueue`, for many at once: kind, payload and unique word of each."""
    together = Together()
    enqueue_together(together, wanted)
    await together.write(tx)


def enqueue_together(together: Together, wanted: Sequence[tuple[str, dict[str, Any], str]]) -> None:
    """As `enqueue_all`, with what else is written *together*."""
    rows = [
        {"id": new_id(), "kind": kind, "payload": json.dumps(payload), "unique_key": unique}
        for kind, payload, unique in wanted
    ]
    together.insert(jobs, rows, on_conflict="on conflict do nothing")


class Queue:
    """
    What a worker does with the table. Every expiry is by the database's clock.

    Nobody waits for the disk: when the machine stops, a lease or an end that is not on it makes a job come once more,
    which is what at least once says. Only enqueuing has to hold.
    """

    def __init__(self, db: Database, *, lease: timedelta, tries: int) -> None:
        self._db = db
        self._lease = lease
        self._tries = tries

    async def take(self, count: int, kinds: list[str]) -> list[Job]:
        """Lease up to *count* due jobs; a lease that ran out is anybody's again."""
        free = or_(jobs.c.leased_until.is_(None), jobs.c.leased_until < func.now())
        due = (
            select(jobs.c.id)
            .where(_OPEN, free, jobs.c.run_at <= func.now(), jobs.c.kind.in_(kinds))
            .order_by(jobs.c.run_at)
            .limit(count)
            .with_for_update(skip_locked=True)
        )
        taken = (
            update(jobs)
            .where(jobs.c.id.in_(due.scalar_subquery()))
            .values(leased_until=func.now() + self._lease, attempts=jobs.c.attempts + 1)
            .returning(jobs.c.id, jobs.c.kind, jobs.c.payload, jobs.c.attempts)
        )
        async with self._db.begin(Caller.system("worker"), setting=LATER_ON_DISK) as tx:
            return [Job(row.id, row.kind, row.payload, row.attempts) for row in await tx.execute(taken)]

    async def extend(self, job: Job) -> None:
        """Hold on to a job that takes longer."""
        await self._set(job, leased_until=func.now() + self._lease)

    async def finish(self, job: Job) -> None:
        """It is done."""
        await self._set(job, done_at=func.now(), leased_until=None, last_error=None)

    async def fail(self, job: Job, error: str) -> bool:
        """It went wrong with *error* (a type's name): later again, or parked. Returns whether it was parked."""
        if job.attempts >= self._tries:
            await self._set(job, parked_at=func.now(), leased_until=None, last_error=error)
            return True
        again = timedelta(seconds=min(2**job.attempts, 600))
        await self._set(job, run_at=func.now() + again, leased_until=None, last_error=error)
        return False

    async def _set(self, job: Job, **values: Any) -> None:
        # The attempt number fences: a worker that lost its lease changes nothing of the next one's.
        mine = (jobs.c.id == job.id) & (jobs.c.attempts == job.attempts)
        async with self._db.begin(Caller.system("worker"), setting=LATER_ON_DISK) as tx:
            await tx.execute(update(jobs).where(mine, jobs.c.done_at.is_(None)).values(**values))

    async def parked(self) -> int:
        """How many jobs wait for a person to look at them."""
        async with self._db.begin(Caller.system("worker")) as tx:
            return int(await tx.scalar(select(func.count()).where(jobs.c.parked_at.is_not(None))) or 0)

    async def purge(self, keep: timedelta) -> None:
        """Forget finished jobs older than *keep*."""
        async with self._db.begin(Caller.system("worker")) as tx:
            await tx.execute(delete(jobs).where(jobs.c.done_at < func.now() - keep))
