"""
The list of accesses as a patient's side reads it: nothing in it tells a side thread of the care team.

The patient reads who of the team worked in their record, and when. Which conversation it was is said only when it is
one that the patient's side can have; everything else, also what is not there any more, is one and the same line. The
care team's and the auditors' view is whole. What can be had, the domain of the conversations says (`Opens`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from telegut.db.engine import Transaction

Opens = Callable[[Transaction, Collection[UUID]], Awaitable[set[UUID]]]
"""Which of these conversations, messages and files are in a conversation that is not the team's alone."""

_TEAMS_OWN: Final = frozenset({"handovers", "scheduled message"})
"""What the team does for itself, whichever conversation it is about."""
_IN_CONVERSATIONS: Final = ("conversation", "message", "upload", "urgent_message")


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody looked at, or changed, something of a patient. *why* is what opened it to them at that time."""

    id: UUID
    at: datetime
    account: UUID | None
    name: str
    action: str
    what: str
    object: UUID | None
    why: str


async def nothing(tx: Transaction, objects: Collection[UUID]) -> set[UUID]:
    """`Opens` where there are no conversations."""
    return set()


async def for_the_family(tx: Transaction, lines: Sequence[Access], opens: Opens) -> list[Access]:
    """*lines* for the patient's side, the caller of *tx*; as many as before, so that pages go on where they did."""
    others = [one for one in lines if one.account is None or one.account != tx.caller.account]
    opened = await opens(tx, {one.object for one in others if one.object is not None and _in_conversations(one)})
    return [one if one.account is not None and one.account == tx.caller.account else told(one, opened) for one in lines]


def told(one: Access, opened: Collection[UUID]) -> Access:
    """What the patient's side is told of *one* that somebody else did. *opened*: see `Opens`."""
    if one.what in _TEAMS_OWN:
        return replace(one, action="work", what="record", object=None)
    if one.object is None or not _in_conversations(one):
        return one
    if one.action == "list":
        return replace(one, object=None)
    return one if one.object in opened else replace(one, action="work", what="record", object=None)


def _in_conversations(one: Access) -> bool:
    return one.what.startswith(_IN_CONVERSATIONS)
