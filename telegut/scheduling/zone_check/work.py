"""What the worker does about zone data: looks whether it is another one than the visits were checked with."""

from __future__ import annotations

from collections.abc import Mapping

from telegut import logs
from telegut.jobs.queue import Job
from telegut.jobs.runner import Handler
from telegut.scheduling.zone_check.service import ZoneCheck

CHECK_JOB = "zones.check"
PERIODIC: Mapping[str, float] = {CHECK_JOB: 60.0}
"""Within a minute of a start on new zone data; otherwise one small read."""
log = logs.get("zones")


def jobs(check: ZoneCheck) -> dict[str, Handler]:
    """Handlers by kind of job."""

    async def look(_: Job) -> None:
        found = await check.check()
        if found:
            log.warning("visits would move", visits=len(found))

    return {CHECK_JOB: look}
