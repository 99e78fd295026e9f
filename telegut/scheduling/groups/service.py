"""
Group sessions: a practitioner opens one, patients take seats in it, and what happens to it happens to every seat.

The session holds its practitioners' time under the same constraint as a visit. A seat is an ordinary appointment of its
patient, with the session's visit: one room for all of them. Hosts of a session are not in anybody's care team for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import Range

from telegut.accounts import people
from telegut.accounts.people import Person
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Transaction, on_violation
from telegut.db.ids import new_id
from telegut.errors import Refused
from telegut.realtime import outbox
from telegut.scheduling import appointments, bookers, booking, calendars, catalogue, diaries, events, offers
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.booking import Agreed, Wanted, agreed_start
from telegut.scheduling.groups import rules, seats, sessions
from telegut.scheduling.groups.rules import SeatsInTheWay, SessionChanged, SessionClosed
from telegut.scheduling.groups.sessions import Session, as_json
from telegut.scheduling.groups.tables import group_session
from telegut.scheduling.offers import Asked, Slot
from telegut.scheduling.refusals import Reason, SlotTaken
from telegut.scheduling.rules import Status, VisitType
from telegut.scheduling.service import Scheduling
from telegut.scheduling.tables import appointment, participant
from telegut.scheduling.turns import Turns
from telegut.scheduling.waitlist import handing
from telegut.scheduling.waitlist import seats as waiting_seats
from telegut.scheduling.waitlist.freed import Freed, Near

LISTED = 200
"""Sessions of one list."""


@dataclass(frozen=True, slots=True)
class Seen:
    """
    A session as the caller sees it.

    people: names, of which an answer shows only those that are the caller's to know. mine: the seats that the caller's
    side has taken. everybody: all seats, for those who hold the session or arrange visits; None: not theirs to know.
    belongs: the caller has a place in its room.
    """

    session: Session
    people: dict[UUID, Person]
    mine: tuple[Appointment, ...]
    everybody: tuple[Appointment, ...] | None
    belongs: bool

    def name(self, person: UUID) -> str:
        """What somebody is called."""
        known = self.people.get(person)
        return known.name if known else ""

    @property
    def hosts(self) -> list[str]:
        """Who holds it, by name."""
        return [self.name(person) for person in self.session.practitioners]


class GroupSessions:
    """What people do with group sessions."""

    def __init__(self, scheduling: Scheduling) -> None:
        self.scheduling = scheduling
        self.db = scheduling.db

    @property
    def turns(self) -> Turns:
        """Where those who want seats of one session wait, before they take a connection."""
        return self.scheduling.turns

    # --- holding one

    async def starts(
        self,
        caller: Caller,
        service: UUID,
        practitioners: Sequence[UUID],
        since: datetime | None,
        until: datetime | None,
    ) -> list[Slot]:
        """
        When a session could be opened with these practitioners; see `offers.free`.

        Raises:
            Refused: neither one of them nor somebody who arranges visits. NotAGroup: a kind of visit without seats.
        """
        _check_may_hold(caller, practitioners)
        async with self.db.begin(caller) as tx:
            terms = await catalogue.terms(tx, service)
            rules.check_seats(None, terms.visit.seats)
            asked = Asked(service, tuple(practitioners), opening=True)
            return await offers.free(tx, asked, since, until, practitioner_days=self.scheduling.practitioner_days)

    async def open(
        self,
        caller: Caller,
        service: UUID,
        practitioners: Sequence[UUID],
        start: datetime,
        *,
        title: str,
        count: int | None = None,
    ) -> Session:
        """
        Open a session; its practitioners' time is taken at once.

        Raises:
            Refused: neither one of its practitioners nor somebody who arranges visits. Invalid: not offered, or a kind
            of visit without seats. SlotTaken: somebody was faster.
        """
        _check_may_hold(caller, practitioners)
        rules.check_title(title)

        async def work(tx: Transaction) -> Session:
            wanted = Wanted(service, tuple(practitioners), start, None)
            terms = await catalogue.terms(tx, service)
            number = rules.check_seats(count, terms.visit.seats)
            agreed = await booking.agree(tx, wanted, forgiven={Reason.GROUP_ONLY})
            await diaries.release_holds(tx, agreed.own_holds)
            made = await self._write(tx, wanted, agreed, title, number)
            await self._tell(tx, made)
            return made

        return await self.db.run(caller, work)

    async def _write(self, tx: Transaction, wanted: Wanted, agreed: Agreed, title: str, number: int) -> Session:
        made, visit, start = new_id(), agreed.terms.visit, wanted.start.astimezone(UTC)
        row = {
            "id": made,
            "visit": new_id(),
            "service": visit.id,
            "title": title,
            "seats": number,
            **_times(start, visit, agreed.zone),
            "opened_by": tx.caller.account,
            "opened_at": agreed.terms.now,
            "changed_at": agreed.terms.now,
        }
        await tx.execute(insert(group_session).values(row))
        with on_violation(scheduling_no_overlap=SlotTaken):
            await tx.execute(
                insert(participant).values(
                    [
                        {
                            "id": new_id(),
                            "group_session": made,
                            "person": place.person,
                            "part": place.part,
                            **_ranges(start, visit),
                        }
                        for place in sorted(agreed.places, key=lambda place: place.person)
                    ]
                )
            )
        await audit.record(tx, "open", "group_session", made, patient=None)
        return await sessions.one(tx, made)

    async def move(self, caller: Caller, session: UUID, start: datetime, version: int) -> Session:
        """
        Move a session with every seat, or say whose other visits forbid it.

        Raises:
            NotFound, Refused: not the caller's. SessionChanged, SessionClosed: look again. SeatsInTheWay: some patients
            have another visit then; ``current`` names their seats. Invalid, Conflict: see `open`.
        """

        async def work(tx: Transaction) -> Session:
            near, current = await self._locked(tx, session, version)
            _, now = await catalogue.clinic_policy(tx)
            if current.start <= now:
                raise SessionClosed(current=as_json(current))
            taken = [one for one in await appointments.of_session(tx, session) if one.status is Status.BOOKED]
            agreed = await self._agree_again(tx, current, start)
            for patient in sorted(one.patient for one in taken):
                await calendars.lock_patient(tx, patient)
            await self._check_seats_can_move(tx, current, taken, start.astimezone(UTC), agreed.terms.visit)
            await waiting_seats.give_back_all(tx, current.id)
            await self._shift(tx, current, taken, start.astimezone(UTC), agreed)
            await handing.hand_on(tx, near, _freed(current, agreed.terms.visit))
            await waiting_seats.hand_on(tx, near, current.id)
            return await self._told(tx, current.id, events.MOVED, "move", taken)

        return await self.db.run(caller, work)

    async def _agree_again(self, tx: Transaction, current: Session, start: datetime) -> Agreed:
        # Its own present time does not stand in its way: given back here, taken again below, seen by nobody meanwhile.
        await tx.execute(update(participant).where(participant.c.group_session == current.id).values(active=False))
        wanted = Wanted(current.service, current.practitioners, start, None)
        agreed = await booking.agree(tx, wanted, forgiven={Reason.GROUP_ONLY})
        await diaries.release_holds(tx, agreed.own_holds)
        return agreed

    async def _check_seats_can_move(
        self, tx: Transaction, current: Session, taken: Sequence[Appointment], start: datetime, visit: VisitType
    ) -> None:
        during: Range[datetime] = Range(start, start + visit.duration)
        busy = select(func.scheduling_seats_in_the_way(current.id, during))
        found = set((await tx.execute(busy)).scalars())
        if found:
            known = [{"appointment": str(one.id), "patient": str(one.patient)} for one in taken if one.patient in found]
            raise SeatsInTheWay(current={**as_json(current), "in_the_way": known})

    async def _shift(
        self, tx: Transaction, current: Session, taken: Sequence[Appointment], start: datetime, agreed: Agreed
    ) -> None:
        visit, ids = agreed.terms.visit, [one.id for one in taken]
        times = _times(start, visit, agreed.zone)
        await _raise(tx, current.id, **times)
        await _raise_seats(tx, ids, **times)
        theirs: Range[datetime] = Range(start, start + visit.duration)
        with on_violation(scheduling_no_overlap=SlotTaken):
            await tx.execute(
                update(participant)
                .where(participant.c.group_session == current.id)
                .values(active=True, **_ranges(start, visit))
            )
            await tx.execute(
                update(participant).where(participant.c.appointment.in_(ids)).values(during=theirs, visit=theirs)
            )

    async def cancel(self, caller: Caller, session: UUID, version: int) -> Session:
        """
        Cancel a session and every seat in it; everybody is told.

        Raises:
            NotFound, Refused: not the caller's. SessionChanged, SessionClosed: look again.
        """

        async def work(tx: Transaction) -> Session:
            near, current = await self._locked(tx, session, version)
            taken = [one for one in await appointments.of_session(tx, session) if one.status is Status.BOOKED]
            ids = [one.id for one in taken]
            ended = {"status": "cancelled", "cancelled_at": func.statement_timestamp()}
            await _raise_seats(tx, ids, **ended, cancelled_by=tx.caller.account)
            await tx.execute(
                update(participant)
                .where((participant.c.group_session == current.id) | participant.c.appointment.in_(ids))
                .values(active=False)
            )
            await waiting_seats.give_back_all(tx, current.id)
            await _raise(tx, current.id, status="cancelled")
            await handing.hand_on(tx, near, _freed(current, await catalogue.visit_type(tx, current.service)))
            return await self._told(tx, current.id, events.CANCELLED, "cancel", taken)

        return await self.db.run(caller, work)

    async def _locked(self, tx: Transaction, session: UUID, version: int) -> tuple[Near, Session]:
        """Everybody whose time may change is locked in the one order: those who wait, calendars, the session."""
        known = await sessions.one(tx, session)
        _check_may_hold(tx.caller, known.practitioners)
        near = await handing.look_around(tx, known.staff)
        await calendars.lock(tx, near.practitioners, known.service)
        current = await sessions.lock(tx, session)
        if current.is_cancelled:
            raise SessionClosed(current=as_json(current))
        if current.version != version:
            raise SessionChanged(current=as_json(current))
        return near, current

    async def _told(
        self, tx: Transaction, session: UUID, kind: str, action: str, taken: Sequence[Appointment]
    ) -> Session:
        for one in taken:
            await audit.record(tx, action, "appointment", one.id, patient=one.patient)
            await self.scheduling.tell(tx, kind, await appointments.one(tx, one.id))
        await audit.record(tx, action, "group_session", session, patient=None)
        changed = await sessions.one(tx, session)
        await self._tell(tx, changed)
        return changed

    async def _tell(self, tx: Transaction, session: Session) -> None:
        audience = {*session.staff, *({session.opened_by} if session.opened_by else ())}
        event = events.session_changed(session.id, session.visit, session.version, session.start)
        await outbox.append(tx, event, to=audience)

    # --- seats

    async def take_seat(self, caller: Caller, session: UUID, patient: UUID | None) -> Appointment:
        """
        Take a seat for oneself, or for a patient whom one arranges visits for.

        Raises:
            NotFound: no such session or patient. NoSeats, SeatedAlready, SessionClosed, PatientBusy, TooManyVisits: see
            `seats.take`.
        """
        bookers.check_books(caller)

        async def work(tx: Transaction) -> Appointment:
            who = bookers.certain(await bookers.patient_of(tx, patient))
            seat = await seats.take(tx, await sessions.lock(tx, session), who)
            await self.scheduling.tell(tx, events.BOOKED, seat)
            return seat

        return await self.db.run(caller, work)

    # --- reading

    async def coming(
        self, caller: Caller, since: datetime | None, until: datetime | None, service: UUID | None
    ) -> list[Seen]:
        """Sessions that are still to come or under way, or those between two instants, by their start."""
        async with self.db.begin(caller) as tx:
            _, now = await catalogue.clinic_policy(tx)
            found = await sessions.find(tx, since or now, until, service, LISTED)
            return await self._seen(tx, found)

    async def look(self, caller: Caller, session: UUID) -> Seen:
        """
        One session.

        Raises:
            NotFound: there is none.
        """
        async with self.db.begin(caller) as tx:
            return (await self._seen(tx, [await sessions.one(tx, session)]))[0]

    async def _seen(self, tx: Transaction, found: Sequence[Session]) -> list[Seen]:
        seated: dict[UUID, list[Appointment]] = {}
        for one in found:
            seated[one.id] = [
                seat for seat in await appointments.of_session(tx, one.id) if seat.status is not Status.CANCELLED
            ]
        ids = {person for one in found for person in one.staff}
        ids |= {seat.patient for taken in seated.values() for seat in taken}
        known = await people.named(tx, ids)
        return [_seen(tx.caller, one, seated[one.id], known) for one in found]


def _seen(caller: Caller, one: Session, seated: Sequence[Appointment], known: dict[UUID, Person]) -> Seen:
    holds = _may_hold(caller, one.practitioners)
    mine = tuple(seated) if not bookers.is_staff(caller) else ()
    everybody = tuple(seated) if holds else None
    belongs = bool(mine) or caller.account in one.staff
    return Seen(one, known, mine, everybody, belongs)


def _may_hold(caller: Caller, practitioners: Sequence[UUID]) -> bool:
    return caller.is_system or bookers.COORDINATOR in caller.roles or caller.account in practitioners


def _check_may_hold(caller: Caller, practitioners: Sequence[UUID]) -> None:
    if not _may_hold(caller, practitioners):
        raise Refused("Sessions are held by their practitioners, and arranged by coordinators.")


def _freed(one: Session, visit: VisitType) -> Freed:
    """The time of a session that is given up, with its buffers."""
    return Freed(frozenset(one.practitioners), one.start - visit.buffer_before, one.end + visit.buffer_after)


def _times(start: datetime, visit: VisitType, zone: str) -> dict[str, Any]:
    return {
        "start_at": start,
        "end_at": start + visit.duration,
        "zone": zone,
        "agreed_start": agreed_start(start, zone),
    }


def _ranges(start: datetime, visit: VisitType) -> dict[str, Range[datetime]]:
    end = start + visit.duration
    return {"during": Range(start - visit.buffer_before, end + visit.buffer_after), "visit": Range(start, end)}


async def _raise(tx: Transaction, session: UUID, **values: Any) -> None:
    table = group_session
    raised = {"version": table.c.version + 1, "sequence": table.c.sequence + 1}
    await tx.execute(
        update(table).where(table.c.id == session).values(**raised, changed_at=func.statement_timestamp(), **values)
    )


async def _raise_seats(tx: Transaction, seats_taken: Sequence[UUID], **values: Any) -> None:
    table = appointment
    raised = {"version": table.c.version + 1, "sequence": table.c.sequence + 1}
    await tx.execute(
        update(table)
        .where(table.c.id.in_(seats_taken))
        .values(**raised, changed_at=func.statement_timestamp(), **values)
    )


def build_groups(scheduling: Scheduling) -> GroupSessions:
    """Group sessions on top of *scheduling*."""
    return GroupSessions(scheduling)
