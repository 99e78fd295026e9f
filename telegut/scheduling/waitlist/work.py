"""What the worker does for the waitlist: handing on what lapsed, looking at freed time, and telling by notice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from telegut.accounts import care, people
from telegut.db.engine import Transaction
from telegut.errors import NotFound
from telegut.jobs.queue import Job
from telegut.jobs.runner import Handler
from telegut.notices import Link, Notices, OfferNotice
from telegut.scheduling.waitlist import settling, store
from telegut.scheduling.waitlist.handing import HANDER, LOOK_JOB
from telegut.scheduling.waitlist.offering import LAPSE_JOB, NOTICE_JOB
from telegut.scheduling.waitlist.service import Waitlist

SWEEP_JOB: Final = "waitlist.sweep"
PERIODIC: Final[Mapping[str, float]] = {SWEEP_JOB: 60.0}

_PAGE = Link("/waitlist")


def jobs(waitlist: Waitlist, notices: Notices) -> Mapping[str, Handler]:
    """The kinds of job that the waitlist takes on."""

    async def lapse(job: Job) -> None:
        await waitlist.lapse(UUID(job.payload["offer"]))

    async def look(job: Job) -> None:
        await waitlist.look(job.payload)

    async def sweep(_: Job) -> None:
        await waitlist.sweep()

    async def tell(job: Job) -> None:
        await waitlist.db.run(HANDER, lambda tx: _tell(tx, notices, UUID(job.payload["offer"])))

    return {LAPSE_JOB: lapse, LOOK_JOB: look, SWEEP_JOB: sweep, NOTICE_JOB: tell}


async def _tell(tx: Transaction, notices: Notices, offer_id: UUID) -> None:
    """A neutral mail to the patient and those who act for them; what is no longer offered is not told."""
    try:
        one = await store.offered(tx, offer_id)
    except NotFound:
        return
    if not await settling.is_open(tx, offer_id):
        return
    recipients = [one.patient, *await care.guardians(tx, one.patient)]
    for account, person in (await people.named(tx, recipients)).items():
        notice = OfferNotice(
            to=account,
            patient=one.patient,
            offer=one.id,
            start=one.start,
            expires_at=one.expires_at,
            zone=person.zone,
            link=_PAGE,
        )
        await notices.send(tx, notice)
