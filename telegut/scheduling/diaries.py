"""What stands in people's diaries: read for a question, written under the constraint against two places at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    and_,
    bindparam,
    column,
    delete,
    extract,
    func,
    insert,
    null,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON, Range

from telegut.db.engine import Transaction, on_violation
from telegut.db.ids import new_id
from telegut.db.metadata import Id, Timestamp
from telegut.scheduling import zones
from telegut.scheduling.busy.ranges import merged as merged_times
from telegut.scheduling.busy.tables import busy
from telegut.scheduling.diary import Diary, Engagement
from telegut.scheduling.refusals import SlotTaken
from telegut.scheduling.rules import VisitType
from telegut.scheduling.tables import hold, participant

PATIENT = "patient"

_NONE = UUID(int=0)
"""No appointment has this id; null would be apart from every hold as well."""

# Made once: see `catalogue`. The spans of one person do not touch each other; a row that touches two comes twice.
_SPANS = (
    func.unnest(
        bindparam("people", type_=ARRAY(Id)),
        bindparam("since", type_=ARRAY(Timestamp)),
        bindparam("until", type_=ARRAY(Timestamp)),
    )
    .table_valued(column("person", Id), column("since", Timestamp), column("until", Timestamp), name="span")
    .render_derived()
)
# Below row-level security, which allows this by the person and not by the row: see migration 0011.
_TIMES = func.scheduling_times(
    bindparam("people", type_=ARRAY(Id)),
    bindparam("since", type_=ARRAY(Timestamp)),
    bindparam("until", type_=ARRAY(Timestamp)),
).table_valued(
    column("person", Id),
    *(column(name, BigInteger) for name in ("opens", "closes", "begins", "ends")),
    column("hold", Id),
    column("appointment", Id),
    name="taken",
)
_ASKERS_HOLD = and_(hold.c.id == _TIMES.c.hold, hold.c.owner == func.any(bindparam("askers", type_=ARRAY(Id))))


def _seconds(column: Any) -> list[Any]:
    return [extract("epoch", edge(column)).cast(BigInteger) for edge in (func.lower, func.upper)]


_READ = (
    select(
        _TIMES.c.person,
        _TIMES.c.opens,
        _TIMES.c.closes,
        _TIMES.c.begins,
        _TIMES.c.ends,
        _TIMES.c.hold.is_not(None),
        hold.c.id,
        hold.c.owner,
        hold.c.patient,
    )
    .select_from(_TIMES)
    .outerjoin(hold, _ASKERS_HOLD)
    .where(_TIMES.c.appointment.is_distinct_from(bindparam("apart_from", type_=Id)))
)
# Without anything after the times: busy by a calendar elsewhere.
_ELSEWHERE = (
    select(
        busy.c.practitioner,
        *_seconds(busy.c.during),
        *_seconds(busy.c.during),
        null().cast(Boolean),
        null().cast(Id),
        null().cast(Id),
        null().cast(Id),
    )
    .select_from(_SPANS)
    .join(busy, busy.c.practitioner == _SPANS.c.person)
    .where(busy.c.during.op("&&")(func.tstzrange(_SPANS.c.since, _SPANS.c.until)))
)
_EVERYTHING = union_all(_READ, _ELSEWHERE)
_TOGETHER = _EVERYTHING.subquery("taken")
AS_JSON = select(func.json_agg(func.json_build_array(*_TOGETHER.c), type_=JSON)).scalar_subquery()
"""Everything that `asked` is about as one value, for a statement that asks for more; see `settled`."""
EXPIRED = (
    delete(participant)
    .where(
        participant.c.person == func.any(bindparam("people", type_=ARRAY(Id))),
        participant.c.expires_at <= func.statement_timestamp(),
    )
    .cte("expired")
)
"""Removes these people's expired holds, which the constraint still counts. Needs their locks.

Beside `AS_JSON` in one statement: one snapshot, one clock, so what is removed and what is read cannot overlap."""


@dataclass(frozen=True, slots=True)
class Asker:
    """
    Whose eyes diaries are read with: their own hold for the same patient does not stand in their way.

    apart_from: an appointment that is about to be moved, left out.
    """

    account: UUID | None
    patient: UUID | None
    apart_from: UUID | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Some of one person's time, ``[first, last)`` in seconds."""

    person: UUID
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Held:
    """A hold of one of those who ask, in one person's diary."""

    hold: UUID
    owner: UUID
    patient: UUID | None
    person: UUID
    time: Engagement


@dataclass(slots=True)
class Diaries:
    """Diaries of several people as one asker sees them, and the asker's own holds in that time (left out of them)."""

    of: dict[UUID, Diary] = field(default_factory=dict)
    own_holds: list[tuple[UUID, int, int]] = field(default_factory=list)

    def diary(self, person: UUID) -> Diary:
        """One person's diary; empty when nothing stands in it."""
        return self.of.get(person) or Diary()

    def own_holds_touching(self, start: int, end: int) -> set[UUID]:
        """The asker's own holds that touch ``[start, end)``."""
        return {one for one, opens, closes in self.own_holds if opens < end and closes > start}


@dataclass(slots=True)
class Book:
    """Several people's diaries in memory, read once for many askers, and kept up to date with what they take."""

    engagements: defaultdict[UUID, dict[int, Engagement]] = field(default_factory=lambda: defaultdict(dict))
    elsewhere: defaultdict[UUID, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    holds: list[_Held] = field(default_factory=list)
    _diaries: dict[UUID, Diary] = field(default_factory=dict)

    def seen_by(self, asker: Asker) -> Diaries:
        """The diaries with *asker*'s own holds apart."""
        own = [one for one in self.holds if one.owner == asker.account and one.patient == asker.patient]
        others = [one for one in self.holds if one not in own]
        of = _Lazily(self)
        for person in {one.person for one in self.holds}:
            theirs = [one.time for one in others if one.person == person]
            of[person] = self._diary(person, [*self.engagements[person].values(), *theirs])
        return Diaries(of, [(one.hold, one.time.opens, one.time.closes) for one in own])

    def diary(self, person: UUID) -> Diary:
        """One person's diary without the askers' holds."""
        found = self._diaries.get(person)
        if found is None:
            found = self._diaries[person] = self._diary(person, list(self.engagements[person].values()))
        return found

    def _diary(self, person: UUID, engagements: Sequence[Engagement]) -> Diary:
        return Diary(engagements, merged_times(self.elsewhere.get(person, ())))

    def enter(self, person: UUID, time: Engagement) -> None:
        """Somebody's time is spoken for from here on."""
        self.engagements[person][time.opens] = time
        self._diaries.pop(person, None)

    def strike(self, holds: Collection[UUID]) -> None:
        """These holds have ended."""
        self.holds = [one for one in self.holds if one.hold not in holds]


class _Lazily(dict[UUID, Diary]):
    """Diaries that are sorted when somebody looks into them."""

    def __init__(self, book: Book) -> None:
        super().__init__()
        self._book = book

    def get(self, key: UUID, default: Any = None) -> Any:
        """The diary of a person."""
        found = super().get(key)
        return self._book.diary(key) if found is None else found


async def read(tx: Transaction, people: Collection[UUID], first: int, last: int, asker: Asker) -> Diaries:
    """
    What is spoken for between two instants in seconds; buffers count.

    What has expired by the database's clock is not there any more, whether or not it was removed.
    """
    spans = [Span(person, first, last) for person in sorted(set(people))]
    return _gathered(await tx.execute(_EVERYTHING, _values(spans, [asker]))).seen_by(asker)


def asked(spans: Iterable[Span], askers: Collection[Asker]) -> dict[str, Any]:
    """What `AS_JSON` and `EXPIRED` are asked for. Only one asker may be `apart_from` an appointment."""
    return _values(merged(spans), askers)


def settled(rows: Iterable[Sequence[Any]] | None) -> Book:
    """The diaries out of `AS_JSON`."""
    return _gathered([UUID(one[0]), *one[1:6], *map(_known, one[6:])] for one in rows or ())


def _known(one: str | None) -> UUID | None:
    return None if one is None else UUID(one)


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time in spans that do not touch each other, sorted."""
    found: list[Span] = []
    for one in sorted(set(spans), key=lambda one: (one.person, one.first)):
        if found and found[-1].person == one.person and one.first <= found[-1].last:
            found[-1] = Span(one.person, found[-1].first, max(found[-1].last, one.last))
        else:
            found.append(one)
    return found


def _values(spans: Sequence[Span], askers: Collection[Asker]) -> dict[str, Any]:
    apart = [one.apart_from for one in askers if one.apart_from is not None]
    return {
        "people": [one.person for one in spans],
        "since": [zones.instant(one.first) for one in spans],
        "until": [zones.instant(one.last) for one in spans],
        "askers": [one.account for one in askers if one.account is not None],
        "apart_from": apart[0] if apart else _NONE,
    }


def _gathered(rows: Iterable[Any]) -> Book:
    book = Book()
    for person, opens, closes, start, end, held, hold_id, owner, patient in rows:
        if held is None:
            book.elsewhere[person].append((opens, closes))
            continue
        time = Engagement(opens, closes, start, end, held)
        if hold_id is None:
            book.engagements[person][opens] = time
        else:
            one = _Held(hold_id, owner, patient, person, time)
            if one not in book.holds:
                book.holds.append(one)
    return book


@dataclass(frozen=True, slots=True)
class Place:
    """The time of one person in a visit. *part*: patient, or the role they take part in."""

    person: UUID
    part: str


def ranges(visit: VisitType, part: str, start: datetime) -> dict[str, Range[datetime]]:
    """``during`` and ``visit`` of somebody in a visit: the patient's time has no buffers."""
    before, after = (timedelta(0), timedelta(0)) if part == PATIENT else (visit.buffer_before, visit.buffer_after)
    end = start + visit.duration
    return {"during": Range(start - before, end + after), "visit": Range(start, end)}


async def keep_for_hold(
    tx: Transaction, hold_id: UUID, places: Iterable[Place], visit: VisitType, start: datetime, expires_at: datetime
) -> None:
    """
    Take everybody's time for a hold.

    Raises:
        SlotTaken: somebody is not free; the constraint said so.
    """
    await _insert(tx, places, visit, start, {"hold": hold_id, "expires_at": expires_at})


async def keep(tx: Transaction, appointment: UUID, places: Iterable[Place], visit: VisitType, start: datetime) -> None:
    """
    Take everybody's time for an appointment.

    Raises:
        SlotTaken: somebody is not free; the constraint said so.
    """
    await _insert(tx, places, visit, start, {"appointment": appointment})


async def _insert(
    tx: Transaction, places: Iterable[Place], visit: VisitType, start: datetime, owner: dict[str, Any]
) -> None:
    rows = [
        {"id": new_id(), "person": one.person, "part": one.part, **ranges(visit, one.part, start), **owner}
        for one in sorted(places, key=lambda one: one.person)
    ]
    if rows:
        with on_violation(scheduling_no_overlap=SlotTaken):
            await tx.execute(insert(participant).values(rows))


def rows_of(kept: Iterable[tuple[UUID, Place, VisitType, datetime]]) -> list[dict[str, Any]]:
    """
    Everybody's time in many appointments, each with a place, its kind of visit and its start, for `many`.

    Whoever writes them turns a violated ``scheduling_no_overlap`` into `SlotTaken`.
    """
    rows = [
        {"id": new_id(), "person": place.person, "part": place.part, "appointment": appointment}
        | {name: _as_text(span) for name, span in ranges(visit, place.part, start).items()}
        for appointment, place, visit, start in kept
    ]
    return sorted(rows, key=lambda row: row["person"])


def _as_text(span: Range[datetime]) -> str:
    return f"[{span.lower},{span.upper})"


async def turn_into_appointment(tx: Transaction, hold_id: UUID, appointment: UUID) -> None:
    """The time that a hold kept belongs to an appointment from now on."""
    values = {"hold": None, "expires_at": None, "appointment": appointment}
    await tx.execute(update(participant).where(participant.c.hold == hold_id).values(values))


async def move(tx: Transaction, appointment: UUID, visit: VisitType, start: datetime) -> None:
    """
    Give everybody in an appointment its new time; the old one is free in the same instant.

    Raises:
        SlotTaken: somebody is not free; the constraint said so.
    """
    for parts, one in ((participant.c.part == PATIENT, PATIENT), (participant.c.part != PATIENT, "")):
        with on_violation(scheduling_no_overlap=SlotTaken):
            await tx.execute(
                update(participant)
                .where(participant.c.appointment == appointment, parts)
                .values(ranges(visit, one, start))
            )


async def release(tx: Transaction, appointment: UUID) -> None:
    """Give back the time of an appointment; who took part stays known."""
    await tx.execute(update(participant).where(participant.c.appointment == appointment).values(active=False))


async def release_holds(tx: Transaction, holds: Collection[UUID]) -> None:
    """End holds and give their time back."""
    if holds:
        await tx.execute(delete(participant).where(participant.c.hold.in_(holds)))
        await tx.execute(
            update(hold)
            .where(hold.c.id.in_(holds), hold.c.appointment.is_(None))
            .values(released_at=func.statement_timestamp())
        )
