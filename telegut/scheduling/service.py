"""What people do with visits. One method, one transaction; the steps are in `booking`, the reading in `offers`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from telegut.accounts import care, people
from telegut.accounts.people import Person
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.sealed import Vault
from telegut.jobs import queue
from telegut.realtime import outbox
from telegut.scheduling import (
    appointments,
    bookers,
    cancelling,
    catalogue,
    changing,
    events,
    facts,
    holding,
    links,
    reasons,
)
from telegut.scheduling.appointments import Appointment, Filter
from telegut.scheduling.arranging import Request, arrange, arranged
from telegut.scheduling.booking import Wanted
from telegut.scheduling.cancelling import CancelCode, Cancellation
from telegut.scheduling.catalogue import Provider
from telegut.scheduling.choice import languages
from telegut.scheduling.facts import VisitFacts
from telegut.scheduling.free_times import FreeTimes
from telegut.scheduling.holding import Hold
from telegut.scheduling.hours import Hours
from telegut.scheduling.interpreters import finding
from telegut.scheduling.rules import Outcome, Policy, VisitType
from telegut.scheduling.turns import Turns
from telegut.settings import Settings


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Somebody who takes visits, by name. *languages*: BCP 47 tags, the best one first."""

    provider: Provider
    name: str
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """An appointment with the words that the caller may read; empty: none, or not for them."""

    appointment: Appointment
    reason: str = ""
    cancel_reason: str = ""


class Scheduling:
    """
    Visits: what is offered, what is booked; *hours* and *times* are parts of their own.

    practitioner_days: the most one question about free times may span. turns: where bookers of this process wait.
    """

    def __init__(self, db: Database, vault: Vault, *, practitioner_days: int, turns: Turns) -> None:
        self.db = db
        self.vault = vault
        self.practitioner_days = practitioner_days
        self.hours = Hours(db)
        self.times = FreeTimes(db, practitioner_days)
        self.turns = turns

    # --- what there is

    async def visit_types(self, caller: Caller) -> list[VisitType]:
        """Every kind of visit that is offered."""
        async with self.db.begin(caller) as tx:
            return await catalogue.visit_types(tx)

    async def policy(self, caller: Caller) -> tuple[Policy, datetime]:
        """The clinic's numbers, and now by the database's clock."""
        async with self.db.begin(caller) as tx:
            return await catalogue.clinic_policy(tx)

    async def practitioners(self, caller: Caller) -> list[Practitioner]:
        """Everybody whom the caller may book, by name."""
        async with self.db.begin(caller) as tx:
            policy, _ = await catalogue.clinic_policy(tx)
            patient = await bookers.patient_of(tx, None)
            allowed = await bookers.choice(tx, patient, anybody=policy.any_practitioner)
            found = await catalogue.providers(tx, allowed)
            names = await people.named(tx, [one.id for one in found])
            spoken = await languages.read(tx, [one.id for one in found])
            known = [Practitioner(one, names[one.id].name, spoken.get(one.id, ())) for one in found if one.id in names]
            return sorted(known, key=lambda one: (one.name, one.provider.id))

    # --- booking

    async def hold(
        self,
        caller: Caller,
        service: UUID,
        practitioners: Sequence[UUID],
        start: datetime,
        patient: UUID | None,
        *,
        interpreter: str = "",
    ) -> Hold:
        """
        Keep a time for some minutes. interpreter: a language or an id, when somebody is to translate.

        Raises:
            Invalid: not offered. Conflict: taken. NotFound: the patient is not the caller's to book for.
        """
        bookers.check_books(caller)

        async def work(tx: Transaction) -> Hold:
            wanted = await self._wanted(tx, service, practitioners, start, patient)
            if interpreter:
                wanted = replace(wanted, interpreters=await finding.candidates(tx, interpreter))
            return await holding.hold_time(tx, wanted)

        return await self.db.run(caller, work)

    async def book(
        self,
        caller: Caller,
        service: UUID,
        practitioners: Sequence[UUID],
        start: datetime,
        *,
        patient: UUID | None = None,
        reason: str = "",
        unasked: bool = False,
    ) -> Appointment:
        """
        Book a visit.

        unasked: for telegut's own work (a demonstration's past and present): hours, notice and limits do not count, the
        constraint does.

        Raises:
            Invalid: not offered. Conflict: taken. NotFound: the patient is not the caller's to book for.
        """
        bookers.check_books(caller)

        async def work(tx: Transaction) -> Appointment:
            wish = Request(caller, service, tuple(practitioners), start, patient, reason, unasked)
            return arranged((await arrange(tx, self.vault, [wish]))[0])

        return await self.db.run(caller, work)

    async def confirm(
        self, caller: Caller, hold: UUID, *, patient: UUID | None = None, reason: str = ""
    ) -> Appointment:
        """
        Book the time that was kept.

        Raises:
            NotFound: no such hold of the caller. HoldUsed, HoldExpired: it has ended. Invalid, Conflict: see `book`.
        """
        bookers.check_books(caller)

        async def work(tx: Transaction) -> Appointment:
            named = await bookers.patient_of(tx, patient) if patient is not None else None
            limited = not bookers.is_staff(caller)
            return await self.tell_booked(tx, await holding.confirm(tx, hold, named, limited=limited), reason)

        return await self.db.run(caller, work)

    async def _wanted(
        self,
        tx: Transaction,
        service: UUID,
        practitioners: Sequence[UUID],
        start: datetime,
        named: UUID | None,
    ) -> Wanted:
        patient = await bookers.patient_of(tx, named)
        return Wanted(service, tuple(practitioners), start, patient, limited=not bookers.is_staff(tx.caller))

    async def tell_booked(self, tx: Transaction, booked: Appointment, reason: str) -> Appointment:
        """What follows a booking in its transaction: the words, the care team, and everybody hears."""
        await reasons.write(tx, self.vault, booked, "visit", reason, booked.changed_at)
        if booked.group_session is None:  # holding a session opens nobody's record
            await bookers.join_care(tx, booked.patient, booked.practitioners, booked.changed_at)
        await self.tell(tx, events.BOOKED, booked)
        return booked

    async def reschedule(self, caller: Caller, appointment: UUID, start: datetime, version: int) -> Appointment:
        """
        Move a visit; the old time is free in the same instant.

        Raises:
            NotFound, Refused: not the caller's to move. Stale, NotBooked: it changed. Invalid, Conflict: see `book`.
        """

        async def work(tx: Transaction) -> Appointment:
            current = await bookers.changeable(tx, appointment)
            with links.discreetly(tx):
                moved = await changing.move(tx, current, start, version, by_patient=not bookers.is_staff(caller))
            if moved.version != current.version:
                await self.tell(tx, events.MOVED, moved)
            return moved

        return await self.db.run(caller, work)

    async def cancellation(self, caller: Caller, appointment: UUID) -> Cancellation:
        """
        What cancelling a visit would mean now.

        Raises:
            NotFound, Refused: not the caller's to cancel.
        """
        async with self.db.begin(caller) as tx:
            one = await bookers.changeable(tx, appointment)
            policy, now = await catalogue.clinic_policy(tx)
            return cancelling.cancellation(one.start, now, policy.cancel_notice, by_staff=bookers.is_staff(caller))

    async def cancel(
        self, caller: Caller, appointment: UUID, reason: str, version: int, *, code: CancelCode | None = None
    ) -> Appointment:
        """
        Cancel a visit; it stays to be seen, and its time goes to who waits for it, or is free at once.

        Raises:
            NotFound, Refused: not the caller's to cancel. Stale, NotBooked: it changed. Invalid: a reason that is the
            clinic's to give.
        """
        cancelling.check_code(code, by_staff=bookers.is_staff(caller))

        async def work(tx: Transaction) -> Appointment:
            current = await bookers.changeable(tx, appointment)
            by_patient = not bookers.is_staff(caller)
            ended = await changing.cancel(tx, current, version, by_patient=by_patient, code=code)
            await reasons.write(tx, self.vault, ended, "cancellation", reason, ended.changed_at)
            await self.tell(tx, events.CANCELLED, ended)
            return ended

        return await self.db.run(caller, work)

    async def tell(self, tx: Transaction, kind: str, one: Appointment) -> None:
        """Everybody it concerns hears of it, and the worker's part begins, once the transaction holds."""
        audience = {*one.people, *await care.guardians(tx, one.patient)}
        audience |= {one.booked_by} if one.booked_by else set()
        event = events.happened(kind, one.id, one.visit, one.patient, one.version, one.start)
        await outbox.append(tx, event, to=audience)
        payload = {"appointment": str(one.id), "visit": str(one.visit), "version": one.version}
        await queue.enqueue(tx, kind, payload, unique=f"{one.id} {one.version}")

    # --- reading

    async def appointments(self, caller: Caller, wanted: Filter, *, limit: int) -> list[Appointment]:
        """The appointments that the caller may see, by their start; without anybody's words."""
        async with self.db.begin(caller) as tx:
            return await appointments.find(tx, wanted, limit)

    async def with_people(
        self, caller: Caller, wanted: Filter, *, limit: int
    ) -> tuple[list[Read], dict[UUID, Person], datetime]:
        """As `appointments`, with the reasons that are the caller's to read, everybody's names, and now: for pages."""
        async with self.db.begin(caller) as tx:
            found = await appointments.find(tx, wanted, limit)
            words = await reasons.read(tx, self.vault, found)
            names = await people.named(tx, {person for one in found for person in one.people})
            _, now = await catalogue.clinic_policy(tx)
            return [_read(one, words.get(one.id, {})) for one in found], names, now

    async def appointment(self, caller: Caller, appointment: UUID) -> Read:
        """
        One appointment, with the words that are the caller's to read.

        Raises:
            NotFound: there is none, or it is not theirs to see.
        """
        async with self.db.begin(caller) as tx:
            await links.enter(tx)
            one = await appointments.one(tx, appointment)
            await links.check_own(tx, one)
            await audit.record(tx, "read", "appointment", one.id, patient=one.patient)
            words = await reasons.read(tx, self.vault, [one])
            return _read(one, words.get(one.id, {}))

    # --- for rooms

    async def visit_facts(self, tx: Transaction, visit: UUID) -> VisitFacts:
        """
        What a room is made from.

        Raises:
            NotFound: no appointment has this visit, or it is not the caller's to see.
        """
        return await facts.of_visit(tx, visit)

    async def record_outcome(self, tx: Transaction, appointment: UUID, outcome: str) -> None:
        """
        Write down how a visit went: one of `rules.Outcome`.

        Raises:
            NotFound: there is no such appointment. NotBooked: it was cancelled.
        """
        one = await appointments.one(tx, appointment)
        done = await changing.complete(tx, one, Outcome(outcome))
        if done.version != one.version:
            event = events.happened(events.COMPLETED, done.id, done.visit, done.patient, done.version, done.start)
            await outbox.append(tx, event, to=done.people)


def _read(one: Appointment, words: dict[str, str]) -> Read:
    return Read(one, words.get("visit", ""), words.get("cancellation", ""))


def build_scheduling(db: Database, vault: Vault, settings: Settings) -> Scheduling:
    """Scheduling with the numbers of *settings*; the clinic's own numbers are in the database."""
    turns = Turns(at_once=settings.booking_at_once, patience_s=settings.booking_patience_s)
    return Scheduling(db, vault, practitioner_days=settings.slots_practitioner_days, turns=turns)
