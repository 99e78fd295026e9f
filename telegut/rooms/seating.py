"""
Who has a seat in a visit, and who sees whom.

A group's seats follow its appointments: whoever books one has a seat from then on, whoever gives it back has none.
Before a group meets, its guests see nobody but the practitioners; inside they see each other by first name, as their
page said before they joined. Who translates knows the patient's side by first name only, here as everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as upsert

from telegut.accounts import care, people
from telegut.accounts.people import Person
from telegut.db.engine import Transaction
from telegut.rooms.appointments import Facts
from telegut.rooms.rules.visit import Place, Seat, Visit
from telegut.rooms.sight import INTERPRETER, What, sees
from telegut.rooms.tables import seats, visits

CARE_ROLES: Final = ("consultant", "nutritionist")


async def expected(tx: Transaction, facts: Facts) -> list[Seat]:
    """Who will come: the practitioners as hosts, every patient with who acts for them, and who translates."""
    acting = {guest.patient: await care.guardians(tx, guest.patient) for guest in facts.guests}
    family = [one for patient, guardians in acting.items() for one in (patient, *guardians)]
    known = await people.named(tx, [*facts.practitioners, *family, *_interpreters(facts)])
    found = [Seat(one, care_role(known[one]), host=True) for one in facts.practitioners if one in known]
    for patient, guardians in acting.items():
        of = patient if facts.patient is None else None
        found.append(Seat(patient, "patient", host=False, patient=of))
        found += [Seat(one, "guardian", host=False, patient=of) for one in guardians if one in known]
    found += [Seat(one, INTERPRETER, host=False) for one in _interpreters(facts) if one in known]
    return list({seat.account: seat for seat in reversed(found)}.values())[::-1]


def _interpreters(facts: Facts) -> list[UUID]:
    return [facts.interpreter] if facts.interpreter else []


def care_role(person: Person) -> str:
    """The part that *person* has as a host."""
    return next((role for role in CARE_ROLES if role in person.roles), "practitioner")


def values(seat: Seat) -> dict[str, Any]:
    """*seat* as a row, without its visit and place."""
    return {
        "account": seat.account,
        "role": seat.role,
        "host": seat.host,
        "state": seat.state.value,
        "knocked": seat.knocked,
        "admitted": seat.admitted,
        "since": seat.since,
        "patient": seat.patient,
        "withdrawn": seat.withdrawn,
        "barred": seat.barred,
        "hand_at": seat.hand,
        "invited_by": seat.invited,
        "consent": seat.consent,
        "agreed_by": sorted(seat.agreed),
        "refused_by": sorted(seat.refused),
        "panels": seat.panels,
    }


def differs(facts: Facts, rows: Sequence[Any]) -> bool:
    """Whether a group's seats are not those of its appointments any more."""
    seated = {row.account for row in rows if row.role == "patient" and not row.withdrawn}
    return seated != {guest.patient for guest in facts.guests}


async def settle(tx: Transaction, facts: Facts, rows: Sequence[Any], now: datetime) -> None:
    """Bring a group's seats up to its appointments, under the lock of the visit, whose version rises."""
    wanted = {seat.account: seat for seat in await expected(tx, facts)}
    booked = [row for row in rows if row.invited_by is None]  # who was invited comes without an appointment
    gone = [row.account for row in booked if row.account not in wanted and not row.withdrawn]
    back = [row.account for row in rows if row.account in wanted and row.withdrawn]
    taken = {row.account for row in rows}
    fresh = [seat for account, seat in wanted.items() if account not in taken]
    if not (gone or back or fresh):
        return
    out = {"knocked": False, "admitted": False, "since": now}
    of = seats.c.visit == facts.visit
    await tx.execute(
        update(seats).where(of, seats.c.account.in_(gone)).values(withdrawn=True, state=Place.LEFT.value, **out)
    )
    await tx.execute(
        update(seats).where(of, seats.c.account.in_(back)).values(withdrawn=False, state=Place.EXPECTED.value, **out)
    )
    for position, seat in enumerate(fresh, start=len(rows)):
        row = {"visit": facts.visit, "position": position, **values(seat)}
        await tx.execute(upsert(seats).values(row).on_conflict_do_nothing())
    await tx.execute(update(visits).where(visits.c.id == facts.visit).values(version=visits.c.version + 1))


def seen_by(visit: Visit, viewer: Seat, *, group: bool) -> list[Seat]:
    """The seats that *viewer* is told of."""
    return [seat for seat in visit.seats if not seat.withdrawn and _is_seen(seat, viewer, group=group)]


def _is_seen(seat: Seat, viewer: Seat, *, group: bool) -> bool:
    if not group or viewer.host or not seat.guest or seat.account == viewer.account:
        return True
    if seat.patient is not None and seat.patient == viewer.patient:
        return True  # a child and who acts for them
    return viewer.state is Place.INSIDE and seat.seated


def name(whole: str, seat: Seat, viewer: Seat, *, group: bool) -> str:
    """What *viewer* is told that the person of *seat* is called."""
    own = seat.account == viewer.account or (seat.patient is not None and seat.patient == viewer.patient)
    shown_whole = viewer.host or not seat.guest or own or not (group or not sees(viewer.role, What.WHOLE_NAMES))
    return whole if shown_whole else (whole.split() or [""])[0]


def audience(visit: Visit, about: UUID | None, *, group: bool) -> list[UUID]:
    """Who is told that something happened to *about*: everybody; of a group's guests only that one."""
    present = [seat for seat in visit.seats if not seat.withdrawn]
    return [seat.account for seat in present if not (group and about) or seat.host or seat.account == about]
