"""
A conversation for a legal request: with the words that were taken back, which no page shows to anybody.

Not in the API: whoever runs the clinic's server asks for it by `telegut disclose`, with the file number of the
request, and the audit says so.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from sqlalchemy import select

from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.db.sealed import Vault
from telegut.errors import Invalid, NotFound
from telegut.messaging import log
from telegut.messaging.tables import conversation

PAGE = 500
REFERENCE_MAX_CHARACTERS = 100


async def disclosed(db: Database, vault: Vault, conversation_id: UUID, reference: str) -> AsyncIterator[dict[str, Any]]:
    """
    Every entry, in order, with every word that is still kept.

    Raises:
        NotFound: there is no such conversation. Invalid: *reference* is empty or long.
    """
    if not 0 < len(reference.strip()) <= REFERENCE_MAX_CHARACTERS:
        raise Invalid(f"Name the request by its file number, at most {REFERENCE_MAX_CHARACTERS} characters.")
    after, caller = 0, Caller.system(f"disclosure: {reference.strip()}")
    while True:
        async with db.begin(caller) as tx:
            patient = await tx.scalar(select(conversation.c.patient).where(conversation.c.id == conversation_id))
            if patient is None:
                raise NotFound("There is no such conversation.")
            await audit.record(tx, "disclose", "conversation", conversation_id, patient=patient)
            found = await log.whole_page(tx, vault, conversation_id, patient, after=after, limit=PAGE)
        for one in found:
            yield one
        if len(found) < PAGE:
            return
        after = found[-1]["seq"]
