"""Entries of the waitlist and what was offered to them, as rows. Whose they are is the database's business."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, case, func, insert, select, update

from telegut.db.engine import Transaction, on_violation
from telegut.db.ids import new_id
from telegut.errors import Conflict, NotFound
from telegut.scheduling.tables import hold, service
from telegut.scheduling.waitlist.rules import Ended, Passed, Urgency, Wish, windows_document, windows_of
from telegut.scheduling.waitlist.tables import offer, passing, waiting

LISTED = 500
"""The most entries of one look at the list."""


class AlreadyWaiting(Conflict):
    """You are on the list for this kind of visit already."""


class EntryChanged(Conflict):
    """Somebody has just changed this entry. Please look at it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """
    A time that is kept for somebody who waited for it, until *expires_at*. *group_session*: a seat in it is kept.
    """

    id: UUID
    entry: UUID
    patient: UUID
    hold: UUID
    service: UUID
    service_name: str
    practitioners: tuple[UUID, ...]
    start: datetime
    end: datetime
    made_at: datetime
    expires_at: datetime
    group_session: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Somebody who waits. *before*: how many others wait for the same kind of visit and stand before them."""

    id: UUID
    version: int
    patient: UUID
    service_name: str
    urgency: Urgency
    wish: Wish
    added_by: UUID
    added_at: datetime
    before: int = 0
    offer: Offered | None = None


@dataclass(frozen=True, slots=True)
class PassedOver:
    """When somebody was passed over, for which start, and why."""

    entry: UUID
    reason: Passed
    start: datetime
    at: datetime


def _in_order() -> tuple[Any, ...]:
    rank = case({one.value: number for number, one in enumerate(Urgency)}, value=waiting.c.urgency)
    return rank, waiting.c.added_at, waiting.c.id


def _entries() -> Select[Any]:
    return (
        select(
            waiting,
            service.c.name.label("service_name"),
            func.scheduling_waiting_before(waiting.c.id).label("before"),
        )
        .join(service, service.c.id == waiting.c.service)
        .where(waiting.c.ended_at.is_(None))
        .order_by(*_in_order())
    )


async def entries(tx: Transaction, *conditions: ColumnElement[bool]) -> list[Entry]:
    """Open entries that the caller may see, in the fair order, each with its offer."""
    rows = (await tx.execute(_entries().where(*conditions).limit(LISTED))).all()
    offers = await open_offers(tx, offer.c.entry.in_([row.id for row in rows])) if rows else []
    by_entry = {one.entry: one for one in offers}
    return [_entry(row, by_entry.get(row.id)) for row in rows]


async def entry(tx: Transaction, entry_id: UUID) -> Entry:
    """
    One open entry.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    found = await entries(tx, waiting.c.id == entry_id)
    if not found:
        raise NotFound("This is no longer on the list.")
    return found[0]


async def whose(tx: Transaction, entry_id: UUID) -> tuple[UUID, Ended | None]:
    """
    Whose entry this is or was, and how it ended.

    Raises:
        NotFound: there was none, or it is not the caller's to see.
    """
    row = (await tx.execute(select(waiting.c.patient, waiting.c.ended).where(waiting.c.id == entry_id))).one_or_none()
    if row is None:
        raise NotFound("This is no longer on the list.")
    return row.patient, Ended(row.ended) if row.ended else None


def _entry(row: Row[Any], offered: Offered | None) -> Entry:
    wish = Wish(
        row.service,
        row.zone,
        tuple(row.practitioners),
        row.language,
        windows_of(row.windows),
        row.from_day,
        row.until_day,
        timedelta(minutes=row.notice_minutes),
    )
    return Entry(
        id=row.id,
        version=row.version,
        patient=row.patient,
        service_name=row.service_name,
        urgency=Urgency(row.urgency),
        wish=wish,
        added_by=row.added_by,
        added_at=row.added_at,
        before=row.before,
        offer=offered,
    )


async def add(tx: Transaction, patient: UUID, wish: Wish, urgency: Urgency) -> UUID:
    """
    Put somebody on the list.

    Raises:
        AlreadyWaiting: they wait for this kind of visit.
    """
    made = new_id()
    values = {
        "id": made,
        "patient": patient,
        "service": wish.service,
        "urgency": urgency.value,
        "practitioners": list(wish.practitioners),
        "language": wish.language,
        "windows": windows_document(wish.windows),
        "zone": wish.zone,
        "from_day": wish.from_day,
        "until_day": wish.until_day,
        "notice_minutes": wish.notice // timedelta(minutes=1),
        "added_by": tx.caller.account,
        "added_at": func.statement_timestamp(),
    }
    with on_violation(scheduling_waits_once=AlreadyWaiting):
        await tx.execute(insert(waiting).values(values))
    return made


async def set_urgency(tx: Transaction, entry_id: UUID, urgency: Urgency, version: int) -> None:
    """
    Give an entry another class.

    Raises:
        EntryChanged: it is at another version by now.
    """
    changed = (
        update(waiting)
        .where(waiting.c.id == entry_id, waiting.c.version == version, waiting.c.ended_at.is_(None))
        .values(urgency=urgency.value, version=waiting.c.version + 1)
        .returning(waiting.c.id)
    )
    if await tx.scalar(changed) is None:
        current = await entry(tx, entry_id)
        raise EntryChanged(current={"version": current.version, "urgency": current.urgency.value})


async def end(tx: Transaction, entry_id: UUID, how: Ended) -> bool:
    """Take an entry off the list; False: it was not on it any more."""
    ended = (
        update(waiting)
        .where(waiting.c.id == entry_id, waiting.c.ended_at.is_(None))
        .values(ended=how.value, ended_at=func.statement_timestamp())
        .returning(waiting.c.id)
    )
    return await tx.scalar(ended) is not None


def _offers() -> Select[Any]:
    kept = hold.alias("kept")
    return (
        select(offer, waiting.c.service, service.c.name.label("service_name"), kept.c.group_session)
        .join(waiting, waiting.c.id == offer.c.entry)
        .join(kept, kept.c.id == offer.c.hold)
        .join(service, service.c.id == waiting.c.service)
        .order_by(offer.c.expires_at, offer.c.id)
    )


async def open_offers(tx: Transaction, *conditions: ColumnElement[bool]) -> list[Offered]:
    """Offers that can be answered at this moment, the most pressing first."""
    lasting = (
        offer.c.ended_at.is_(None),
        offer.c.expires_at > func.statement_timestamp(),
        offer.c.hold == hold.c.id,
        hold.c.released_at.is_(None),
        hold.c.expires_at > func.statement_timestamp(),
        hold.c.appointment.is_(None),
    )
    return [_offered(row) for row in await tx.execute(_offers().where(*lasting, *conditions))]


async def offered(tx: Transaction, offer_id: UUID) -> Offered:
    """
    One offer, whatever became of it.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    row = (await tx.execute(_offers().where(offer.c.id == offer_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such offer for you.")
    return _offered(row)


async def overdue(tx: Transaction) -> list[UUID]:
    """Offers whose time has run out, or whose hold ended in another way, and that nobody has settled yet."""
    gone = (offer.c.expires_at <= func.statement_timestamp()) | hold.c.released_at.is_not(None)
    statement = select(offer.c.id).join(hold, hold.c.id == offer.c.hold).where(offer.c.ended_at.is_(None), gone)
    return list((await tx.execute(statement.order_by(offer.c.expires_at))).scalars())


def _offered(row: Row[Any]) -> Offered:
    return Offered(
        id=row.id,
        entry=row.entry,
        patient=row.patient,
        hold=row.hold,
        service=row.service,
        service_name=row.service_name,
        practitioners=tuple(row.practitioners),
        start=row.start_at,
        end=row.end_at,
        made_at=row.made_at,
        expires_at=row.expires_at,
        group_session=row.group_session,
    )


@dataclass(slots=True)
class History:
    """What entries were offered before: those with an offer that is not settled, and the starts each did not take."""

    unsettled: set[UUID] = field(default_factory=set)
    had: set[tuple[UUID, datetime]] = field(default_factory=set)


async def history(tx: Transaction, of: Collection[UUID]) -> History:
    """The history of some entries, read under the list's lock."""
    found = History()
    statement = select(offer.c.entry, offer.c.start_at, offer.c.ended).where(offer.c.entry.in_(of))
    for row in await tx.execute(statement):
        if row.ended is None:
            found.unsettled.add(row.entry)
        elif row.ended in ("declined", "lapsed"):
            found.had.add((row.entry, row.start_at))
    return found


async def pass_over(tx: Transaction, offer_id: UUID, passed: Mapping[UUID, tuple[UUID, Passed]]) -> None:
    """Write down who was before the one that got an offer, and why it did not go to them: entry → patient, reason."""
    rows = [
        {
            "id": new_id(),
            "offer": offer_id,
            "entry": entry_id,
            "patient": patient,
            "reason": reason.value,
            "passed_at": func.statement_timestamp(),
        }
        for entry_id, (patient, reason) in passed.items()
    ]
    if rows:
        await tx.execute(insert(passing).values(rows))


async def passings(tx: Transaction, of: Collection[UUID], latest: int) -> dict[UUID, list[PassedOver]]:
    """The *latest* times at which each of these entries was passed over, newest first."""
    newest = func.row_number().over(partition_by=passing.c.entry, order_by=passing.c.passed_at.desc())
    ranked = (
        select(passing, offer.c.start_at, newest.label("place"))
        .join(offer, offer.c.id == passing.c.offer)
        .where(passing.c.entry.in_(of))
        .subquery()
    )
    found: dict[UUID, list[PassedOver]] = {}
    rows = await tx.execute(select(ranked).where(ranked.c.place <= latest).order_by(ranked.c.passed_at.desc()))
    for row in rows:
        found.setdefault(row.entry, []).append(PassedOver(row.entry, Passed(row.reason), row.start_at, row.passed_at))
    return found
