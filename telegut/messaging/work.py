"""What the worker does for messaging: the care team's place follows the team, and unread messages become notices."""

from __future__ import annotations

from uuid import UUID

from telegut.jobs.queue import Job
from telegut.jobs.runner import Handler
from telegut.messaging.service import Messaging

TEAM_JOB = "care_team.changed"
UNREAD_JOB = "messaging.unread"
UNREAD_PERIOD_S = 20.0


def jobs(messaging: Messaging) -> dict[str, Handler]:
    """Handlers by kind of job."""

    async def follow(job: Job) -> None:
        await messaging.follow_care_team(UUID(job.payload["patient"]))

    async def unread(_: Job) -> None:
        await messaging.notice_unread()

    return {TEAM_JOB: follow, UNREAD_JOB: unread}


PERIODIC = {UNREAD_JOB: UNREAD_PERIOD_S}
