"""What people do with the waitlist, and what the worker does for it. One method, one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from telegut.accounts import people
from telegut.accounts.people import Person
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.standing_in import standing_in
from telegut.errors import FieldError, Invalid, NotFound, Refused
from telegut.scheduling import bookers, calendars, catalogue, diaries, holding
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.groups import sessions
from telegut.scheduling.holding import Hold, HoldExpired
from telegut.scheduling.rules import Status
from telegut.scheduling.service import Scheduling
from telegut.scheduling.tables import appointment, hold
from telegut.scheduling.waitlist import events, handing, looking, offering, rules, seats, settling, store
from telegut.scheduling.waitlist.freed import Freed, Near
from telegut.scheduling.waitlist.handing import HANDER
from telegut.scheduling.waitlist.rules import Ended, OfferEnded, Urgency, Wish
from telegut.scheduling.waitlist.store import Entry, Offered, PassedOver
from telegut.scheduling.waitlist.tables import offer, waiting

SHOWN_PASSINGS = 5
"""How many times somebody was passed over are shown."""


class OfferGone(HoldExpired):
    """This offer has ended. You keep your place for the next time that becomes free."""


@dataclass(frozen=True, slots=True)
class List:
    """The list as the caller may see it, with everybody's names and why somebody was passed over."""

    entries: list[Entry]
    names: dict[UUID, Person]
    passings: dict[UUID, list[PassedOver]]
    now: datetime


class Waitlist:
    """Who waits, in an order that anyone can check. An offer is a hold."""

    def __init__(self, db: Database, scheduling: Scheduling) -> None:
        self.db = db
        self.scheduling = scheduling

    # --- joining and leaving

    async def join(self, caller: Caller, wish: Wish, *, patient: UUID | None, urgency: Urgency) -> Entry:
        """
        Put a patient on the list. A zone of "" is the patient's own.

        Raises:
            NotFound: the patient is not the caller's to arrange for. Refused: only staff says that it is urgent.
            Invalid: the wish makes no sense. AlreadyWaiting: they are on the list for this kind of visit.
        """
        bookers.check_books(caller)
        if urgency is not Urgency.ORDINARY and not bookers.is_staff(caller):
            raise Refused("How soon somebody needs to be seen is for the clinic to say.")

        async def work(tx: Transaction) -> Entry:
            them = bookers.certain(await bookers.patient_of(tx, patient))
            zone = wish.zone or (await people.named(tx, [them]))[them].zone
            made = await self._add(tx, them, replace(wish, zone=zone), urgency)
            await looking.watch_holds(tx)
            return await store.entry(tx, made)

        return await self.db.run(caller, work)

    async def _add(self, tx: Transaction, patient: UUID, wish: Wish, urgency: Urgency) -> UUID:
        rules.check_wish(wish)
        terms = await catalogue.terms(tx, wish.service)
        if rules.is_over(wish, terms.now):
            raise Invalid(errors=[FieldError("until", "This day has passed.")])
        if wish.practitioners:
            await calendars.load(tx, wish.practitioners, wish.service)
            anybody = terms.policy.any_practitioner
            await bookers.check_may_choose(tx, wish.practitioners, patient, anybody=anybody)
        waits = select(waiting.c.id).where(
            waiting.c.patient == patient, waiting.c.service == wish.service, waiting.c.ended_at.is_(None)
        )
        known = await tx.scalar(waits)
        if known is not None:
            raise store.AlreadyWaiting(current={"id": str(known)})
        made = await store.add(tx, patient, wish, urgency)
        await audit.record(tx, "join", "waitlist_entry", made, patient=patient)
        return made

    async def leave(self, caller: Caller, entry_id: UUID) -> None:
        """
        Take an entry off the list; twice is once. What was being offered to it goes to the next.

        Raises:
            NotFound, Refused: not the caller's to take off.
        """

        async def work(tx: Transaction) -> None:
            await handing.lock_list(tx)  # from here on nobody makes them an offer
            patient, ended = await store.whose(tx, entry_id)
            await bookers.patient_of(tx, patient)
            if ended is Ended.WITHDRAWN:
                return
            entry = await store.entry(tx, entry_id)
            near = await self._prepare(tx, entry.offer) if entry.offer else None
            if not await store.end(tx, entry_id, Ended.WITHDRAWN):
                raise NotFound("This is no longer on the list.")  # it became a visit at the same moment
            if near is not None and entry.offer is not None:
                await self._give_back(tx, near, entry.offer, OfferEnded.WITHDRAWN)
            await audit.record(tx, "leave", "waitlist_entry", entry_id, patient=entry.patient)

        await self.db.run(caller, work)

    async def set_urgency(self, caller: Caller, entry_id: UUID, urgency: Urgency, version: int) -> Entry:
        """
        Say how soon somebody needs to be seen.

        Raises:
            NotFound: no such entry for the caller. Refused: not staff. EntryChanged: at another version by now.
        """
        if not bookers.is_staff(caller):
            raise Refused("How soon somebody needs to be seen is for the clinic to say.")

        async def work(tx: Transaction) -> Entry:
            entry = await store.entry(tx, entry_id)
            await bookers.patient_of(tx, entry.patient)
            await store.set_urgency(tx, entry_id, urgency, version)
            await audit.record(tx, "change", "waitlist_entry", entry_id, patient=entry.patient)
            return await store.entry(tx, entry_id)

        return await self.db.run(caller, work)

    # --- looking at it

    async def entries(self, caller: Caller, patient: UUID | None = None) -> list[Entry]:
        """The entries that the caller may see, in the fair order."""
        async with self.db.begin(caller) as tx:
            return await store.entries(tx, *([waiting.c.patient == patient] if patient else []))

    async def whole(self, caller: Caller) -> List:
        """As `entries`, with names and with the times at which somebody was passed over: for pages."""
        async with self.db.begin(caller) as tx:
            found = await store.entries(tx)
            mentioned = {person for one in found for person in (one.patient, *one.wish.practitioners)}
            mentioned |= {person for one in found if one.offer for person in one.offer.practitioners}
            passings = await store.passings(tx, [one.id for one in found], SHOWN_PASSINGS)
            _, now = await catalogue.clinic_policy(tx)
            return List(found, await people.named(tx, mentioned), passings, now)

    async def offers(self, caller: Caller) -> list[Offered]:
        """Offers that the caller may answer at this moment, the most pressing first."""
        async with self.db.begin(caller) as tx:
            return await store.open_offers(tx)

    # --- answering

    async def accept(self, caller: Caller, offer_id: UUID, reason: str) -> Appointment:
        """
        Book what was offered.

        Raises:
            NotFound, Refused: not the caller's to answer. OfferGone: it has ended. HoldUsed: it is a visit already.
            Invalid, Conflict: see `Scheduling.book`.
        """
        bookers.check_books(caller)

        async def work(tx: Transaction) -> Appointment:
            one = await store.offered(tx, offer_id)
            await bookers.patient_of(tx, one.patient)
            limited = not bookers.is_staff(caller)
            try:
                booked = await holding.confirm(tx, one.hold, None, limited=limited, owner=one.patient)
            except HoldExpired as exc:
                raise OfferGone from exc
            return await self.scheduling.tell_booked(tx, booked, reason)

        return await self.db.run(caller, work)

    async def decline(self, caller: Caller, offer_id: UUID) -> None:
        """
        Pass an offer on; the entry keeps its place. Twice is once.

        Raises:
            NotFound, Refused: not the caller's to answer. HoldUsed: it is a visit already.
        """
        bookers.check_books(caller)

        async def work(tx: Transaction) -> None:
            one = await store.offered(tx, offer_id)
            await bookers.patient_of(tx, one.patient)
            near = await self._prepare(tx, one)
            if await _used(tx, one.hold) is not None:
                raise holding.HoldUsed
            await self._give_back(tx, near, one, OfferEnded.DECLINED)

        await self.db.run(caller, work)

    async def release_hold(self, caller: Caller, hold_id: UUID) -> None:
        """
        Give back a time that is kept for the caller; an offer is declined by this.

        Raises:
            NotFound: no such hold of the caller. HoldUsed: it is a visit by now.
        """

        async def work(tx: Transaction) -> None:
            offered = await tx.scalar(select(offer.c.id).where(offer.c.hold == hold_id, offer.c.ended_at.is_(None)))
            if offered is not None:
                return await self.decline(caller.within(tx), offered)
            held = await holding.release(tx, hold_id)
            return await looking.ended_hold(tx, held.id, held.practitioners)

        await self.db.run(caller, work)

    async def holds(self, caller: Caller) -> list[Hold]:
        """The caller's holds that last at this moment."""
        async with self.db.begin(caller) as tx:
            return await holding.mine(tx)

    async def renew_hold(self, caller: Caller, hold_id: UUID) -> Hold:
        """
        Keep a time once more for as long as at first.

        Raises:
            NotFound, HoldUsed, HoldExpired, HoldRenewed, OfferNotRenewed: see `holding.renew`.
        """
        return await self.db.run(caller, lambda tx: holding.renew(tx, hold_id))

    # --- one offer ends, the next is made

    async def _prepare(self, tx: Transaction, one: Offered) -> Near:
        near = await handing.look_around(tx, one.practitioners)
        await handing.lock(tx, near)
        if one.group_session is not None:
            await sessions.lock(tx, one.group_session)
        return near

    async def _give_back(self, tx: Transaction, near: Near, one: Offered, how: OfferEnded) -> None:
        """End an offer and make the next: the time is never free in between. Everybody near is locked."""
        visit = await catalogue.visit_type(tx, one.service)
        async with standing_in(tx, HANDER) as ours:
            if not await settling.ended(ours, one.id, how):
                return
            await diaries.release_holds(ours, [one.hold])
            await offering.tell(ours, events.OFFER_ENDED, one)
        if one.group_session is not None:
            await seats.hand_on(tx, near, one.group_session)
            return
        since, until = one.start - visit.buffer_before, one.end + visit.buffer_after
        await handing.hand_on(tx, near, Freed(frozenset(one.practitioners), since, until))

    # --- the worker's part

    async def lapse(self, offer_id: UUID) -> None:
        """An offer's time is over: it goes to the next. One that was answered is left alone."""

        async def work(tx: Transaction) -> None:
            try:
                one = await store.offered(tx, offer_id)
            except NotFound:
                return  # erased meanwhile
            near = await self._prepare(tx, one)
            if await _is_released(tx, one.hold):
                await self._replaced(tx, one)
            else:
                await self._give_back(tx, near, one, OfferEnded.LAPSED)

        await self.db.run(HANDER, work)

    async def _replaced(self, tx: Transaction, one: Offered) -> None:
        """The patient took the time in another way; with a visit of this kind they wait no longer."""
        if not await settling.ended(tx, one.id, OfferEnded.REPLACED):
            return
        visit = select(appointment.c.id).where(
            appointment.c.patient == one.patient,
            appointment.c.service == one.service,
            appointment.c.start_at == one.start,
            appointment.c.status == Status.BOOKED.value,
        )
        if await tx.scalar(visit.limit(1)) is not None:
            await store.end(tx, one.entry, Ended.BOOKED)

    async def look(self, payload: dict[str, Any]) -> None:
        """Time became free while nobody was there to hand it on; see `looking`."""

        async def work(tx: Transaction) -> None:
            if "group_session" in payload:
                return await self._look_at_seats(tx, UUID(payload["group_session"]))
            freed = await looking.freed_by(tx, payload)
            if freed is not None:
                near = await handing.look_around(tx, freed.practitioners)
                await handing.lock(tx, near)
                await handing.hand_on(tx, near, freed)
            return None

        await self.db.run(HANDER, work)

    async def _look_at_seats(self, tx: Transaction, session: UUID) -> None:
        near = await handing.look_around(tx, (await sessions.one(tx, session)).staff)
        await handing.lock(tx, near)
        await sessions.lock(tx, session)
        await seats.hand_on(tx, near, session)

    async def sweep(self) -> None:
        """What a worker that was away left behind: offers whose time is over, entries whose last day has passed."""
        async with self.db.begin(HANDER) as tx:
            late = await store.overdue(tx)
        for one in late:
            await self.lapse(one)
        async with self.db.begin(HANDER) as tx:
            now = await tx.scalar(select(func.statement_timestamp()))
            dated = await store.entries(tx, waiting.c.until_day < (now + timedelta(days=1)).date())
            for entry in dated:
                if rules.is_over(entry.wish, now) and entry.offer is None:
                    await store.end(tx, entry.id, Ended.OVER)


async def _used(tx: Transaction, hold_id: UUID) -> UUID | None:
    found: UUID | None = await tx.scalar(select(hold.c.appointment).where(hold.c.id == hold_id))
    return found


async def _is_released(tx: Transaction, hold_id: UUID) -> bool:
    return bool(await tx.scalar(select(hold.c.released_at.is_not(None)).where(hold.c.id == hold_id)))
