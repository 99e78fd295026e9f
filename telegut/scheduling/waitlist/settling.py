"""What becomes of an offer and of its entry. Single steps on rows, under the locks of whoever takes them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select, update

from telegut.db.engine import Transaction
from telegut.scheduling.waitlist.rules import Ended, OfferEnded
from telegut.scheduling.waitlist.tables import offer, waiting


async def accepted(tx: Transaction, hold_id: UUID) -> None:
    """The hold of an offer has become a visit: its patient waits no longer."""
    now = func.statement_timestamp()
    taken = (
        update(offer)
        .where(offer.c.hold == hold_id, offer.c.ended_at.is_(None))
        .values(ended=OfferEnded.ACCEPTED.value, ended_at=now)
        .returning(offer.c.entry)
    )
    entry = await tx.scalar(taken)
    if entry is not None:
        await tx.execute(
            update(waiting)
            .where(waiting.c.id == entry, waiting.c.ended_at.is_(None))
            .values(ended=Ended.BOOKED.value, ended_at=now)
        )


async def ended(tx: Transaction, offer_id: UUID, how: OfferEnded) -> bool:
    """
    End an offer, if it has not ended; whether it was this that ended it.

    One may only lapse when its time is over: whoever accepts at the last moment wins or loses, never both.
    """
    conditions = [offer.c.id == offer_id, offer.c.ended_at.is_(None)]
    if how is OfferEnded.LAPSED:
        conditions.append(offer.c.expires_at <= func.statement_timestamp())
    done = update(offer).where(*conditions).values(ended=how.value, ended_at=func.statement_timestamp())
    return await tx.scalar(done.returning(offer.c.id)) is not None


async def is_open(tx: Transaction, offer_id: UUID) -> bool:
    """Whether nobody has ended an offer yet."""
    return await tx.scalar(select(offer.c.id).where(offer.c.id == offer_id, offer.c.ended_at.is_(None))) is not None
