"""What the worker does for notices: giving mails, text messages and push messages to whoever takes them."""

from __future__ import annotations

from uuid import UUID

from telegut.jobs.queue import Job
from telegut.jobs.runner import Handler
from telegut.notices.news import NEWS_JOB, News
from telegut.notices.reaching import CODE_JOB, Reaching
from telegut.notices.service import SEND_JOB, SWEEP_JOB, SWEEP_PERIOD_S, Notices


def jobs(notices: Notices) -> dict[str, Handler]:
    """Handlers by kind of job."""

    async def mail(job: Job) -> None:
        await notices.mail(UUID(job.payload["notice"]))

    async def sweep(_: Job) -> None:
        await notices.sweep()

    return {SEND_JOB: mail, SWEEP_JOB: sweep, NEWS_JOB: News(notices).spread}


def code_jobs(reaching: Reaching) -> dict[str, Handler]:
    """Sending codes to numbers that somebody says are theirs."""

    async def code(job: Job) -> None:
        await reaching.send_code(UUID(job.payload["challenge"]))

    return {CODE_JOB: code}


PERIODIC = {SWEEP_JOB: SWEEP_PERIOD_S}
