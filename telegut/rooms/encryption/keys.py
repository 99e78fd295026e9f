"""Sealed keys on their way from one seat to another, and signals without what a policy hides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from telegut.errors import Invalid
from telegut.rooms.encryption import candidates, rules
from telegut.rooms.rules import refusals
from telegut.rooms.signalling import Member, Say, Switchboard


def passing(board: Switchboard) -> Say:
    """How a ``key`` message goes from one person inside to another: as it is, unread."""

    async def say(member: Member, message: dict[str, Any]) -> None:
        room = board.check_inside(member)
        told = rules.check_key(message)
        try:
            target = UUID(told.pop("to"))
        except ValueError as exc:
            raise Invalid("to is an account's id.") from exc
        if target == member.account or target not in {seat.account for seat in room.visit.inside()}:
            raise refusals.NotInside("This person is not in the room.")
        board.tell(member.connection.visit, [target], {**told, "from": str(member.account)})

    return say


def only_relayed(visit: UUID, account: UUID, message: dict[str, Any]) -> dict[str, Any] | None:
    """
    What of a signal may be told where only the TURN server's addresses may be seen.

    Raises:
        Invalid: see `candidates.signal`.
    """
    return candidates.signal(message) if message["type"] == "signal" else message
