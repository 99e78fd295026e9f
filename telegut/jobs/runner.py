"""The worker's loop: take what is due, do it, say how it went."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from telegut import logs
from telegut.clock import Clock
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.errors import TelegutError
from telegut.jobs.queue import Job, Queue, enqueue

Handler = Callable[[Job], Awaitable[None]]
POLL_S = 0.5
"""How long an idle worker waits. Nobody wakes it: a NOTIFY with every booking would cost more than half a second."""
GATHER_S = 0.02
"""How long a worker whose hands were full waits for more of them before it asks for jobs: once for several."""
log = logs.get("worker")


class Runner:
    """
    Runs jobs, a bounded number at once.

    periodic: kinds that come round by themselves, with their period in seconds; each round is one job, however many
    workers there are.
    """

    def __init__(
        self,
        db: Database,
        queue: Queue,
        handlers: Mapping[str, Handler],
        *,
        now: Clock,
        tasks: int,
        lease_s: float,
        periodic: Mapping[str, float] | None = None,
    ) -> None:
        self._db = db
        self._queue = queue
        self._handlers = dict(handlers)
        self._now = now
        self._tasks = tasks
        self._lease_s = lease_s
        self._periodic = dict(periodic or {})
        self._rounds: dict[str, int] = {}

    async def run(self) -> None:
        """Work until cancelled; what is under way is finished or comes back when its lease runs out."""
        running: set[asyncio.Task[None]] = set()
        try:
            while True:
                started = await self._start_due(running)
                if not started:
                    await asyncio.sleep(POLL_S)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _start_due(self, running: set[asyncio.Task[None]]) -> int:
        free = self._tasks - len(running)
        if free <= 0:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(GATHER_S)
            return 1
        try:
            await self._enqueue_rounds(self._now())
            taken = await self._queue.take(free, list(self._handlers))
        except (TelegutError, OSError) as exc:
            log.warning("queue away", error=type(exc).__name__)
            return 0
        except Exception as exc:
            log.error("queue failed", error=type(exc).__name__, where=logs.where(exc))
            return 0
        for job in taken:
            task = asyncio.create_task(self.do(job), name=job.kind)
            running.add(task)
            task.add_done_callback(running.discard)
        return len(taken)

    async def _enqueue_rounds(self, now: datetime) -> None:
        for kind, period_s in self._periodic.items():
            turn = int(now.timestamp() // period_s)
            if self._rounds.get(kind) == turn:
                continue
            async with self._db.begin(Caller.system("worker")) as tx:
                await enqueue(tx, kind, {}, unique=f"round {turn}")
            self._rounds[kind] = turn

    async def do(self, job: Job) -> None:
        """Do one job and record how it went."""
        holding = asyncio.create_task(self._hold(job))
        try:
            await self._handlers[job.kind](job)
            await self._queue.finish(job)
        except Exception as exc:
            log.error("job failed", job=job.kind, attempt=job.attempts, error=type(exc).__name__, where=logs.where(exc))
            await self._failed(job, exc)
        finally:
            holding.cancel()

    async def _failed(self, job: Job, exc: Exception) -> None:
        try:
            if await self._queue.fail(job, type(exc).__name__):
                log.error("job parked", job=job.kind)
        except (TelegutError, OSError) as away:
            log.warning("queue away", error=type(away).__name__)

    async def _hold(self, job: Job) -> None:
        while True:
            await asyncio.sleep(self._lease_s / 3)
            try:
                await self._queue.extend(job)
            except (TelegutError, OSError) as exc:
                log.warning("lease not extended", job=job.kind, error=type(exc).__name__)
