"""Who may arrange a visit for whom, and with whom: the questions before every booking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert

from telegut.accounts import care, team_changes
from telegut.accounts.care import Circle
from telegut.accounts.rules import Membership, Role
from telegut.accounts.team_changes import Join
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.errors import FieldError, Invalid, NotFound, Refused
from telegut.scheduling import appointments, catalogue, links
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.calendars import UnknownPractitioner

COORDINATOR = "coordinator"
BOOKERS = frozenset({"patient", "guardian", "consultant", "nutritionist", COORDINATOR})
"""Roles that may book; everybody else has nothing to do with visits."""


OF_YOUR_TEAM = "Choose somebody of your care team."


def is_staff(caller: Caller) -> bool:
    """Whether the caller arranges visits as part of their work: the patients' limits do not bind them."""
    return caller.is_system or caller.is_clinician or COORDINATOR in caller.roles


async def patient_of(tx: Transaction, named: UUID | None) -> UUID | None:
    """
    Whom the caller books for: who was named, else themselves; None when they are neither a patient nor named one.

    Raises:
        NotFound: the patient is not theirs to book for. Refused: they only read for this patient.
    """
    caller = tx.caller
    if named is None:
        return caller.account if "patient" in caller.roles else await only_ward(tx, caller)
    if COORDINATOR in caller.roles:
        await care.whole_team(tx, named)
    else:
        await care.require(tx, named, write=True)
    return named


async def only_ward(tx: Transaction, caller: Caller) -> UUID | None:
    """The one patient for whom a guardian acts; None: nobody, or several."""
    if caller.account is None or "guardian" not in caller.roles:
        return None
    wards = await care.patients_of(tx, caller.account)
    return wards[0] if len(wards) == 1 else None


def check_books_for(caller: Caller, patient: UUID, circle: Circle | None) -> None:
    """
    As `patient_of` for a patient whose circle is known (None: there is no such patient). Pure.

    Raises:
        NotFound: the patient is not theirs to book for. Refused: they only read for this patient.
    """
    if circle is None or caller.scope is not None:
        raise NotFound
    if caller.is_system or COORDINATOR in caller.roles:
        return
    care.check_writes(circle.relation(caller.account, patient))


def certain(patient: UUID | None) -> UUID:
    """
    The patient, who has to be known by now.

    Raises:
        Invalid: nobody said.
    """
    if patient is None:
        raise Invalid(errors=[FieldError("patient", "Say who the visit is for.")])
    return patient


async def changeable(tx: Transaction, appointment: UUID) -> Appointment:
    """
    An appointment that the caller may move and cancel.

    Raises:
        NotFound, Refused: see `check_may_change`.
    """
    await links.enter(tx)
    current = await appointments.one(tx, appointment)
    await check_may_change(tx, current)
    return current


async def check_may_change(tx: Transaction, one: Appointment) -> None:
    """
    Let those move and cancel a visit who take part, care for the patient, act for them, or arrange visits.

    Who came by a personal link has this one visit only; see `links`.

    Raises:
        NotFound, Refused: the caller is none of them.
    """
    caller = tx.caller
    if caller.scope is not None:
        await links.check_own(tx, one)
        return
    if caller.is_system or COORDINATOR in caller.roles or caller.account in (one.patient, *one.practitioners):
        return
    await care.require(tx, one.patient, write=True)


async def check_may_choose(
    tx: Transaction, practitioners: Iterable[UUID], patient: UUID | None, *, anybody: bool
) -> None:
    """
    Keep patients to their own care team where the clinic wants that.

    Raises:
        UnknownPractitioner: somebody else was chosen.
    """
    allowed = await choice(tx, patient, anybody=anybody)
    if allowed is not None and not set(practitioners) <= allowed:
        raise UnknownPractitioner(errors=[FieldError("practitioners", OF_YOUR_TEAM)])


async def choice(tx: Transaction, patient: UUID | None, *, anybody: bool) -> set[UUID] | None:
    """Whom the caller may choose; None: everybody who takes visits."""
    if anybody or is_staff(tx.caller) or patient is None:
        return None
    return {member.account for member in await care.team(tx, patient)}


async def join_care(tx: Transaction, patient: UUID, practitioners: Iterable[UUID], now: datetime) -> None:
    """
    Take practitioners who will see a patient into the care team: they need the record before they meet.

    Written to the audit trail like every change of a care team.
    """
    present = await care.team(tx, patient)
    new = set(practitioners) - {member.account for member in present if member.ends_at is None}
    if not new:
        return
    members = [
        Membership(member.account, Role(member.role), cover=member.ends_at is not None)
        for member in present
        if member.account not in new
    ]
    members += [Membership(one.id, Role(one.role)) for one in await catalogue.providers(tx, new)]
    await team_changes.replace_team(tx, patient, members, version=None, now=now)
    for one in sorted(new):
        await audit.record(tx, "join", "care_team", one, patient=patient)


async def join_all(
    tx: Transaction, booked: Sequence[tuple[Appointment, Caller]], circles: Mapping[UUID, Circle]
) -> None:
    """As `join_care`, for many bookings at once, each with who made it. Who is there for good stays as they are."""
    new: dict[tuple[UUID, UUID], tuple[Appointment, Caller]] = {}
    for one, caller in booked:
        for practitioner in set(one.practitioners) - circles[one.patient].for_good():
            new.setdefault((one.patient, practitioner), (one, caller))
    if not new:
        return
    roles = {one.id: one.role for one in await catalogue.providers(tx, {practitioner for _, practitioner in new})}
    joins = [Join(patient, one, roles[one], new[patient, one][0].changed_at) for patient, one in sorted(new)]
    for join in await team_changes.join_all(tx, joins):
        caller = new[join.patient, join.member][1]
        row = audit.row(tx, "join", "care_team", join.member, patient=join.patient, caller=caller)
        await tx.execute(insert(audit.entries).values(row))


def check_books(caller: Caller) -> None:
    """
    Let only those near who have anything to do with visits.

    Raises:
        Refused: none of the caller's roles books.
    """
    if not caller.is_system and not caller.roles & BOOKERS:
        raise Refused("Visits are not part of your work here.")
