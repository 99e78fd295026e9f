"""Practitioners' calendar rows: their hours with every earlier version, and the lock that puts bookers in a queue."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Text, and_, bindparam, exists, func, insert, literal, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY

from telegut.db.engine import Transaction
from telegut.db.metadata import Id
from telegut.errors import Conflict, FieldError, Invalid, NotFound
from telegut.scheduling.choice.tables import language
from telegut.scheduling.documents import from_document, to_document
from telegut.scheduling.rules import Availability
from telegut.scheduling.tables import calendar, calendar_version, participant, provides

FAIR_OVER: Final = timedelta(days=14)
"""Of two practitioners who are free at the same time, the one with fewer visits booked in this time comes first."""

# Made once: see `catalogue`.
_FOR_SERVICE = (
    select(calendar, provides.c.role.label("provides_as"))
    .outerjoin(
        provides,
        and_(provides.c.practitioner == calendar.c.practitioner, provides.c.service == bindparam("of_service")),
    )
    .order_by(calendar.c.practitioner)
)
# Counted in one go for everybody; of the whole clinic, so that whoever asks gets the same answer.
_RECENT = (
    select(participant.c.person, func.count().label("booked"))
    .where(
        participant.c.part != "patient",
        participant.c.made_at > func.statement_timestamp() - FAIR_OVER,
        participant.c.active,
        participant.c.hold.is_(None),
    )
    .group_by(participant.c.person)
    .subquery("recent")
)
_SPOKEN = exists().where(
    language.c.practitioner == calendar.c.practitioner,
    or_(
        func.lower(language.c.tag) == bindparam("tag", type_=Text),
        func.lower(language.c.tag).startswith(bindparam("tag_before", type_=Text)),
    ),
)
_PROVIDING = (
    _FOR_SERVICE.add_columns(
        func.coalesce(_RECENT.c.booked, 0).label("booked"),
        or_(bindparam("tag", type_=Text) == "", _SPOKEN).label("speaks"),
    )
    .outerjoin(_RECENT, _RECENT.c.person == calendar.c.practitioner)
    .where(provides.c.role.is_not(None))
)
_NAMED = _FOR_SERVICE.where(calendar.c.practitioner == func.any(bindparam("people", type_=ARRAY(Id))))
_EVERYBODY = select(calendar, literal(None).label("provides_as")).order_by(calendar.c.role, calendar.c.practitioner)
_LOCKED = _NAMED.with_for_update(key_share=True, of=calendar)


class UnknownPractitioner(Invalid):
    """One of these people does not take visits here."""


class HoursChanged(Conflict):
    """Somebody else has just changed these hours. Please look at them again."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """
    Somebody's hours, and as what they offer the kind of visit asked for; None: they do not.

    booked: their visits that were booked within `FAIR_OVER`, cancelled ones left out. speaks: whether they speak the
    language asked for. Both are known of those who offer that kind of visit, and not under a lock.
    """

    practitioner: UUID
    role: str
    availability: Availability
    provides_as: str | None = None
    booked: int = 0
    speaks: bool = True


async def load(tx: Transaction, practitioners: Collection[UUID], service: UUID) -> list[Calendar]:
    """
    The calendars of some people for one kind of visit.

    Raises:
        UnknownPractitioner: one of them takes no visits.
    """
    return _complete(await tx.execute(_NAMED, _asked(practitioners, service)), practitioners)


async def load_providing(tx: Transaction, service: UUID, spoken: str = "") -> list[Calendar]:
    """
    The calendars of everybody who offers a kind of visit.

    spoken: a language asked for; "de" is met by "de-AT" too, as RFC 4647 (3.3.1, basic filtering) has it.
    """
    asked = {"of_service": service, "tag": spoken.lower(), "tag_before": f"{spoken.lower()}-"}
    rows = await tx.execute(_PROVIDING, asked)
    return [dataclasses.replace(_calendar(row), booked=row.booked, speaks=row.speaks) for row in rows]


async def everybody(tx: Transaction) -> list[Calendar]:
    """The calendars of everybody who takes visits."""
    return [_calendar(row) for row in await tx.execute(_EVERYBODY)]


async def lock(tx: Transaction, practitioners: Collection[UUID], service: UUID) -> list[Calendar]:
    """
    The calendars of some people, locked until the transaction ends: the queue of everybody who wants their time.

    Always the first lock of a booking, and in sorted order, so that two joint visits cannot wait for each other.
    ``FOR NO KEY UPDATE`` lets other tables go on pointing at the row.

    Raises:
        UnknownPractitioner: one of them takes no visits.
    """
    return _complete(await tx.execute(_LOCKED, _asked(practitioners, service)), practitioners)


async def lock_patient(tx: Transaction, patient: UUID) -> None:
    """Put the bookings of one patient in a queue: the last lock of a booking, after every calendar."""
    # An advisory lock: a patient has no row here, and taking one of accounts would hold up other work on them.
    await tx.execute(text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"patient {patient}"})


async def availability(tx: Transaction, practitioner: UUID) -> Availability:
    """
    Somebody's hours as they are now.

    Raises:
        NotFound: this person takes no visits.
    """
    row = (await tx.execute(select(calendar).where(calendar.c.practitioner == practitioner))).one_or_none()
    if row is None:
        raise NotFound("This person takes no visits.")
    return _availability(row)


async def hours_of(tx: Transaction, people: Collection[UUID]) -> dict[UUID, Availability]:
    """The hours of those of *people* who take visits."""
    rows = await tx.execute(select(calendar).where(calendar.c.practitioner.in_(sorted(people))))
    return {row.practitioner: _availability(row) for row in rows}


async def replace(
    tx: Transaction, practitioner: UUID, wanted: Availability, *, version: int | None, by: UUID | None
) -> Availability:
    """
    Give somebody new hours; what was booked before stays.

    version: the one that the change was based on; None skips the comparison. The row's lock makes bookings and this
    change come one after the other.

    Raises:
        NotFound: this person takes no visits.
        HoursChanged: the hours are at another version by now; ``current`` holds them.
    """
    statement = select(calendar).where(calendar.c.practitioner == practitioner).with_for_update(key_share=True)
    row = (await tx.execute(statement)).one_or_none()
    if row is None:
        raise NotFound("This person takes no visits.")
    if version is not None and version != row.version:
        current = _availability(row)
        raise HoursChanged(current={"version": current.version, **to_document(current)})
    following = {**_columns(wanted), "version": row.version + 1}
    await tx.execute(update(calendar).where(calendar.c.practitioner == practitioner).values(following))
    await tx.execute(insert(calendar_version).values(practitioner=practitioner, set_by=by, **following))
    return dataclasses.replace(wanted, version=row.version + 1, holidays=tuple(row.holidays))


def _columns(wanted: Availability) -> dict[str, Any]:
    document = to_document(wanted)
    return {
        "zone": document["zone"],
        "rules": document["rules"],
        "exceptions": document["exceptions"],
        "max_visits_a_day": document.get("max_a_day"),
        "minimum_notice_minutes": document.get("minimum_notice_minutes"),
    }


def _asked(practitioners: Collection[UUID], service: UUID) -> dict[str, Any]:
    return {"people": sorted(set(practitioners)), "of_service": service}


def _complete(rows: Any, practitioners: Collection[UUID]) -> list[Calendar]:
    found = [_calendar(row) for row in rows]
    if len(found) != len(set(practitioners)):
        raise UnknownPractitioner(errors=[FieldError("practitioners", "One of these people does not take visits.")])
    return found


def _calendar(row: Row[Any]) -> Calendar:
    return Calendar(row.practitioner, row.role, _availability(row), row.provides_as)


def of_row(row: Any) -> Calendar:
    """The calendar in a row with the columns of one, and ``provides_as``."""
    return _calendar(row)


def _availability(row: Row[Any]) -> Availability:
    document = {
        "zone": row.zone,
        "rules": row.rules,
        "exceptions": row.exceptions,
        "max_a_day": row.max_visits_a_day,
        "minimum_notice_minutes": row.minimum_notice_minutes,
    }
    return from_document(document, version=row.version, holidays=tuple(row.holidays))
