"""The worker's part: indexes follow their logs."""

from __future__ import annotations

from telegut.jobs.queue import Job
from telegut.jobs.runner import Handler
from telegut.messaging.search.service import Search

INDEX_JOB = "messaging.index"
INDEX_PERIOD_S = 30.0


def jobs(search: Search) -> dict[str, Handler]:
    """Handlers by kind of job."""

    async def follow(_: Job) -> None:
        await search.catch_up()

    return {INDEX_JOB: follow}


PERIODIC = {INDEX_JOB: INDEX_PERIOD_S}
"""A search reads in what is missing by itself; this keeps that little."""
