"""What the worker does for recordings."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from telegut.jobs.queue import Job
from telegut.jobs.runner import Handler
from telegut.rooms.recordings.films import Films
from telegut.rooms.recordings.live import FILM_JOB
from telegut.rooms.recordings.service import REMOVE_JOB

CATCH_UP_JOB = "recording.catch_up"
PERIODIC: Mapping[str, float] = {CATCH_UP_JOB: 600.0}


def jobs(films: Films) -> Mapping[str, Handler]:
    """Handlers by kind of job."""

    async def make(job: Job) -> None:
        await films.make(UUID(job.payload["recording"]))

    async def remove(job: Job) -> None:
        await films.remove(UUID(job.payload["recording"]))

    async def catch_up(_: Job) -> None:
        await films.catch_up()

    return {FILM_JOB: make, REMOVE_JOB: remove, CATCH_UP_JOB: catch_up}
