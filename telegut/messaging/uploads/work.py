"""What the worker does for uploads."""

from __future__ import annotations

from uuid import UUID

from telegut.jobs.queue import Job
from telegut.jobs.runner import Handler
from telegut.messaging.uploads.making import UploadServices
from telegut.messaging.uploads.service import CHECK_JOB, FORGET_JOB

AGAIN_JOB = "messaging.uploads_waiting"
COLLECT_JOB = "messaging.uploads_collect"
COLLECT_PERIOD_S = 3_600.0
AGAIN_PERIOD_S = 30.0


def jobs(uploads: UploadServices) -> dict[str, Handler]:
    """Handlers by kind of job."""

    async def check(job: Job) -> None:
        await uploads.checking.check(UUID(job.payload["upload"]))

    async def again(_: Job) -> None:
        await uploads.collecting.ask_again()

    async def collect(_: Job) -> None:
        await uploads.collecting.collect()

    async def forget(job: Job) -> None:
        await uploads.collecting.forget([UUID(one) for one in job.payload["objects"]])

    return {CHECK_JOB: check, FORGET_JOB: forget, AGAIN_JOB: again, COLLECT_JOB: collect}


PERIODIC = {AGAIN_JOB: AGAIN_PERIOD_S, COLLECT_JOB: COLLECT_PERIOD_S}
