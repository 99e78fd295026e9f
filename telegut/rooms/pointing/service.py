"""
Pointing: a host points at a place in the record, and the panels of those who follow go there.

Nothing of it is kept: who points, points now. A place is named to nobody who may not see it, and so that a host learns
nothing by trying, to no host who may not see it either. Where the pointer is inside a place goes the same way, to those
who were told of the place.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias
from uuid import UUID

from telegut.errors import Invalid, NotFound
from telegut.rooms.pointing import anchors
from telegut.rooms.pointing.anchors import Anchor
from telegut.rooms.rules import refusals
from telegut.rooms.signalling import Member, Switchboard
from telegut.rooms.store import Room

MaySee: TypeAlias = Callable[[UUID, UUID, Anchor], Awaitable[bool]]
"""Whether this person may see that place in this patient's record; asked with the person's own rights."""

KINDS: Final = ("point", "pointer", "follow")


class NoSuchPlace(NotFound):
    """This place is not in the record, or not yours to see."""


class Pointing:
    """What one web process knows of pointing: whom the last place of each host was named to."""

    def __init__(self, board: Switchboard, may_see: MaySee) -> None:
        self.board = board
        self._may_see = may_see
        self._told: dict[tuple[UUID, UUID], tuple[str, list[UUID]]] = {}

    def install(self) -> None:
        """Hear what is said about pointing."""
        for kind in KINDS:
            self.board.also[kind] = self.say

    async def say(self, member: Member, message: dict[str, Any]) -> None:
        """
        Do what *member* asks.

        Raises:
            NotInside, NotTheHost, NoRecordHere: it is not theirs to do. NoSuchPlace: they may not see the place.
            Invalid: it makes no sense.
        """
        room = self.board.check_inside(member)
        match message["type"]:
            case "follow":
                self._follow(member, room, message.get("following"))
            case "point":
                await self._point(member, room, message.get("anchor"))
            case "pointer":
                self._move(member, message)

    def _follow(self, member: Member, room: Room, following: Any) -> None:
        if not isinstance(following, bool):
            raise Invalid("following is true or false.")
        hosts = [seat.account for seat in room.visit.inside() if seat.host and seat.account != member.account]
        self._tell(member, hosts, {"type": "follow", "following": following})

    async def _point(self, member: Member, room: Room, named: Any) -> None:
        patient = _record(room, member.account)
        key = (member.connection.visit, member.account)
        if named is None:
            _, told = self._told.pop(key, ("", []))
            self._tell(member, told, {"type": "point", "anchor": None})
            return
        anchor = anchors.read(named)
        if not await self._may_see(member.account, patient, anchor):
            raise NoSuchPlace
        viewers = [viewer for viewer in _others(room, member.account) if await self._may_see(viewer, patient, anchor)]
        self._forget_the_gone()
        self._told[key] = (str(anchor), viewers)
        self._tell(member, viewers, {"type": "point", "anchor": str(anchor)})
        member.send({"type": "pointed", "anchor": str(anchor), "seen_by": [str(one) for one in viewers]})

    def _move(self, member: Member, message: dict[str, Any]) -> None:
        anchor, told = self._told.get((member.connection.visit, member.account), ("", []))
        if anchor:
            place = {name: _share(message.get(name)) for name in ("x", "y")}
            self._tell(member, told, {"type": "pointer", "anchor": anchor, **place})

    def _tell(self, member: Member, whom: list[UUID], message: dict[str, Any]) -> None:
        self.board.tell(member.connection.visit, whom, {**message, "from": str(member.account)})

    def _forget_the_gone(self) -> None:
        here = {visit for visit, _ in self.board.tables()}
        for key in [key for key in self._told if key[0] not in here]:
            del self._told[key]


def _record(room: Room, account: UUID) -> UUID:
    seat = room.visit.seat(account)
    if not seat.host:
        raise refusals.NotTheHost
    record = room.record_for(seat)
    if record is None:
        raise refusals.NoRecordHere
    return record


def _others(room: Room, account: UUID) -> list[UUID]:
    """Who is inside and has the record beside the video."""
    inside = (seat for seat in room.visit.inside() if seat.account != account)
    return [seat.account for seat in inside if room.record_for(seat) is not None]


def _share(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Invalid("x and y are parts of the place's width and height, from 0 to 1.")
    return round(min(1.0, max(0.0, float(value))), 4)
