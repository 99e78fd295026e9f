"""The worker's part: calendars elsewhere are read when their time comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from telegut.jobs.queue import Job
from telegut.jobs.runner import Handler
from telegut.scheduling.busy.service import READ, BusyElsewhere

LOOK: Final = "scheduling.busy_look"
PERIODIC: Mapping[str, float] = {LOOK: 60.0}


def jobs(busy: BusyElsewhere) -> Mapping[str, Handler]:
    """What is done, by kind of job."""

    async def look(_: Job) -> None:
        await busy.look_round()

    async def read(job: Job) -> None:
        await busy.read(UUID(job.payload["source"]))

    return {LOOK: look, READ: read}
