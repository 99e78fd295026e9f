"""What the worker does for notices: giving mails to the mail server."""

from __future__ import annotations

from uuid import UUID

from telegut.jobs.queue import Job
from telegut.jobs.runner import Handler
from telegut.notices.service import SEND_JOB, SWEEP_JOB, SWEEP_PERIOD_S, Notices


def jobs(notices: Notices) -> dict[str, Handler]:
    """Handlers by kind of job."""

    async def mail(job: Job) -> None:
        await notices.mail(UUID(job.payload["notice"]))

    async def sweep(_: Job) -> None:
        await notices.sweep()

    return {SEND_JOB: mail, SWEEP_JOB: sweep}


PERIODIC = {SWEEP_JOB: SWEEP_PERIOD_S}
