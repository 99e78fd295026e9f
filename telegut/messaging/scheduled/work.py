"""The worker's part: messages whose moment has come."""

from __future__ import annotations

from uuid import UUID

from telegut.jobs.queue import Job
from telegut.jobs.runner import Handler
from telegut.messaging.scheduled.service import SEND_JOB, Later


def jobs(later: Later) -> dict[str, Handler]:
    """Handlers by kind of job."""

    async def send(job: Job) -> None:
        await later.send(UUID(job.payload["message"]), int(job.payload["version"]))

    return {SEND_JOB: send}
