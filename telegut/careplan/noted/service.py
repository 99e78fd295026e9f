"""
Whether what a step cites is there. Reports, diaries and messages are strangers to the plan: whoever puts telegut
together gives the questions, one for each kind of place.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

from telegut.accounts import care
from telegut.careplan.noted.rules import Noted, NotedKind
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.errors import FieldError, Invalid

Exists: TypeAlias = Callable[[Transaction, UUID, Noted], Awaitable[bool]]
"""Whether the place is one of this patient, as the caller of the transaction sees it."""


class NothingThere(Invalid):
    """What this step would point at is not in this patient's record."""


class NotedPlaces:
    """The questions, by kind of place."""

    def __init__(self, db: Database, known: Mapping[NotedKind, Exists]) -> None:
        self._db = db
        self._known = known

    async def check(self, caller: Caller, patient: UUID, noted: Sequence[Noted]) -> None:
        """
        Go on only when each of *noted* is in the record of *patient*.

        Raises:
            NothingThere: one is not. NotFound: the record is not open to the caller.
        """
        if not noted:
            return
        async with self._db.begin(caller) as tx:
            await care.require(tx, patient)
            there = [await self._known[one.kind](tx, patient, one) for one in noted]
        if not all(there):
            raise NothingThere(errors=[FieldError("noted", NothingThere().message)])
