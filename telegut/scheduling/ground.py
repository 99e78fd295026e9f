"""
The ground on which bookings are decided: everybody locked in the one order, everything read once, for many wishes.

Order of the locks: practitioners' calendar rows, sorted; then patients, sorted. What one wish takes is entered in the
diaries in memory, so that the next one of the same transaction finds it taken. The exclusion constraint stays the
truth.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from telegut.accounts import care
from telegut.accounts.care import Circle
from telegut.db.engine import Transaction
from telegut.errors import FieldError
from telegut.scheduling import asking, diaries, zones
from telegut.scheduling.calendars import Calendar, UnknownPractitioner
from telegut.scheduling.catalogue import Terms, UnknownService
from telegut.scheduling.diaries import Asker, Book, Span
from telegut.scheduling.refusals import Reason
from telegut.scheduling.slots import AROUND
from telegut.scheduling.windows import Hours, expand
from telegut.scheduling.zones import DAY

# One statement for both locks. The second are taken from what has come out of the first (every row of it is counted
# before), in the order of the array. An advisory lock: a patient has no row here, and taking one of accounts would hold
# up other work on them.
_LOCK = text(
    "with theirs as materialized (select practitioner from scheduling_calendar"
    " where practitioner = any(cast(:people as uuid[])) order by practitioner for no key update),"
    " locked as materialized (select coalesce(array_agg(practitioner), '{}') as known from theirs)"
    " select known, pg_advisory_xact_lock(hashtextextended('patient ' || one, 0))"
    " from locked left join unnest(cast(:patients as text[])) as one on true"
)
# See migration 0011 for why it is a function.
_AHEAD = text("select patient, visits from scheduling_ahead(cast(:people as uuid[]), :now)")


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
    limited = sorted({one.patient for one in wishes if one.limited and one.patient is not None})
    terms, theirs, ahead = await asking.ask(tx, _asked(wishes, known), limited)
    ground = Ground(terms, theirs, await _book(tx, wishes, known, apart_from), ahead=ahead)
    if limited and not all(one.policy.any_practitioner for one in terms.values()):
        ground.circles = await care.circles(tx, limited)
    return ground


async def _lock(tx: Transaction, wishes: Sequence[Wanted]) -> set[UUID]:
    """Take every lock; returns the practitioners who exist."""
    people = sorted({one for wanted in wishes for one in wanted.staff})
    patients = sorted({one.patient for one in wishes if one.patient is not None})
    locked = await tx.execute(_LOCK, {"people": people, "patients": [str(one) for one in patients]})
    return {one for row in locked for one in row[0]}


async def count_ahead(tx: Transaction, patients: Sequence[UUID], now: datetime) -> dict[UUID, int]:
    """How many visits of each patient are still to come; who has none is left out."""
    rows = await tx.execute(_AHEAD, {"people": patients, "now": now})
    return {row[0]: row[1] for row in rows}


def _asked(wishes: Sequence[Wanted], known: Collection[UUID]) -> set[tuple[UUID, UUID | None]]:
    """Kinds of visit, each with nobody and with everybody who exists and was asked for it."""
    pairs: set[tuple[UUID, UUID | None]] = {(one.service, None) for one in wishes}
    return pairs | {(wanted.service, one) for wanted in wishes for one in wanted.staff if one in known}


async def _book(tx: Transaction, wishes: Sequence[Wanted], known: Collection[UUID], apart_from: UUID | None) -> Book:
    spans: list[Span] = []
    for wanted in wishes:
        start = zones.seconds(wanted.start)
        people = [one for one in wanted.staff if one in known]
        people += [wanted.patient] if wanted.patient else []
        spans += [Span(one, start - AROUND, start + AROUND) for one in people]
    askers = {Asker(wanted.by or tx.caller.account, wanted.patient, apart_from) for wanted in wishes}
    return await diaries.settle(tx, spans, askers)
