"""What the worker does for the ledger: standings follow the log, covers come and go, unread urgent ones escalate."""

from __future__ import annotations

from telegut.jobs.queue import Job
from telegut.jobs.runner import Handler
from telegut.messaging.ledger.making import LedgerServices

NOTE_JOB = "ledger.note"
NOTE_PERIOD_S = 20.0
COVER_JOB = "ledger.covers"
COVER_PERIOD_S = 60.0
URGENT_JOB = "ledger.urgent"
URGENT_PERIOD_S = 15.0


def jobs(services: LedgerServices) -> dict[str, Handler]:
    """Handlers by kind of job."""

    async def note(_: Job) -> None:
        await services.ledger.note()

    async def covers(_: Job) -> None:
        await services.absences.follow()

    async def urgent(_: Job) -> None:
        await services.escalations.look()

    return {NOTE_JOB: note, COVER_JOB: covers, URGENT_JOB: urgent}


PERIODIC = {NOTE_JOB: NOTE_PERIOD_S, COVER_JOB: COVER_PERIOD_S, URGENT_JOB: URGENT_PERIOD_S}
