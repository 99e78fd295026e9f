"""The worker's part: words older than the clinic keeps them are removed."""

from __future__ import annotations

from telegut.jobs.queue import Job
from telegut.jobs.runner import Handler
from telegut.messaging.retention.service import Retention

PURGE_JOB = "messaging.purge"
PURGE_PERIOD_S = 3600.0


def jobs(retention: Retention) -> dict[str, Handler]:
    """Handlers by kind of job."""

    async def purge(_: Job) -> None:
        while await retention.purge() >= retention.batch:
            continue

    return {PURGE_JOB: purge}


PERIODIC = {PURGE_JOB: PURGE_PERIOD_S}
"""Kinds of jobs that come round by themselves, with their period in seconds."""
