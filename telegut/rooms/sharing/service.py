"""
Who shares a screen, and who takes a photo: said to everybody in the room, one screen at a time.

The pages that share know it best, so nothing is kept here. A host may share; a guest needs a host's leave, which is a
*pass*: HMAC-SHA-256 over visit and person under a key derived from the root key, good for this visit in every process.
Pages show a screen only when this said whose it is.
"""

from __future__ import annotations

import base64
import hmac
from typing import Any, Final
from uuid import UUID

from telegut.errors import Invalid, Refused
from telegut.rooms.rules import refusals
from telegut.rooms.signalling import Member, Switchboard
from telegut.rooms.store import Room

KEY_PURPOSE: Final = "telegut screen sharing passes v1"
PHOTO_EVENTS: Final = {"taking", "sent", "left"}
_PASS_BYTES: Final = 18


class NotAllowedToShare(Refused):
    """The practitioner has not let you share your screen yet."""


class Sharing:
    """Screens and photos, for one web process. key: for passes, derived from the root key."""

    def __init__(self, board: Switchboard, key: bytes) -> None:
        self.board = board
        self._key = key

    async def say(self, member: Member, message: dict[str, Any]) -> None:
        """
        Do what *member* asks.

        Raises:
            NotInside, NotTheHost, NotAllowedToShare: it is not theirs to do. Invalid: it makes no sense.
        """
        room = self.board.check_inside(member)
        if message["type"] == "photo":
            self._photo(member, room, message.get("event"))
            return
        match message.get("event"):
            case "sharing":
                self._shares(member, room, message)
            case "ask":
                self._ask(member, room, message.get("to"))
            case "allow":
                self._allow(member, room, message.get("to"))
            case "decline" | "stop" as event:
                self._answer(member, room, event, message.get("to"))
            case _:
                raise Invalid("event is sharing, ask, allow, decline or stop.")

    def _photo(self, member: Member, room: Room, event: Any) -> None:
        if not isinstance(event, str) or event not in PHOTO_EVENTS:
            raise Invalid("event is taking, sent or left.")
        whom = [seat.account for seat in room.visit.inside() if room.record_for(seat) is not None]
        self._tell(member, whom, {"type": "photo", "event": event})

    def _shares(self, member: Member, room: Room, message: dict[str, Any]) -> None:
        on = message.get("on")
        if not isinstance(on, bool):
            raise Invalid("on is true or false.")
        may = _is_host(room, member.account) or self._is_pass(member, message.get("pass"))
        if on and not may:
            raise NotAllowedToShare
        self._tell(member, _inside(room), {"type": "screen", "event": "sharing", "on": on})

    def _ask(self, member: Member, room: Room, to: Any) -> None:
        """A host asks who shares to let them; a guest asks the hosts."""
        if _is_host(room, member.account):
            whom = [_whom(room, to)]
        else:
            whom = [seat.account for seat in room.visit.inside() if seat.host]
        self._tell(member, whom, {"type": "screen", "event": "ask"})

    def _allow(self, member: Member, room: Room, to: Any) -> None:
        """A host lets a guest share; who shares lets a host take over."""
        whom = _whom(room, to)
        told: dict[str, Any] = {"type": "screen", "event": "allow"}
        if not _is_host(room, whom):
            _check_host(room, member.account)
            told["pass"] = self._pass(member.connection.visit, whom)
        self._tell(member, [whom], told)

    def _answer(self, member: Member, room: Room, event: str, to: Any) -> None:
        whom = _whom(room, to)
        if event == "stop":
            _check_host(room, member.account)
        self._tell(member, [whom], {"type": "screen", "event": event})

    def _pass(self, visit: UUID, account: UUID) -> str:
        digest = hmac.digest(self._key, visit.bytes + account.bytes, "sha256")
        return base64.urlsafe_b64encode(digest[:_PASS_BYTES]).decode()

    def _is_pass(self, member: Member, shown: Any) -> bool:
        expected = self._pass(member.connection.visit, member.account)
        return isinstance(shown, str) and hmac.compare_digest(shown.encode(), expected.encode())

    def _tell(self, member: Member, whom: list[UUID], message: dict[str, Any]) -> None:
        others = [one for one in whom if one != member.account]
        self.board.tell(member.connection.visit, others, {**message, "from": str(member.account)})


def _inside(room: Room) -> list[UUID]:
    return [seat.account for seat in room.visit.inside()]


def _is_host(room: Room, account: UUID) -> bool:
    return room.visit.last_seat(account).host


def _check_host(room: Room, account: UUID) -> None:
    if not _is_host(room, account):
        raise refusals.NotTheHost


def _whom(room: Room, to: Any) -> UUID:
    found = next((account for account in _inside(room) if str(account) == to), None)
    if found is None:
        raise refusals.NotInside("This person is not in the room.")
    return found
