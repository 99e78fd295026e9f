"""Durable jobs: enqueued in the transaction that causes them, at least once, by whoever takes the lease."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Integer, Table, Text, UniqueConstraint, delete, func, select, text
from sqlalchemy.dialects.postgresql import JSONB, insert

from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
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


# Made once, and asked over a line: a busy worker does both for every job.
_TAKE = """
    update jobs_job set leased_until = now() + $3::interval, attempts = attempts + 1
    where id = any(array(
        select id from jobs_job
        where done_at is null and parked_at is null and (leased_until is null or leased_until < now())
            and run_at <= now() and kind = any($2::text[])
        order by run_at limit $1 for update skip locked))
    returning id, kind, payload, attempts
    """
# The attempt number fences: a worker that lost its lease changes nothing of the next one's.
_EXTEND = "update jobs_job set leased_until = now() + $3::interval where id = $1 and attempts = $2 and done_at is null"
_FINISH = (
    "update jobs_job set done_at = now(), leased_until = null, last_error = null"
    " where id = $1 and attempts = $2 and done_at is null"
)
_PARK = (
    "update jobs_job set parked_at = now(), leased_until = null, last_error = $3"
    " where id = $1 and attempts = $2 and done_at is null"
)
_AGAIN = (
    "update jobs_job set run_at = now() + $4::interval, leased_until = null, last_error = $3"
    " where id = $1 and attempts = $2 and done_at is null"
)


class Queue:
    """
    What a worker does with the table. Every expiry is by the database's clock.

    Nobody waits for the disk (see `telegut.db.line`): when the machine stops, a lease or an end that is not on it makes
    a job come once more, which is what at least once says. Only enqueuing has to hold.
    """

    def __init__(self, db: Database, *, lease: timedelta, tries: int) -> None:
        self._db = db
        self._line = db.line("telegut jobs")
        self._lease = lease
        self._tries = tries

    async def take(self, count: int, kinds: list[str]) -> list[Job]:
        """Lease up to *count* due jobs; a lease that ran out is anybody's again."""
        taken = await self._line.ask(_TAKE, count, kinds, self._lease)
        return [Job(row["id"], row["kind"], row["payload"], row["attempts"]) for row in taken]

    async def extend(self, job: Job) -> None:
        """Hold on to a job that takes longer."""
        await self._line.ask(_EXTEND, job.id, job.attempts, self._lease)

    async def finish(self, job: Job) -> None:
        """It is done."""
        await self._line.ask(_FINISH, job.id, job.attempts)

    async def fail(self, job: Job, error: str) -> bool:
        """It went wrong with *error* (a type's name): later again, or parked. Returns whether it was parked."""
        if job.attempts >= self._tries:
            await self._line.ask(_PARK, job.id, job.attempts, error)
            return True
        again = timedelta(seconds=min(2**job.attempts, 600))
        await self._line.ask(_AGAIN, job.id, job.attempts, error, again)
        return False

    async def parked(self) -> int:
        """How many jobs wait for a person to look at them."""
        async with self._db.begin(Caller.system("worker")) as tx:
            return int(await tx.scalar(select(func.count()).where(jobs.c.parked_at.is_not(None))) or 0)

    async def purge(self, keep: timedelta) -> None:
        """Forget finished jobs older than *keep*."""
        async with self._db.begin(Caller.system("worker")) as tx:
            await tx.execute(delete(jobs).where(jobs.c.done_at < func.now() - keep))
