"""
The two keys to a visit: a personal link that lasts, and a ticket that opens one socket once.

A link is found by the digest of its secret and can be revoked; the next link of the same person is then another one.
A ticket is spent by a single UPDATE that only one of any number of users can win, and it ends by the database's clock.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from telegut.accounts import people
from telegut.accounts.people import Person
from telegut.clock import Clock
from telegut.db.asked import Asker
from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.errors import NotFound, Unauthenticated
from telegut.rooms import asking, tickets, whole
from telegut.rooms import links as secret
from telegut.rooms.rules import refusals
from telegut.rooms.rules.visit import Phase
from telegut.rooms.service import SYSTEM, Rooms, own_seat
from telegut.rooms.sight import What, sees
from telegut.rooms.store import Room
from telegut.rooms.tables import links
from telegut.rooms.tables import tickets as used
from telegut.rooms.tickets import Claim

REVOKED: Final = "rooms.revoked"
"""Bus fact ``{"link": ID}``: what came by it ends."""


class TicketSpent(Unauthenticated):
    """This ticket is used up or too old. Ask for a new one."""


class VisitCancelled(refusals.VisitEnded):
    """This visit was cancelled."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was found: whose it is, and to what."""

    id: UUID
    visit: UUID
    account: UUID


@dataclass(frozen=True, slots=True)
class Visitor:
    """
    Who stands behind a link: the person, their part in the visit, and whether they are let in now.

    patient: whose record their link opens while they are let in; themselves, with *admitted* false, where it opens
    nobody's (in a group, and for who accompanies). withdrawn: their seat was given back. asked_at, room: when they were
    asked for, by the database's clock, and the room as it was then, where that was wanted and is possible.
    """

    link: Link
    person: Person
    role: str
    patient: UUID
    admitted: bool
    withdrawn: bool = False
    asked_at: datetime | None = field(default=None, compare=False, repr=False)
    room: Room | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A fresh ticket; *secret* is told once and kept nowhere."""

    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Redeemed:
    """
    What a good ticket was for; *session* of who is signed in, *link* of who came by one. room: as it stands, not yet
    brought up to the time; None where more than reading is needed, see `whole.glance`. recorded: whether a recording
    goes on.
    """

    visit: UUID
    account: UUID
    session: UUID | None
    link: UUID | None
    room: Room | None
    recorded: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """Links and tickets."""

    rooms: Rooms
    key: bytes
    now: Clock
    ticket_lifetime: timedelta

    async def link_for(self, caller: Caller, visit: UUID) -> str:
        """
        The caller's own personal link, as a path.

        Raises:
            NotFound: the caller has no seat in such a visit.
        """
        room = await self.rooms.view(caller, visit)
        seat = own_seat(room, caller)
        async with self.rooms.db.begin(SYSTEM) as tx:
            return await self.path(tx, visit, seat.account)

    async def path(self, tx: Transaction, visit: UUID, account: UUID, *, until: datetime | None = None) -> str:
        """
        ``/j/{secret}`` of *account*, who has a seat in *visit*; made on first asking, the same ever after.

        until: from which instant on it opens nothing any more; None: as long as there is something to see.
        """
        generation = await self._generation(tx, visit, account)
        if generation is None:
            generation = await self._issue(tx, visit, account)
        if until is not None:
            mine = (links.c.visit == visit) & (links.c.account == account) & links.c.revoked_at.is_(None)
            await tx.execute(update(links).where(mine).values(expires_at=until))
        return f"/j/{secret.link_secret(self.key, visit, account, generation)}"

    async def paths(self, tx: Transaction, visit: UUID) -> dict[UUID, str]:
        """Everybody's personal link to *visit*, making the room first where it is missing."""
        room = await self.rooms.load(tx, visit)
        return {seat.account: await self.path(tx, visit, seat.account) for seat in room.visit.seats}

    async def _generation(self, tx: Transaction, visit: UUID, account: UUID) -> int | None:
        found = await tx.scalar(
            select(links.c.generation).where(
                links.c.visit == visit, links.c.account == account, links.c.revoked_at.is_(None)
            )
        )
        return int(found) if found is not None else None

    async def _issue(self, tx: Transaction, visit: UUID, account: UUID) -> int:
        """The next generation; when two ask at once, the constraint lets one through and both use that."""
        mine = (links.c.visit == visit) & (links.c.account == account)
        last = await tx.scalar(select(func.coalesce(func.max(links.c.generation), 0)).where(mine))
        row = {
            "id": new_id(),
            "visit": visit,
            "account": account,
            "generation": last + 1,
            "digest": secret.digest(secret.link_secret(self.key, visit, account, last + 1)),
            "created_at": self.now(),
        }
        await tx.execute(upsert(links).values(row).on_conflict_do_nothing())
        found = await self._generation(tx, visit, account)
        return found if found is not None else last + 1

    async def revoke(self, visit: UUID, account: UUID) -> None:
        """Make the present link of *account* useless at once, with every socket it opened."""
        async with self.rooms.db.begin(SYSTEM) as tx:
            revoked = await tx.scalar(
                update(links)
                .where(links.c.visit == visit, links.c.account == account, links.c.revoked_at.is_(None))
                .values(revoked_at=self.now())
                .returning(links.c.id)
            )
            tx.after_commit(lambda: self.rooms.bus.publish(REVOKED, {"link": str(revoked)}))

    async def find(self, text: str) -> Link:
        """
        The link with this secret.

        Raises:
            NotFound: there is none, it was revoked, or its time is over.
        """
        if not secret.SECRET_SHAPE.fullmatch(text):
            raise NotFound
        async with self.rooms.db.begin(SYSTEM) as tx:
            row = (
                await tx.execute(
                    select(links.c.id, links.c.visit, links.c.account).where(
                        links.c.digest == secret.digest(text), links.c.revoked_at.is_(None), asking.IN_TIME
                    )
                )
            ).one_or_none()
        if row is None:
            raise NotFound
        return Link(row.id, row.visit, row.account)

    async def visitor(self, text: str, *, opens: bool = False) -> Visitor:
        """
        Who comes with this secret. opens: they are about to see the room, which is read with them.

        Raises:
            NotFound: there is no such link, or it was revoked.
        """
        if not secret.SECRET_SHAPE.fullmatch(text):
            raise NotFound
        found = await self.rooms.db.ask(asking.OPENED if opens else asking.VISITOR, digest=secret.digest(text))
        if not found:
            raise NotFound
        row, at, room = found[0], None, None
        if opens:
            at = row.asked_at
            room = whole.room_of(found, self.rooms.hours.opens_before) if row.visit is not None else None
            row = asking.who_opens(row)
        link, person = Link(row.link, row.visit, row.id), people.person_of(row)
        if row.patient is None or not sees(row.role, What.RECORD):
            own = person.id
            return Visitor(link, person, row.role, own, False, withdrawn=row.withdrawn, asked_at=at, room=room)
        return Visitor(link, person, row.role, row.patient, row.admitted, asked_at=at, room=room)

    async def admitted(self, among: set[UUID]) -> set[tuple[UUID, UUID]]:
        """Of the visits *among*, who is let in to which by a link that is still good: visit and account."""
        return {(row.visit, row.account) for row in await self.rooms.db.ask(asking.ADMITTED, among=list(among))}

    async def issue_ticket(
        self, db: Asker, caller: Caller, room: Room, link: UUID | None, asked_at: datetime | None = None
    ) -> Ticket:
        """
        A ticket to the caller's own seat; nothing is written.

        link: by which the caller came, when they are not signed in. asked_at: an instant of a moment ago by the
        database's clock; None to ask for one.

        Raises:
            NotOpenYet: the room opens later. VisitEnded, VisitCancelled: it is over. Barred: a host sent them out.
        """
        seat = own_seat(room, caller)
        if seat.barred:
            raise refusals.Barred
        if room.cancelled:
            raise VisitCancelled
        if room.visit.phase is Phase.ENDED:
            raise refusals.VisitEnded
        if room.visit.phase is Phase.SCHEDULED:
            raise refusals.NotOpenYet
        if asked_at is None:
            asked_at = (await db.ask(asking.CLOCK))[0].asked_at
        claim = Claim(room.visit.id, seat.account, caller.session, link, asked_at + self.ticket_lifetime)
        return Ticket(tickets.written(self.key, claim), claim.expires_at)

    async def redeem(self, text: str) -> Redeemed:
        """
        Spend a ticket. Of any number who try at once, one succeeds.

        Raises:
            TicketSpent: it was used, is too old, or never was; or what it came by was ended meanwhile.
        """
        claim = tickets.read(self.key, text)
        if claim is None:
            raise TicketSpent
        says = {f"of_{name}": value for name, value in asdict(claim).items()}
        rows = await self.rooms.db.ask(asking.REDEEMED, of_digest=secret.digest(text), **says)
        if not rows:
            raise TicketSpent
        rooms = self.rooms
        room = rooms.chosen(whole.room_of(rows, rooms.hours.opens_before)) if rows[0].visit is not None else None
        return Redeemed(claim.visit, claim.account, claim.session, claim.link, room, rows[0].recorded)

    async def forget_old_tickets(self) -> None:
        """Drop tickets that nobody can use any more."""
        async with self.rooms.db.begin(SYSTEM) as tx:
            await tx.execute(delete(used).where(used.c.expires_at < func.clock_timestamp() - timedelta(minutes=5)))
