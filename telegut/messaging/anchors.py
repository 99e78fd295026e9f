"""
Whether what a message points at is there. Reports, plans and diaries are strangers to messaging: whoever puts telegut
together gives the questions, one for each kind of place.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.errors import FieldError, Invalid
from telegut.messaging import membership
from telegut.messaging.extras import Cite, CiteKind

Exists: TypeAlias = Callable[[Transaction, UUID, Cite], Awaitable[bool]]
"""Whether the place is one of this patient, as the caller of the transaction sees it."""


class NoSuchPlace(Invalid):
    """What this points at is not in this patient's record."""


class Anchors:
    """The questions, by kind of place."""

    def __init__(self, db: Database, known: Mapping[CiteKind, Exists]) -> None:
        self._db = db
        self._known = known

    async def check(self, caller: Caller, conversation: UUID, cites: Sequence[Cite], patient: UUID | None) -> None:
        """
        Go on only when each of *cites* is a place in the record of the conversation's patient.

        patient: whose record the sender meant, if they said.

        Raises:
            NoSuchPlace: one is not. NotFound: the caller does not take part.
        """
        if not cites:
            return
        async with self._db.begin(caller) as tx:
            whose = await membership.require(tx, conversation)
            there = [await self._there(tx, whose, one) for one in cites]
        if patient not in (None, whose) or not all(there):
            raise NoSuchPlace(errors=[FieldError("cites", NoSuchPlace().message)])

    async def _there(self, tx: Transaction, patient: UUID, cite: Cite) -> bool:
        exists = self._known.get(cite.kind)
        return exists is not None and await exists(tx, patient, cite)
