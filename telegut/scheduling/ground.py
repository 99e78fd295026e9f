"""
The ground on which bookings are decided: everybody locked in the one order, everything read once, for many wishes.

Order of the locks: practitioners' calendar rows, sorted; then patients, sorted. What one wish takes is entered in the
diaries in memory, so that the next one of the same transaction finds it taken. The exclusion constraint stays the
truth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from telegut.accounts import care
from telegut.accounts.care import Circle
from telegut.db.engine import Transaction
from telegut.db.metadata import Id
from telegut.errors import FieldError
from telegut.scheduling import calendars, catalogue, diaries, zones
from telegut.scheduling.calendars import Calendar, UnknownPractitioner
from telegut.scheduling.catalogue import Terms, UnknownService
from telegut.scheduling.diaries import Asker, Book, Span
from telegut.scheduling.refusals import Reason
from telegut.scheduling.slots import AROUND
from telegut.scheduling.tables import calendar
from telegut.scheduling.windows import Hours, expand
from telegut.scheduling.zones import DAY

# Made once: see `catalogue`.
_LOCK_CALENDARS = (
    select(calendar.c.practitioner)
    .where(calendar.c.practitioner == bindparam("people", type_=ARRAY(Id)).any_())
    .order_by(calendar.c.practitioner)
    .with_for_update(key_share=True)
)
# See migration 0011 for why it is a function.
_AHEAD = text("select patient, visits from scheduling_ahead(cast(:people as uuid[]), :now)")
# An advisory lock: a patient has no row here, and taking one of accounts would hold up other work on them. They are
# taken in the order of the array.
_LOCK_PATIENTS = text(
    "select pg_advisory_xact_lock(hashtextextended('patient ' || one, 0)) from unnest(cast(:people as text[])) as one"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    A visit that somebody asks for.

    limited: a patient's side asks, so the limits of visits ahead and of whom to choose count. unasked: the hours and
    the clinic's numbers are not asked (the demonstration clinic's past and present); the constraint always is.
    by: the account that asks, when it is not the transaction's own caller (a group of wishes is booked by telegut
    itself, each for somebody else). overriding: the rules that staff decides against, see `overrides`. interpreters:
    one of these translates, the first who is free; empty: nobody is needed.
    """

    service: UUID
    practitioners: tuple[UUID, ...]
    start: datetime
    patient: UUID | None
    limited: bool = False
    unasked: bool = False
    by: UUID | None = None
    overriding: frozenset[Reason] | None = None
    interpreters: tuple[UUID, ...] = ()

    @property
    def staff(self) -> tuple[UUID, ...]:
        """Everybody whose time may be taken besides the patient's."""
        return (*self.practitioners, *self.interpreters)


@dataclass(slots=True)
class Ground:
    """What a transaction knows that has locked everybody. *ahead*: visits to come, of limited patients."""

    terms: dict[UUID, Terms]
    calendars: dict[tuple[UUID, UUID], Calendar]
    book: Book
    circles: dict[UUID, Circle] = field(default_factory=dict)
    ahead: dict[UUID, int] = field(default_factory=dict)
    _hours: dict[tuple[UUID, UUID, int], Hours] = field(default_factory=dict)

    def hours_of(self, one: Calendar, service: UUID, start: int) -> Hours:
        """The hours around an instant in seconds of one who was asked for *service*; expanded once for each day."""
        day = start // DAY
        found = self._hours.get((one.practitioner, service, day))
        if found is None:
            found = expand(one.availability, day * DAY - AROUND, (day + 1) * DAY + AROUND)
            self._hours[one.practitioner, service, day] = found
        return found

    def terms_of(self, service: UUID) -> Terms:
        """
        The terms of one kind of visit.

        Raises:
            UnknownService: there is no such kind.
        """
        found = self.terms.get(service)
        if found is None:
            raise UnknownService(errors=[FieldError("service", "There is no such kind of visit.")])
        return found

    def calendars_of(self, wanted: Wanted) -> list[Calendar]:
        """
        The calendars of everybody who is wanted, sorted.

        Raises:
            UnknownPractitioner: one of them takes no visits.
        """
        pairs = [(one, wanted.service) for one in sorted(wanted.practitioners)]
        found = [self.calendars[pair] for pair in pairs if pair in self.calendars]
        if len(found) != len(pairs):
            raise UnknownPractitioner(errors=[FieldError("practitioners", "One of these people does not take visits.")])
        return found

    def interpreters_of(self, wanted: Wanted) -> list[Calendar]:
        """The calendars of everybody who could translate, in the order asked for."""
        pairs = [(one, wanted.service) for one in wanted.interpreters if one not in wanted.practitioners]
        return [self.calendars[pair] for pair in pairs if pair in self.calendars]


async def prepare(tx: Transaction, wishes: Sequence[Wanted], *, apart_from: UUID | None = None) -> Ground:
    """
    Lock everybody whom *wishes* concern, and read what is needed to decide about them.

    apart_from: an appointment that is about to be moved, left out of the diaries.
    """
    known = await _lock(tx, wishes)
    terms = await _terms(tx, {one.service for one in wishes})
    ground = Ground(terms, await _calendars(tx, wishes, known, terms), await _book(tx, wishes, known, apart_from))
    limited = sorted({one.patient for one in wishes if one.limited and one.patient is not None})
    if limited and terms:
        now = next(iter(terms.values())).now
        ground.ahead = await count_ahead(tx, limited, now)
        if not all(one.policy.any_practitioner for one in terms.values()):
            ground.circles = await care.circles(tx, limited)
    return ground


async def _lock(tx: Transaction, wishes: Sequence[Wanted]) -> set[UUID]:
    """Take every lock; returns the practitioners who exist."""
    people = sorted({one for wanted in wishes for one in wanted.staff})
    known = set((await tx.execute(_LOCK_CALENDARS, {"people": people})).scalars())
    await lock_patients(tx, [one.patient for one in wishes if one.patient is not None])
    return known


async def lock_patients(tx: Transaction, patients: Collection[UUID]) -> None:
    """Put the bookings of some patients in a queue: the last lock of a booking, after every calendar."""
    if patients:
        await tx.execute(_LOCK_PATIENTS, {"people": [str(one) for one in sorted(set(patients))]})


async def count_ahead(tx: Transaction, patients: Sequence[UUID], now: datetime) -> dict[UUID, int]:
    """How many visits of each patient are still to come; who has none is left out."""
    rows = await tx.execute(_AHEAD, {"people": patients, "now": now})
    return {row[0]: row[1] for row in rows}


async def _terms(tx: Transaction, services: Collection[UUID]) -> dict[UUID, Terms]:
    found: dict[UUID, Terms] = {}
    for service in sorted(services):
        try:
            found[service] = await catalogue.terms(tx, service)
        except UnknownService:
            continue
    return found


async def _calendars(
    tx: Transaction, wishes: Sequence[Wanted], known: Collection[UUID], terms: Collection[UUID]
) -> dict[tuple[UUID, UUID], Calendar]:
    asked: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for wanted in wishes:
        if wanted.service in terms:
            asked[wanted.service].update(one for one in wanted.staff if one in known)
    return {
        (one.practitioner, service): one
        for service, people in sorted(asked.items())
        if people
        for one in await calendars.load(tx, people, service)
    }


async def _book(tx: Transaction, wishes: Sequence[Wanted], known: Collection[UUID], apart_from: UUID | None) -> Book:
    spans: list[Span] = []
    for wanted in wishes:
        start = zones.seconds(wanted.start)
        people = [one for one in wanted.staff if one in known]
        people += [wanted.patient] if wanted.patient else []
        spans += [Span(one, start - AROUND, start + AROUND) for one in people]
    askers = {Asker(wanted.by or tx.caller.account, wanted.patient, apart_from) for wanted in wishes}
    return await diaries.settle(tx, spans, askers)
