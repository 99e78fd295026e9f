"""What pages say of whom they do not hear, on the ``/rooms`` socket."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from telegut.errors import Invalid
from telegut.rooms.lost.service import LostMinutes
from telegut.rooms.signalling import Member, Say

MOST_PEOPLE: Final = 64
"""A page names at most so many."""


def unheard(lost: LostMinutes) -> Say:
    """Answers ``{"type": "unheard", "people": [ACCOUNT, …], "heard": […]}``: of the former nothing comes any more."""

    async def say(member: Member, message: dict[str, Any]) -> None:
        unheard, heard = people(message.get("people")), people(message.get("heard", []))
        await lost.hear(member.connection.visit, member.account, unheard, heard)

    return say


def people(value: Any) -> set[UUID]:
    """
    The accounts in a message.

    Raises:
        Invalid: it is no list of accounts.
    """
    if not isinstance(value, list) or len(value) > MOST_PEOPLE:
        raise Invalid("people is a list of accounts.")
    try:
        return {UUID(str(one)) for one in value}
    except ValueError as exc:
        raise Invalid("people is a list of accounts.") from exc
