"""Changes of a visit that no seat makes by itself: somebody new has a seat, or something beside the seats changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import insert, update

from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.db.standing_in import standing_in
from telegut.errors import Conflict, NotFound
from telegut.rooms import seating
from telegut.rooms.events import Event
from telegut.rooms.rules.people import check_host
from telegut.rooms.rules.refusals import VisitEnded
from telegut.rooms.rules.visit import Phase, Seat
from telegut.rooms.service import CHANGED, SYSTEM, Rooms, own_seat
from telegut.rooms.sight import COMPANIONS
from telegut.rooms.store import Room
from telegut.rooms.tables import happened, seats, visits

_T = TypeVar("_T")


GUESTS_OF_A_GROUP: Final = 3
"""Interpreters, supporters and students at once in a group: it is the group of those who booked."""


class NotInAGroup(Conflict):
    """A group is led by those who planned it. A colleague who joins is entered with the session itself."""


class EnoughGuests(Conflict):
    """This group has three guests already, and stays the group of those who booked it."""


class Full(Conflict):
    """This visit has as many people as it can hold."""


async def as_host(
    rooms: Rooms, caller: Caller, visit: UUID, work: Callable[[Transaction, Room, UUID], Awaitable[_T]]
) -> _T:
    """
    Do *work* with a locked visit on behalf of its host *caller*, in the caller's own transaction where they have one.

    *work* is given the transaction (of telegut itself), the room and the host's account.

    Raises:
        NotFound: no seat. NotTheHost: a guest.
    """
    if caller.scope is not None and caller.scope.visit != visit:
        raise NotFound
    async with rooms.db.begin(caller) as tx, standing_in(tx, SYSTEM) as ours:
        room = await rooms.load(ours, visit, lock=True)
        me = own_seat(room, caller).account
        check_host(room.visit, me)
        return await work(ours, room, me)


async def happened_beside(tx: Transaction, rooms: Rooms, room: Room, events: Sequence[Event]) -> Room:
    """
    Under the visit's lock: count its version up, keep *events*, and have everybody in it told once *tx* holds.

    Returns the room as it is then.
    """
    version, visit = room.visit.version + 1, room.visit.id
    await tx.execute(update(visits).where(visits.c.id == visit).values(version=version))
    at = rooms.now()
    rows = [
        {"visit": visit, "version": version, "at": at, "word": one.word, "account": one.account, "by": one.by}
        for one in events
    ]
    if rows:
        await tx.execute(insert(happened), rows)
    tx.after_commit(lambda: rooms.bus.publish(CHANGED, {"visit": str(visit)}))
    return replace(room, visit=replace(room.visit, version=version))


async def add_seat(tx: Transaction, rooms: Rooms, room: Room, seat: Seat, event: Event, *, most: int) -> Room:
    """
    Under the visit's lock: one more seat. most: seats a visit of one patient may have; a group has those who booked it.

    Raises:
        NotInAGroup: a host would be added to a group. VisitEnded: it is over. Full, EnoughGuests: it has so many.
    """
    if room.is_group and seat.host:
        raise NotInAGroup
    if room.visit.phase is Phase.ENDED or room.cancelled:
        raise VisitEnded
    present = [one for one in room.visit.seats if not one.withdrawn]
    if room.is_group and sum(one.role in COMPANIONS for one in present) >= GUESTS_OF_A_GROUP:
        raise EnoughGuests
    if not room.is_group and len(present) >= most:
        raise Full
    row = {"visit": room.visit.id, "position": len(room.visit.seats), **seating.values(seat)}
    await tx.execute(insert(seats).values(row))
    return await happened_beside(tx, rooms, room, [event])
