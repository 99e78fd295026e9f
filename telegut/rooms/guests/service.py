"""
Asking somebody in: a guest by a link of their own, or a colleague who joins, or goes on with the visit.

A guest has no account. Their link opens one seat of one visit, for one person at a time (who opens it elsewhere takes
the seat over), until the visit's time is over or a host ends it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import update

from telegut.accounts import care, passing, people
from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.errors import Conflict, FieldError, Invalid, NotFound
from telegut.jobs.queue import enqueue
from telegut.realtime import events as feed
from telegut.realtime import outbox
from telegut.rooms import events, seating
from telegut.rooms.adding import add_seat, as_host, happened_beside
from telegut.rooms.door.ringing import CALL_JOB
from telegut.rooms.entry import REVOKED, Entry
from telegut.rooms.events import Event
from telegut.rooms.rules.visit import Place, Seat
from telegut.rooms.sight import ASKED_FIRST, ASKED_FIRST_IN_A_GROUP, COMPANIONS
from telegut.rooms.store import Room
from telegut.rooms.tables import links, seats

NAME_LONGEST = 80


class NotAGuest(Conflict):
    """This person comes without an invitation. You can send them out in the room."""


class AlreadyHere(Invalid):
    """This person has a seat in the visit already."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody invited: their seat, name and way in. consent: what is said to their being there, where it is asked."""

    seat: Seat
    name: str
    path: str
    consent: str | None


@dataclass(frozen=True, slots=True)
class Guests:
    """Guests and colleagues of visits. most: seats one visit may have."""

    entry: Entry
    most: int

    async def invite(self, caller: Caller, visit: UUID, name: str, role: str) -> tuple[Room, Guest]:
        """
        A seat and a link for somebody called *name*, as an interpreter, a supporter or a student.

        Raises:
            Invalid: no name, or another part. NotFound: no seat. NotTheHost: a guest wishes it. Full, EnoughGuests,
            VisitEnded: there can be no further seat.
        """
        name = checked(name, role)
        rooms = self.entry.rooms

        async def work(tx: Transaction, room: Room, me: UUID) -> tuple[Room, Guest]:
            account = await passing.add(tx, name, room.facts.zone, at=rooms.now())
            asked = role in (ASKED_FIRST_IN_A_GROUP if room.is_group else ASKED_FIRST)
            seat = Seat(account, role, host=False, invited=me, consent="asked" if asked else None)
            event = Event(events.INVITED, account, me)
            return await add_seat(tx, rooms, room, seat, event, most=self.most), await self._guest(tx, room, seat, name)

        return await as_host(rooms, caller, visit, work)

    async def invited(self, caller: Caller, visit: UUID) -> list[Guest]:
        """
        Everybody whose invitation holds, for a host, with their links.

        Raises:
            NotFound: no seat. NotTheHost: a guest asks.
        """

        async def work(tx: Transaction, room: Room, me: UUID) -> list[Guest]:
            found = [seat for seat in room.visit.seats if seat.invited and not seat.withdrawn and not seat.host]
            return [await self._guest(tx, room, seat, room.name(seat.account)) for seat in found]

        return await as_host(self.entry.rooms, caller, visit, work)

    async def withdraw(self, caller: Caller, visit: UUID, account: UUID) -> Room:
        """
        End an invitation: the link opens nothing, the seat is gone, and so is whoever was in it.

        Raises:
            NotFound: no such person. NotAGuest: they have a seat anyway. NotTheHost: a guest wishes it.
        """
        rooms = self.entry.rooms

        async def work(tx: Transaction, room: Room, me: UUID) -> Room:
            seat = room.visit.seat(account)
            if seat.invited is None or seat.host:
                raise NotAGuest
            of = (seats.c.visit == visit) & (seats.c.account == account)
            gone = replace(seat, state=Place.LEFT, knocked=False, admitted=False, hand=None, withdrawn=True)
            await tx.execute(update(seats).where(of).values({**seating.values(gone), "since": rooms.now()}))
            await self._end_link(tx, visit, account)
            there = [Event(events.REMOVED, account, me)] if seat.here or seat.admitted else []
            return await happened_beside(tx, rooms, room, [Event(events.WITHDRAWN, account, me), *there])

        return await as_host(rooms, caller, visit, work)

    async def _end_link(self, tx: Transaction, visit: UUID, account: UUID) -> None:
        ended = await tx.scalar(
            update(links)
            .where(links.c.visit == visit, links.c.account == account, links.c.revoked_at.is_(None))
            .values(revoked_at=self.entry.rooms.now())
            .returning(links.c.id)
        )
        tx.after_commit(self._publish_ended(ended))

    def _publish_ended(self, link: UUID | None) -> Callable[[], None]:
        return lambda: self.entry.rooms.bus.publish(REVOKED, {"link": str(link)})

    async def colleagues(self, caller: Caller, visit: UUID) -> list[people.Person]:
        """
        Who of the patient's care team could be called in, by name.

        Raises:
            NotFound: no seat. NotTheHost: a guest asks.
        """

        async def work(tx: Transaction, room: Room, me: UUID) -> list[people.Person]:
            taken = {seat.account for seat in room.visit.seats}
            known = await people.named(tx, await _team(tx, room))
            return sorted((one for one in known.values() if one.id not in taken), key=lambda one: one.name)

        return await as_host(self.entry.rooms, caller, visit, work)

    async def call_in(self, caller: Caller, visit: UUID, colleague: UUID) -> Room:
        """
        Make *colleague*, of the patient's care team, a host of this visit too: to join, or to go on with it.

        Everybody keeps the link they have. The colleague is told, and comes by ``/visits/{id}``.

        Raises:
            NotFound: no seat, or nobody of that team. AlreadyHere: they have one. NotTheHost: a guest wishes it.
        """
        rooms = self.entry.rooms

        async def work(tx: Transaction, room: Room, me: UUID) -> Room:
            if colleague in {seat.account for seat in room.visit.seats}:
                raise AlreadyHere
            if colleague not in await _team(tx, room):
                raise NotFound
            known = await people.named(tx, [colleague])
            seat = Seat(colleague, seating.care_role(known[colleague]), host=True, invited=me)
            event = Event(events.CALLED_IN, colleague, me)
            room = await add_seat(tx, rooms, room, seat, event, most=self.most)
            facts = {"visit": str(visit), "version": room.visit.version, "participant": str(colleague)}
            await outbox.append(tx, feed.Event("visit.called", room.facts.patient, facts), [colleague])
            await enqueue(tx, CALL_JOB, {"visit": str(visit), "who": str(colleague)}, unique=f"{visit} {colleague}")
            return room

        return await as_host(rooms, caller, visit, work)

    async def _guest(self, tx: Transaction, room: Room, seat: Seat, name: str) -> Guest:
        until = room.visit.ends + self.entry.rooms.hours.closes_after
        path = await self.entry.path(tx, room.visit.id, seat.account, until=until)
        return Guest(seat, name, path, room.visit.consent_to(seat))


async def _team(tx: Transaction, room: Room) -> list[UUID]:
    return [] if room.facts.patient is None else [one.account for one in await care.team(tx, room.facts.patient)]


def checked(name: str, role: str) -> str:
    """
    *name* as it is shown: one line, without spaces around it.

    Raises:
        Invalid: nothing to be called by, or too much; or a part that a guest cannot have.
    """
    wrong = []
    shown = " ".join(name.split())
    if not 1 <= len(shown) <= NAME_LONGEST or not shown.isprintable():
        wrong.append(FieldError("name", f"Give a name of 1 to {NAME_LONGEST} letters: everybody in the visit sees it."))
    if role not in COMPANIONS:
        wrong.append(FieldError("role", "A guest is an interpreter, a supporter or a student."))
    if wrong:
        raise Invalid(errors=wrong)
    return shown
