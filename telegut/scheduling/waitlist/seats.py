"""
A seat of a group session that becomes free goes on to those who wait for this kind of session, as a time does.

A kept seat is a hold (`scheduling_hold.group_session`) in the patient's name: it takes the patient's time, counts as
taken in the session, and ends by being taken, given back or handed on. Order of the locks as in `handing`: the list,
calendars, the session, then one patient at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from telegut.accounts import care
from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.db.standing_in import standing_in
from telegut.errors import Conflict
from telegut.jobs import queue
from telegut.scheduling import calendars, catalogue, diaries, ground
from telegut.scheduling.choice import languages
from telegut.scheduling.diaries import PATIENT, Place
from telegut.scheduling.groups import sessions
from telegut.scheduling.groups.sessions import Session
from telegut.scheduling.holding import OFFER
from telegut.scheduling.rules import Policy, Status
from telegut.scheduling.tables import appointment, hold
from telegut.scheduling.waitlist import events, offering, rules, settling, store
from telegut.scheduling.waitlist.freed import Near
from telegut.scheduling.waitlist.handing import HANDER, LOOK_JOB
from telegut.scheduling.waitlist.rules import OfferEnded, Passed
from telegut.scheduling.waitlist.store import Entry, History
from telegut.scheduling.waitlist.tables import offer, waiting


async def hand_on(tx: Transaction, near: Near, session_id: UUID, *, not_for: UUID | None = None) -> list[UUID]:
    """
    Offer every free seat of a locked session to those who wait for one, in their order; gives whom it went to.

    not_for: the patient who gave the seat up.
    """
    if not near.watched:
        return []
    async with standing_in(tx, HANDER) as ours:
        session = await sessions.one(ours, session_id)
        policy, now = await catalogue.clinic_policy(ours)
        if session.is_cancelled or session.start <= now or session.left < 1:
            return []
        entries = await store.entries(ours, waiting.c.service == session.service)
        entries = [one for one in entries if one.patient != not_for]
        walk = _Walk(ours, session, policy, now, await store.history(ours, [one.id for one in entries]))
        offered = await walk.go_down(entries)
        await walk.look_in_the_morning()
        return offered


async def give_back_all(tx: Transaction, session_id: UUID) -> None:
    """The kept seats of a session that is moved or cancelled are nobody's any more: another time was offered."""
    async with standing_in(tx, HANDER) as ours:
        kept = select(offer.c.id, hold.c.id.label("hold")).where(
            offer.c.hold == hold.c.id,
            hold.c.group_session == session_id,
            hold.c.appointment.is_(None),
            hold.c.released_at.is_(None),
        )
        for row in (await ours.execute(kept)).all():
            one = await store.offered(ours, row.id)
            await settling.ended(ours, one.id, OfferEnded.REPLACED)
            await diaries.release_holds(ours, [row.hold])
            await offering.tell(ours, events.OFFER_ENDED, one)


class _Walk:
    """One walk down the list with the free seats of one session."""

    def __init__(self, tx: Transaction, session: Session, policy: Policy, now: datetime, history: History) -> None:
        self._tx = tx
        self._session = session
        self._policy = policy
        self._now = now
        self._history = history
        self._passed: dict[UUID, tuple[UUID, Passed]] = {}
        self._asleep: set[str] = set()

    async def go_down(self, entries: Sequence[Entry]) -> list[UUID]:
        """Every entry once, in order, until no seat is left."""
        offered: list[UUID] = []
        for entry in entries:
            if len(offered) == self._session.left:
                break
            reason = await self._against(entry) or await self._offer(entry)
            if reason is None:
                offered.append(entry.id)
                continue
            if reason is Passed.QUIET_HOURS:
                self._asleep.add(entry.wish.zone)
            self._passed[entry.id] = (entry.patient, reason)
        return offered

    async def _against(self, entry: Entry) -> Passed | None:
        """The first thing that speaks against offering this entry a seat."""
        session, wish = self._session, entry.wish
        if entry.id in self._history.unsettled:
            return Passed.HAS_AN_OFFER
        if not await self._with_these(entry):
            return Passed.OTHER_PEOPLE
        if (entry.id, session.start) in self._history.had:
            return Passed.HAD_THIS_TIME
        reason = rules.against(wish, session.start, session.end, self._now)
        if reason is not None:
            return reason
        if rules.is_quiet(self._now, wish.zone, self._policy.quiet_from, self._policy.quiet_until):
            return Passed.QUIET_HOURS
        if await self._is_seated(entry.patient):
            return Passed.PATIENT_BUSY
        ahead = await ground.count_ahead(self._tx, [entry.patient], self._now)
        return Passed.VISITS_ENOUGH if ahead.get(entry.patient, 0) >= self._policy.max_future_visits else None

    async def _with_these(self, entry: Entry) -> bool:
        """Whether the session is held by whom this entry waits for, in a language that they asked for."""
        hosts, wish = set(self._session.practitioners), entry.wish
        if wish.practitioners and not hosts & set(wish.practitioners):
            return False
        if not self._policy.any_practitioner:
            team = {member.account for member in await care.team(self._tx, entry.patient)}
            if not hosts <= team:
                return False
        if not wish.language:
            return True
        spoken = await languages.read(self._tx, hosts)
        asked = wish.language.lower()
        return all(
            any(tag.lower() == asked or tag.lower().startswith(f"{asked}-") for tag in spoken.get(host, ()))
            for host in hosts
        )

    async def _is_seated(self, patient: UUID) -> bool:
        seated = select(appointment.c.id).where(
            appointment.c.group_session == self._session.id,
            appointment.c.patient == patient,
            appointment.c.status != Status.CANCELLED.value,
        )
        return await self._tx.scalar(seated.limit(1)) is not None

    async def _offer(self, entry: Entry) -> Passed | None:
        try:
            async with standing_in(self._tx, HANDER) as ours:
                made = await offering.note(ours, entry, await self._keep(ours, entry))
                await store.pass_over(ours, made, self._passed)
        except Conflict:
            return Passed.PATIENT_BUSY
        return None

    async def _keep(self, tx: Transaction, entry: Entry) -> offering.Kept:
        """A hold on one seat: the patient's time, and one less for everybody else."""
        session = self._session
        await calendars.lock_patient(tx, entry.patient)
        ends = rules.offer_ends(self._now, session.start, self._policy.offer_for)
        made = new_id()
        row: dict[str, Any] = {
            "id": made,
            "owner": entry.patient,
            "patient": entry.patient,
            "service": session.service,
            "start_at": session.start,
            "end_at": session.end,
            "made_at": func.statement_timestamp(),
            "expires_at": ends,
            "kind": OFFER,
            "group_session": session.id,
        }
        await tx.execute(insert(hold).values(row))
        visit = await catalogue.visit_type(tx, session.service)
        free_at = ends + offering.GRACE
        await diaries.keep_for_hold(tx, made, [Place(entry.patient, PATIENT)], visit, session.start, free_at)
        return offering.Kept(made, session.practitioners, session.start, session.end, self._now, ends)

    async def look_in_the_morning(self) -> None:
        """A seat that would have suited somebody who sleeps is looked at again when the first of them wakes."""
        if not self._asleep:
            return
        wakes = min(rules.quiet_ends(self._now, zone, self._policy.quiet_until) for zone in self._asleep)
        if wakes < self._session.start:
            payload = {"group_session": str(self._session.id)}
            unique = f"{self._session.id} {wakes.isoformat()}"
            await queue.enqueue(self._tx, LOOK_JOB, payload, run_at=wakes, unique=unique)
