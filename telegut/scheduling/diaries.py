"""What stands in people's diaries: read for a question, written under the constraint against two places at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Executable,
    and_,
    bindparam,
    delete,
    extract,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, Range

from telegut.db.engine import Transaction, on_violation
from telegut.db.ids import new_id
from telegut.db.metadata import Id, Timestamp
from telegut.scheduling import zones
from telegut.scheduling.rules import VisitType
from telegut.scheduling.slots import Diary, Engagement, SlotTaken
from telegut.scheduling.tables import hold, participant

PATIENT = "patient"

_NONE = UUID(int=0)
"""No appointment has this id; null would be apart from every hold as well."""

# Made once: see `catalogue`.
_THEM = participant.c.person == func.any(bindparam("people", type_=ARRAY(Id)))
_OWN_HOLD = and_(
    hold.c.id == participant.c.hold,
    hold.c.owner == bindparam("account", type_=Id),
    hold.c.patient.is_not_distinct_from(bindparam("for_patient", type_=Id)),
)


def _seconds(column: Any) -> list[Any]:
    return [extract("epoch", edge(column)).cast(BigInteger) for edge in (func.lower, func.upper)]


_READ = (
    select(
        participant.c.person,
        *_seconds(participant.c.during),
        *_seconds(participant.c.visit),
        participant.c.hold.is_not(None),
        hold.c.id,
    )
    .outerjoin(hold, _OWN_HOLD)
    .where(
        _THEM,
        participant.c.active,
        participant.c.during.op("&&")(
            func.tstzrange(bindparam("since", type_=Timestamp), bindparam("until", type_=Timestamp))
        ),
        or_(participant.c.expires_at.is_(None), participant.c.expires_at > func.statement_timestamp()),
        participant.c.appointment.is_distinct_from(bindparam("apart_from", type_=Id)),
    )
)
# One statement, one snapshot, one clock: what is removed and what is read cannot overlap.
_SETTLE = _READ.add_cte(
    delete(participant).where(_THEM, participant.c.expires_at <= func.statement_timestamp()).cte("expired")
)


@dataclass(frozen=True, slots=True)
class Asker:
    """
    Whose eyes diaries are read with: their own hold for the same patient does not stand in their way.

    apart_from: an appointment that is about to be moved, left out.
    """

    account: UUID | None
    patient: UUID | None
    apart_from: UUID | None = None


@dataclass(slots=True)
class Diaries:
    """Diaries of several people, and the asker's own holds in that time (left out of them)."""

    of: dict[UUID, Diary] = field(default_factory=dict)
    own_holds: list[tuple[UUID, int, int]] = field(default_factory=list)

    def diary(self, person: UUID) -> Diary:
        """One person's diary; empty when nothing stands in it."""
        return self.of.get(person) or Diary()

    def own_holds_touching(self, start: int, end: int) -> set[UUID]:
        """The asker's own holds that touch ``[start, end)``."""
        return {one for one, opens, closes in self.own_holds if opens < end and closes > start}


async def read(tx: Transaction, people: Collection[UUID], first: int, last: int, asker: Asker) -> Diaries:
    """
    What is spoken for between two instants in seconds; buffers count.

    What has expired by the database's clock is not there any more, whether or not it was removed.
    """
    return await _run(tx, _READ, people, first, last, asker)


async def settle(tx: Transaction, people: Collection[UUID], first: int, last: int, asker: Asker) -> Diaries:
    """As `read`, and removes these people's expired holds, which the constraint still counts. Needs their locks."""
    return await _run(tx, _SETTLE, people, first, last, asker)


async def _run(
    tx: Transaction, statement: Executable, people: Collection[UUID], first: int, last: int, asker: Asker
) -> Diaries:
    asked = {
        "people": sorted(set(people)),
        "since": zones.instant(first),
        "until": zones.instant(last),
        "account": asker.account,
        "for_patient": asker.patient,
        "apart_from": asker.apart_from or _NONE,
    }
    return _gathered(await tx.execute(statement, asked))


def _gathered(rows: Iterable[Any]) -> Diaries:
    engagements: defaultdict[UUID, list[Engagement]] = defaultdict(list)
    gathered = Diaries()
    for person, opens, closes, start, end, held, own in rows:
        if own is not None:
            gathered.own_holds.append((own, opens, closes))
        else:
            engagements[person].append(Engagement(opens, closes, start, end, held))
    gathered.of = {person: Diary(found) for person, found in engagements.items()}
    return gathered


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
