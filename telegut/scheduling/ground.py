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
from telegut.scheduling import asking, zones
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
_LOCKS = (
    "with theirs as materialized (select practitioner from scheduling_calendar"
    " where practitioner = any(cast(:people as uuid[])) order by practitioner for no key update),"
    " known as materialized (select count(*) as number from theirs),"
    " locked as materialized (select pg_advisory_xact_lock(hashtextextended('patient ' || one, 0))"
    " from known left join unnest(cast(:queued as text[])) as one on true)"
)
# These texts are ours and whole; values are parameters.
_LOCK = text(f"{_LOCKS} select practitioner from theirs where (select count(*) from locked) > 0")  # noqa: S608
# Who exists of the practitioners stands among the circles, as somebody of no patient.
_LOCK_AND_CIRCLES = text(
    f"{_LOCKS} select patient, account, role, acts from ("  # noqa: S608
    " select cast(null as uuid) as patient, practitioner as account, null as role, null as acts,"
    " cast(null as timestamptz) as since, cast(null as uuid) as id"
    " from theirs where (select count(*) from locked) > 0"
    f" union all {care.CIRCLE_ROWS}) as everybody order by since, id"
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


@dataclass(frozen=True, slots=True)
class Locked:
    """Everybody is locked. known: the practitioners who exist. circles: of the patients who do."""

    known: set[UUID]
    circles: dict[UUID, Circle]


async def lock(tx: Transaction, people: Collection[UUID], patients: Collection[UUID]) -> Locked:
    """Take the locks of practitioners and patients, and read whose records are open to whom, in one statement."""
    asked = {"people": sorted(set(people)), "patients": sorted(set(patients))}
    queued = [str(one) for one in asked["patients"]]
    rows = (await tx.execute(_LOCK_AND_CIRCLES, {**asked, "queued": queued})).all()
    known = {row.account for row in rows if row.patient is None}
    return Locked(known, care.circles_of(row for row in rows if row.patient is not None))


async def prepare(
    tx: Transaction, wishes: Sequence[Wanted], *, apart_from: UUID | None = None, locked: Locked | None = None
) -> Ground:
    """
    Lock everybody whom *wishes* concern, and read what is needed to decide about them.

    apart_from: an appointment that is about to be moved, left out of the diaries. locked: everybody of them is.
    """
    known = await _lock(tx, wishes) if locked is None else locked.known
    limited = sorted({one.patient for one in wishes if one.limited and one.patient is not None})
    spans, askers = _spans(wishes, known), _askers(tx, wishes, apart_from)
    told = await asking.ask_with_diaries(tx, _asked(wishes, known), limited, spans, askers)
    ground = Ground(told.terms, told.calendars, told.book, ahead=told.ahead)
    if limited and not all(one.policy.any_practitioner for one in told.terms.values()):
        ground.circles = await care.circles(tx, limited)
    return ground


async def _lock(tx: Transaction, wishes: Sequence[Wanted]) -> set[UUID]:
    """Take every lock; returns the practitioners who exist."""
    people = sorted({one for wanted in wishes for one in wanted.staff})
    patients = sorted({one.patient for one in wishes if one.patient is not None})
    locked = await tx.execute(_LOCK, {"people": people, "queued": [str(one) for one in patients]})
    return set(locked.scalars())


async def count_ahead(tx: Transaction, patients: Sequence[UUID], now: datetime) -> dict[UUID, int]:
    """How many visits of each patient are still to come; who has none is left out."""
    rows = await tx.execute(_AHEAD, {"people": patients, "now": now})
    return {row[0]: row[1] for row in rows}


def _asked(wishes: Sequence[Wanted], known: Collection[UUID]) -> set[tuple[UUID, UUID | None]]:
    """Kinds of visit, each with nobody and with everybody who exists and was asked for it."""
    pairs: set[tuple[UUID, UUID | None]] = {(one.service, None) for one in wishes}
    return pairs | {(wanted.service, one) for wanted in wishes for one in wanted.staff if one in known}


def _spans(wishes: Sequence[Wanted], known: Collection[UUID]) -> list[Span]:
    spans: list[Span] = []
    for wanted in wishes:
        start = zones.seconds(wanted.start)
        people = [one for one in wanted.staff if one in known]
        people += [wanted.patient] if wanted.patient else []
        spans += [Span(one, start - AROUND, start + AROUND) for one in people]
    return spans


def _askers(tx: Transaction, wishes: Sequence[Wanted], apart_from: UUID | None) -> set[Asker]:
    return {Asker(wanted.by or tx.caller.account, wanted.patient, apart_from) for wanted in wishes}
