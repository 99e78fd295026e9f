"""Jobs: at least once, never by two at a time, parked when they keep failing."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import func, select, update

from telegut.clock import utc_now
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.jobs.queue import Job, Queue, enqueue, jobs
from telegut.jobs.runner import Handler, Runner

SYSTEM = Caller.system("test")


def _queue(db: Database) -> Queue:
    return Queue(db, lease=timedelta(seconds=30), tries=3)


def _runner(db: Database, handler: Handler, **options: object) -> Runner:
    return Runner(db, _queue(db), {"test": handler}, now=utc_now, tasks=4, lease_s=30, **options)  # type: ignore[arg-type]


async def _enqueue(db: Database, count: int, unique: str | None = None) -> None:
    async with db.begin(SYSTEM) as tx:
        for n in range(count):
            await enqueue(tx, "test", {"n": n}, unique=unique)


async def _until(condition: asyncio.Event, *runners: Runner) -> None:
    tasks = [asyncio.create_task(one.run()) for one in runners]
    try:
        await asyncio.wait_for(condition.wait(), 20)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_two_workers_do_each_job_once(db: Database) -> None:
    await _enqueue(db, 40)
    done: list[int] = []
    finished = asyncio.Event()

    async def work(job: Job) -> None:
        await asyncio.sleep(0.005)
        done.append(job.payload["n"])
        if len(done) >= 40:
            finished.set()

    await _until(finished, _runner(db, work), _runner(db, work))

    assert list(range(40)) == sorted(done)


async def test_a_job_that_keeps_failing_is_parked(db: Database) -> None:
    await _enqueue(db, 1)
    queue = _queue(db)
    for attempt in (1, 2, 3):
        async with db.begin(SYSTEM) as tx:
            await tx.execute(update(jobs).values(run_at=func.now()))
        (job,) = await queue.take(5, ["test"])

        assert (attempt == 3) == await queue.fail(job, "ValueError")
    assert ([], 1) == (await queue.take(5, ["test"]), await queue.parked())


async def test_a_lease_that_ran_out_is_anybodys_and_the_first_holder_is_fenced(db: Database) -> None:
    await _enqueue(db, 1)
    queue = _queue(db)
    (first,) = await queue.take(1, ["test"])
    assert [] == await queue.take(1, ["test"])
    async with db.begin(SYSTEM) as tx:
        await tx.execute(update(jobs).values(leased_until=func.now() - timedelta(seconds=1)))
    (second,) = await queue.take(1, ["test"])
    await queue.finish(first)
    async with db.begin(SYSTEM) as tx:
        assert await tx.scalar(select(jobs.c.done_at)) is None
    await queue.finish(second)
    async with db.begin(SYSTEM) as tx:
        assert await tx.scalar(select(jobs.c.done_at)) is not None


async def test_a_unique_job_is_enqueued_once(db: Database) -> None:
    await asyncio.gather(*(_enqueue(db, 1, unique="same") for _ in range(10)))
    async with db.begin(SYSTEM) as tx:
        assert 1 == await tx.scalar(select(func.count()).select_from(jobs))


async def test_a_job_exists_only_when_its_transaction_held(db: Database) -> None:
    try:
        async with db.begin(SYSTEM) as tx:
            await enqueue(tx, "test", {"id": str(uuid4())})
            raise LookupError
    except LookupError:
        pass
    assert [] == await _queue(db).take(1, ["test"])


async def test_a_round_is_one_job_however_many_workers_there_are(db: Database) -> None:
    rounds: list[Job] = []
    came = asyncio.Event()

    async def work(job: Job) -> None:
        rounds.append(job)
        came.set()

    period = {"test": 1_000_000_000.0}
    await _until(came, *(_runner(db, work, periodic=period) for _ in range(3)))

    assert 1 == len(rounds)
