"""Whether what was told has reached somebody: derived from what their devices acknowledged, never stored."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, true

from telegut.db.engine import Transaction
from telegut.realtime.tables import item, mailbox


@dataclass(frozen=True, slots=True)
class Undelivered:
    """
    What still waits for one account.

    first: the facts of the oldest event that no device has acknowledged; None when nothing waits. certain: False when
    events were forgotten unacknowledged, so that nobody can say.
    """

    first: dict[str, Any] | None
    certain: bool


async def undelivered(
    tx: Transaction, accounts: Collection[UUID], fact: str, value: str, *, place: str
) -> dict[UUID, Undelivered]:
    """
    For each of *accounts* that has a mailbox: the oldest event with that *fact* that has not reached them.

    *place*: the fact that says where it stands; events without it (such as that somebody is reminded) are left out.
    """
    oldest = (
        select(item.c.facts)
        .where(item.c.account == mailbox.c.account, item.c.seq > mailbox.c.acknowledged)
        .where(item.c.facts[fact].astext == value, item.c.facts.has_key(place))
        .order_by(item.c.seq)
        .limit(1)
        .lateral("oldest")
    )
    rows = await tx.execute(
        select(mailbox.c.account, mailbox.c.acknowledged, mailbox.c.kept_from, oldest.c.facts)
        .select_from(mailbox)
        .outerjoin(oldest, true())
        .where(mailbox.c.account.in_(list(accounts)))
    )
    return {row.account: Undelivered(row.facts, row.acknowledged + 1 >= row.kept_from) for row in rows}
