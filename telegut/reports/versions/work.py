"""What the worker does for versions: reads again what an older reader read."""

from __future__ import annotations

from telegut.jobs.queue import Job
from telegut.jobs.runner import Handler
from telegut.reports.versions.service import REREAD, Versions

DUE = "reports.reread-due"
DUE_PERIOD_S = 600.0
"""A new reader arrives with a restart; ten minutes later at most its work is ordered, a batch at a time."""


def jobs(versions: Versions) -> dict[str, Handler]:
    """Handlers by kind of job."""

    async def due(_: Job) -> None:
        await versions.order_due()

    return {REREAD: versions.reread, DUE: due}


PERIODIC = {DUE: DUE_PERIOD_S}
"""Kinds of jobs that come round by themselves, with their period in seconds."""
