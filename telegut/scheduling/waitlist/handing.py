"""
Time that becomes free goes on to those who wait, in the transaction that frees it: it is never free in between.

Two steps around the freeing. `look_around` comes first, before any calendar is locked: it takes the list's own lock and
says whose calendars have to be locked. `hand_on` comes last: it goes down the list and makes one offer for each piece
of the time that suits somebody. With nobody on the list both cost one small question.

Order of the locks: the list, practitioners' calendars (sorted), then one patient at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from telegut.accounts import care
from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.db.metadata import Id
from telegut.db.standing_in import standing_in
from telegut.errors import Conflict, Invalid
from telegut.jobs import queue
from telegut.scheduling import catalogue, ground, offers, zones
from telegut.scheduling.offers import Asked, Slot
from telegut.scheduling.refusals import PatientBusy
from telegut.scheduling.rules import Policy
from telegut.scheduling.slots import Offer
from telegut.scheduling.tables import calendar, provides, service
from telegut.scheduling.waitlist import offering, rules, store
from telegut.scheduling.waitlist.freed import Freed, Handed, Near
from telegut.scheduling.waitlist.rules import Passed
from telegut.scheduling.waitlist.store import Entry, History
from telegut.scheduling.waitlist.tables import waiting
from telegut.scheduling.zones import DAY

HANDER = Caller.system("the waitlist")
TRIES_AT_MOST = 8
"""How many starts within the freed time are tried for one entry."""
PRACTITIONER_DAYS = 100_000
"""Telegut asks itself: no bound but the clinic's horizon."""

LOOK_JOB = "waitlist.look"

_SOMEBODY = select(func.scheduling_somebody_waits())
_LOCK = text("select pg_advisory_xact_lock(hashtextextended('waitlist', 0))")
_LOCK_CALENDARS = (
    select(calendar.c.practitioner)
    .where(calendar.c.practitioner == bindparam("people", type_=ARRAY(Id)).any_())
    .order_by(calendar.c.practitioner)
    .with_for_update(key_share=True)
)


async def somebody_waits(tx: Transaction) -> bool:
    """Whether anybody is on the list; says nothing of whom."""
    return bool(await tx.scalar(_SOMEBODY))


async def lock_list(tx: Transaction) -> None:
    """Take the list for the rest of the transaction: the first lock of all. Offers are made under it."""
    await tx.execute(_LOCK)


async def lock(tx: Transaction, near: Near) -> None:
    """Lock everybody near, in the order of every booking."""
    await tx.execute(_LOCK_CALENDARS, {"people": sorted(near.practitioners)})


async def look_around(tx: Transaction, practitioners: Collection[UUID]) -> Near:
    """
    Prepare for freeing time of *practitioners*: before any calendar is locked.

    Somebody may wait for a joint visit, which needs others beside them.
    """
    if not await somebody_waits(tx):
        return Near(tuple(practitioners), False)
    await lock_list(tx)
    theirs, others = provides.alias("theirs"), provides.alias("others")
    joint = (
        select(others.c.practitioner)
        .distinct()
        .join(service, service.c.id == others.c.service)
        .join(theirs, theirs.c.service == service.c.id)
        .where(
            func.cardinality(service.c.needs) > 1,
            theirs.c.practitioner == bindparam("people", type_=ARRAY(Id)).any_(),
            service.c.id.in_(select(waiting.c.service).where(waiting.c.ended_at.is_(None))),
        )
    )
    async with standing_in(tx, HANDER) as ours:
        beside = set((await ours.execute(joint, {"people": sorted(set(practitioners))})).scalars())
    return Near(tuple(sorted({*practitioners} | beside)), True)


async def hand_on(tx: Transaction, near: Near, freed: Freed) -> Handed:
    """
    Offer freed time to those who wait, in their order; what suits nobody is free for everybody.

    Everybody of *near* is locked. When a piece went to the first whom it suits, the rest of it goes on down the list.
    """
    handed = Handed()
    if not near.watched:
        return handed
    async with standing_in(tx, HANDER) as ours:
        handing = await _Handing.of(ours, near, freed)
        if handing is not None:
            await handing.go_down(handed)
        await _look_in_the_morning(ours, freed, handed)
    return handed


async def _look_in_the_morning(tx: Transaction, freed: Freed, handed: Handed) -> None:
    """What would have suited somebody who sleeps is looked at again when the first of them wakes, if still free."""
    if not handed.asleep:
        return
    policy, now = await catalogue.clinic_policy(tx)
    wakes = min(rules.quiet_ends(now, zone, policy.quiet_until) for zone in handed.asleep)
    payload = freed.payload()
    if wakes < freed.until:
        unique = f"{wakes.isoformat()} {sorted(payload.items())}"
        await queue.enqueue(tx, LOOK_JOB, payload, run_at=wakes, unique=unique)


class _Handing:
    """One walk down the list."""

    def __init__(
        self, tx: Transaction, near: Near, freed: Freed, entries: list[Entry], history: History, policy: Policy
    ) -> None:
        self._tx = tx
        self._near = frozenset(near.practitioners)
        self._freed = freed
        self._entries = entries
        self._history = history
        self._policy = policy
        self._passed: dict[UUID, tuple[UUID, Passed]] = {}
        self._listed: dict[Asked, list[Slot]] = {}

    @classmethod
    async def of(cls, tx: Transaction, near: Near, freed: Freed) -> _Handing | None:
        """The walk, or None when there is nothing to give or nobody to give it to."""
        policy, now = await catalogue.clinic_policy(tx)
        if freed.until <= now:
            return None
        offered = {one for each in await catalogue.providers(tx, freed.practitioners) for one in each.services}
        entries = await store.entries(tx, waiting.c.service.in_(offered))
        if freed.joined_after is not None:
            entries = [one for one in entries if one.added_at > freed.joined_after]
        entries = [one for one in entries if one.patient != freed.not_for]
        history = await store.history(tx, [one.id for one in entries])
        return cls(tx, near, replace(freed, since=max(freed.since, now)), entries, history, policy)

    async def go_down(self, handed: Handed) -> None:
        """Every entry once, in order."""
        for entry in self._entries:
            reason = await self._try(entry)
            if reason is None:
                handed.offered.append(entry.id)
                self._listed.clear()
                continue
            if reason is Passed.QUIET_HOURS:
                handed.asleep.add(entry.wish.zone)
            self._passed[entry.id] = (entry.patient, reason)

    async def _try(self, entry: Entry) -> Passed | None:
        """Offer this entry the first piece that suits; None: done, otherwise why not."""
        if entry.id in self._history.unsettled:
            return Passed.HAS_AN_OFFER
        wish = entry.wish
        if wish.practitioners and not self._freed.practitioners & set(wish.practitioners):
            return Passed.OTHER_PEOPLE
        _policy, now = await catalogue.clinic_policy(self._tx)
        suiting, reason = await self._suiting(entry, now)
        if reason is not None:
            return reason
        if rules.is_quiet(now, wish.zone, self._policy.quiet_from, self._policy.quiet_until):
            return Passed.QUIET_HOURS
        ahead = await ground.count_ahead(self._tx, [entry.patient], now)
        if ahead.get(entry.patient, 0) >= self._policy.max_future_visits:
            return Passed.VISITS_ENOUGH
        return await self._offer(entry, suiting)

    async def _suiting(self, entry: Entry, now: datetime) -> tuple[list[Slot], Passed | None]:
        """The pieces that suit an entry, or the first thing that speaks against all of them."""
        pieces = await self._pieces(entry)
        if not pieces:
            return [], Passed.NO_ROOM
        new = [one for one in pieces if (entry.id, zones.instant(one.start)) not in self._history.had]
        if not new:
            return [], Passed.HAD_THIS_TIME
        said = [rules.against(entry.wish, zones.instant(one.start), zones.instant(one.end), now) for one in new]
        suiting = [one for one, reason in zip(new, said, strict=True) if reason is None]
        return suiting, None if suiting else said[0]

    async def _pieces(self, entry: Entry) -> list[Slot]:
        """What of the freed time is offered to anybody with this wish; the patient's own diary is asked later."""
        wish = entry.wish
        asked = Asked(wish.service, wish.practitioners, language=wish.language or "")
        if asked not in self._listed:
            self._listed[asked] = await self._list(asked)
        pieces = self._listed[asked]
        if not self._policy.any_practitioner:
            team = {member.account for member in await care.team(self._tx, entry.patient)}
            pieces = [one for one in pieces if set(one.practitioners) <= team]
        return pieces

    async def _list(self, asked: Asked) -> list[Slot]:
        since, until = zones.seconds(self._freed.since), zones.seconds(self._freed.until)
        try:
            # A visit that begins before the freed time and reaches into it counts: hence the day before.
            found = await offers.free(
                self._tx,
                asked,
                self._freed.since - timedelta(seconds=DAY),
                self._freed.until,
                practitioner_days=PRACTITIONER_DAYS,
            )
        except Invalid:
            return []  # somebody of the wish takes no visits any more
        before = self._freed.hours_before()
        return [
            one
            for one in found
            if one.start < until
            and one.end > since
            and self._freed.practitioners & set(one.practitioners)
            and self._near.issuperset(one.practitioners)
            and not (before and _is_open(before, one))
        ]

    async def _offer(self, entry: Entry, suiting: Sequence[Slot]) -> Passed | None:
        reason = Passed.NO_ROOM
        for one in suiting[:TRIES_AT_MOST]:
            try:
                async with standing_in(self._tx, HANDER) as ours:
                    made = await offering.make(ours, entry, one)
                    await store.pass_over(ours, made, self._passed)
            except PatientBusy:
                reason = Passed.PATIENT_BUSY
            except (Conflict, Invalid):
                continue
            else:
                return None
        return reason


def _is_open(before: Offer, one: Slot) -> bool:
    """Whether a piece lay in the hours as they were before they changed."""
    windows = before.windows_at(one.start)
    return not before.is_off(one.start, one.end) and any(one.end <= window.end for window in windows)
