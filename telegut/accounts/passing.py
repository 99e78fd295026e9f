"""People who come by one link and have no account: a name to show, and nothing that could be signed in to."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert

from telegut.accounts.people import check_zone
from telegut.accounts.tables import person
from telegut.db.engine import Transaction
from telegut.db.ids import new_id


async def add(tx: Transaction, name: str, zone: str, *, at: datetime) -> UUID:
    """
    Somebody called *name* who has no role, no password and no mailbox (RFC 2606: nothing is delivered to ``.invalid``).

    They are disabled from the beginning: they appear in no list of people, and no mail is sent to them.

    Raises:
        Invalid: *zone* is no IANA name.
    """
    check_zone(zone)
    id = new_id()
    row = {"id": id, "email": f"{id}@passing.invalid", "name": name, "zone": zone, "created_at": at, "disabled_at": at}
    await tx.execute(insert(person).values(row))
    return id
