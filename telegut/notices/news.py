"""
Telling a patient's side that there is something new to look at.

``await news.tell(tx, Kind.PLAN, patient, plan, version)`` in the transaction that makes it so. Whom it goes to and how
is worked out by the worker, which alone knows what each of them chose.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from telegut.accounts import care
from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.jobs import queue
from telegut.jobs.queue import Job
from telegut.notices.rules import Kind, NewsNotice
from telegut.notices.service import Notices

NEWS_JOB = "notice.news"
_SYSTEM = Caller.system("news")


async def tell(tx: Transaction, kind: Kind, patient: UUID, about: UUID, version: int) -> None:
    """Have the patient and their guardians told once *tx* holds, unless they have looked by then."""
    facts = {"kind": kind.value, "patient": str(patient), "about": str(about), "version": version}
    await queue.enqueue(tx, NEWS_JOB, facts, unique=f"{kind.value} {about} {version}")


@dataclass(frozen=True, slots=True)
class News:
    """What the worker does with it."""

    notices: Notices

    async def spread(self, job: Job) -> None:
        """A notice for each of the family. Again does no harm: each is said once for a version."""
        facts = job.payload
        patient, about = UUID(facts["patient"]), UUID(facts["about"])
        async with self.notices.db.begin(_SYSTEM) as tx:
            for to in (patient, *await care.guardians(tx, patient)):
                await self.notices.send(tx, NewsNotice(to, patient, Kind(facts["kind"]), about, int(facts["version"])))
