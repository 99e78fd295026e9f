"""The visits that stand in somebody's own calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from telegut.accounts import care, people
from telegut.accounts.people import Person
from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.scheduling import appointments, catalogue
from telegut.scheduling.appointments import Appointment, Filter
from telegut.scheduling.feeds.rules import Shows, Window, initials
from telegut.scheduling.groups.tables import group_session
from telegut.scheduling.rules import Status
from telegut.scheduling.tables import participant


@dataclass(frozen=True, slots=True)
class Seen:
    """
    Somebody's visits as of *now* (the database's clock), by their start, and initials of patients where wanted.

    gone: visits that stood in the calendar at the time asked about and do not any more.
    """

    now: datetime
    visits: tuple[Appointment, ...]
    initials: dict[UUID, str] = field(default_factory=dict)
    gone: tuple[Appointment, ...] = ()


def reader(person: Person) -> Caller:
    """Somebody as they come by a secret of theirs: with their roles, and without a sign-in."""
    return Caller(account=person.id, roles=person.roles, name=person.name, zone=person.zone, locale=person.locale)


async def seen(tx: Transaction, window: Window, shows: Shows, *, at_most: int, since: datetime | None = None) -> Seen:
    """
    What the calendar of the caller of *tx* holds; with *since* also what has left it after that time.

    A practitioner's or interpreter's holds the visits they take part in, not all of the patients they care for, and
    each group session once, however many have a seat. A patient's holds their own, a guardian's those of the children
    they act for. With more than *at_most* of one of them, the past is left out.
    """
    _, now = await catalogue.clinic_policy(tx)
    earlier = now - since if since is not None else timedelta(0)
    since_then = now - window.back - earlier
    found = await _all_of(tx, since_then, now, at_most)
    if _works_here(tx.caller):
        single = [one for one in found if one.group_session is None or one.patient == tx.caller.account]
        found = [*single, *await _sessions(tx, since_then, at_most)]
    found.sort(key=lambda one: (one.start, one.id))
    held = tuple(one for one in found if window.holds(one, now))
    gone = tuple(one for one in found if since and window.holds(one, since) and not window.holds(one, now))
    named = await _initials(tx, held) if shows is Shows.INITIALS and tx.caller.is_clinician else {}
    return Seen(now, held, named, gone)


async def _all_of(tx: Transaction, since: datetime, now: datetime, at_most: int) -> list[Appointment]:
    found = {one.id: one for wanted in await _wanted(tx) for one in await _bounded(tx, wanted, since, now, at_most)}
    return sorted(found.values(), key=lambda one: (one.start, one.id))


async def _wanted(tx: Transaction) -> list[Filter]:
    caller = tx.caller
    if caller.account is None:
        return []
    if not _works_here(caller):
        return [Filter(patient=one) for one in await care.patients_of(tx, caller.account)]
    theirs = [Filter(practitioner=caller.account)]
    return [*theirs, Filter(patient=caller.account)] if "patient" in caller.roles else theirs


def _works_here(caller: Caller) -> bool:
    """Whether visits take this person's time as part of their work."""
    return caller.is_clinician or "interpreter" in caller.roles


async def _bounded(tx: Transaction, wanted: Filter, since: datetime, now: datetime, at_most: int) -> list[Appointment]:
    found = await appointments.find(tx, replace(wanted, since=since), at_most + 1)
    return found if len(found) <= at_most else await appointments.find(tx, replace(wanted, since=now), at_most)


async def _sessions(tx: Transaction, since: datetime, at_most: int) -> list[Appointment]:
    """The group sessions that the caller leads, each as one visit of its own; nobody's seat."""
    leads = (
        select(participant.c.id)
        .where(
            participant.c.group_session == group_session.c.id,
            participant.c.person == tx.caller.account,
            participant.c.part != "patient",
        )
        .exists()
    )
    rows = await tx.execute(
        select(group_session)
        .where(leads, group_session.c.end_at > since)
        .order_by(group_session.c.start_at.desc())
        .limit(at_most)
    )
    return [_as_visit(row, tx.caller) for row in rows]


def _as_visit(row: Row[Any], leader: Caller) -> Appointment:
    assert leader.account is not None
    return Appointment(
        id=row.id,
        visit=row.visit,
        version=row.version,
        sequence=row.sequence,
        status=Status.CANCELLED if row.status == "cancelled" else Status.BOOKED,
        outcome=None,
        service=row.service,
        service_name="",
        patient=leader.account,
        practitioners=(leader.account,),
        start=row.start_at,
        end=row.end_at,
        zone=row.zone,
        booked_by=row.opened_by,
        changed_at=row.changed_at,
        group_session=row.id,
    )


async def _initials(tx: Transaction, found: Sequence[Appointment]) -> dict[UUID, str]:
    named = [one for one in found if one.group_session is None]
    names = await people.named(tx, {one.patient for one in named})
    return {one.id: initials(names[one.patient].name) for one in named if one.patient in names}
