"""Making an offer: a real hold in the patient's name, told to their side. A step of `handing`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import insert, select

from telegut.accounts import care
from telegut.db import audit
from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.jobs import queue
from telegut.realtime import outbox
from telegut.scheduling import holding, zones
from telegut.scheduling.booking import Wanted, agree
from telegut.scheduling.offers import Slot
from telegut.scheduling.waitlist import events, rules, store
from telegut.scheduling.waitlist.store import Entry, Offered
from telegut.scheduling.waitlist.tables import offer, waiting

GRACE: Final = timedelta(minutes=5)
"""
How long a time stays kept after its offer lapsed: the worker hands it on meanwhile, so that it never shows as free.
Should no worker run, it is free for everybody after this.
"""

LAPSE_JOB, NOTICE_JOB = "waitlist.lapse", "waitlist.notice"


@dataclass(frozen=True, slots=True)
class Kept:
    """A hold that is to become an offer. *practitioners*: whom the time is with."""

    hold: UUID
    practitioners: tuple[UUID, ...]
    start: datetime
    end: datetime
    made_at: datetime
    expires_at: datetime


async def make(tx: Transaction, entry: Entry, slot: Slot) -> UUID:
    """
    Offer *slot* to an entry; everything a booking asks is asked, in the same way.

    Raises:
        Conflict, Invalid: the time cannot be taken, or not for this patient.
    """
    start = zones.instant(slot.start)
    wanted = Wanted(entry.wish.service, slot.practitioners, start, entry.patient, by=entry.patient)
    agreed = await agree(tx, wanted)
    policy, now = agreed.terms.policy, agreed.terms.now
    ends = rules.offer_ends(now, start, policy.offer_for)
    kept = await holding.keep(tx, wanted, agreed, kind=holding.OFFER, expires_at=ends, free_at=ends + GRACE)
    return await note(tx, entry, Kept(kept.id, agreed.practitioners, kept.start, kept.end, now, ends))


async def note(tx: Transaction, entry: Entry, kept: Kept) -> UUID:
    """Write down that a hold is an offer to an entry, and tell their side."""
    made = new_id()
    row = {
        "id": made,
        "entry": entry.id,
        "patient": entry.patient,
        "hold": kept.hold,
        "practitioners": list(kept.practitioners),
        "start_at": kept.start,
        "end_at": kept.end,
        "made_at": kept.made_at,
        "expires_at": kept.expires_at,
    }
    await tx.execute(insert(offer).values(row))
    await audit.record(tx, "offer", "waitlist_entry", entry.id, patient=entry.patient)
    await queue.enqueue(tx, LAPSE_JOB, {"offer": str(made)}, run_at=kept.expires_at, unique=str(made))
    await queue.enqueue(tx, NOTICE_JOB, {"offer": str(made)}, unique=str(made))
    await tell(tx, events.OFFERED, await store.offered(tx, made))
    return made


async def tell(tx: Transaction, kind: str, one: Offered) -> None:
    """The patient, their guardians and whoever put them on the list hear of an offer."""
    added_by = await tx.scalar(select(waiting.c.added_by).where(waiting.c.id == one.entry))
    audience = {one.patient, *await care.guardians(tx, one.patient)} | ({added_by} if added_by else set())
    await outbox.append(tx, events.happened(kind, one), to=audience)
