"""Changing who is in a care team: naming the whole of it, or joining many at once. The patient's row comes first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select, text, update

from telegut.accounts.care import Team, as_json, circles, team
from telegut.accounts.rules import Membership, check_team
from telegut.accounts.tables import care, patient
from telegut.db.engine import Transaction, on_violation
from telegut.db.ids import new_id
from telegut.db.many import insert_many
from telegut.errors import Conflict, FieldError, Invalid, NotFound

_LOCK_PATIENTS = text(
    "select person from accounts_patient where person = any(cast(:patients as uuid[])) order by person"
    " for no key update"
)
_RAISE_VERSIONS = text(
    "update accounts_patient set care_version = care_version + 1 where person = any(cast(:patients as uuid[]))"
)


class TeamChanged(Conflict):
    """Somebody else has just changed this care team. Please look at it again."""


class NotACareRole(Invalid):
    """Somebody in this list does not have the role named for them."""


class NoCover(Invalid):
    """Somebody in this list is named as a cover, and is none here."""


async def replace_team(
    tx: Transaction, patient_id: UUID, members: Sequence[Membership], *, version: int | None, now: datetime
) -> Team:
    """
    Make *members* the care team: who is not named leaves, who is new joins, who stays keeps their date. A cover who is
    named stays for good, unless named as the cover that they are.

    version: of the team that the change was based on; None skips the comparison. Takes the patient's row first, so
    that two changes come one after the other. Checks nobody's right to do this.

    Raises:
        Invalid: the team cannot be (see `check_team`), or somebody does not have the role named for them.
        NoCover: somebody is named as a cover who is none.
        NotFound: there is no such patient.
        TeamChanged: the team is at another version by now; ``current`` holds its number.
    """
    check_team(members)
    at = await tx.scalar(
        select(patient.c.care_version).where(patient.c.person == patient_id).with_for_update(key_share=True)
    )
    if at is None:
        raise NotFound
    if version is not None and version != at:
        raise TeamChanged(current=as_json(Team(at, tuple(await team(tx, patient_id)))))
    present = await team(tx, patient_id)
    before = {(member.account, member.role) for member in present}
    after = {(member.account, member.role.value) for member in members}
    ending = {(member.account, member.role) for member in present if member.ends_at is not None}
    _check_covers(members, ending)
    staying = ending & {(member.account, member.role.value) for member in members if not member.cover}
    if patient_id in {account for account, _ in after}:
        raise Invalid(errors=[FieldError("members", "Nobody is in their own care team.")])
    await _leave(tx, patient_id, before - after, now)
    await _join(tx, patient_id, sorted(after - before, key=str), now)
    await _stay(tx, [patient_id], {account for account, _ in staying})
    if before != after or staying:
        at += 1
        await tx.execute(update(patient).where(patient.c.person == patient_id).values(care_version=at))
    return Team(at, tuple(await team(tx, patient_id)))


def _check_covers(members: Sequence[Membership], ending: Collection[tuple[UUID, str]]) -> None:
    errors = [
        FieldError(f"members.{index}.cover", str(NoCover.__doc__))
        for index, member in enumerate(members)
        if member.cover and (member.account, member.role.value) not in ending
    ]
    if errors:
        raise NoCover(errors=errors)


async def _stay(tx: Transaction, patients: Collection[UUID], accounts: Collection[UUID]) -> None:
    """Covers who are there for good from now on."""
    if accounts:
        theirs = care.c.patient.in_(patients) & care.c.member.in_(accounts) & care.c.until.is_(None)
        await tx.execute(update(care).where(theirs).values(ends_at=None, cover_for=None))


async def _leave(tx: Transaction, patient_id: UUID, leaving: set[tuple[UUID, str]], now: datetime) -> None:
    accounts = {account for account, _ in leaving}
    if accounts:
        await tx.execute(
            update(care)
            .where(care.c.patient == patient_id, care.c.member.in_(accounts), care.c.until.is_(None))
            .values(until=func.greatest(now, care.c.since))  # covers joined by the database's clock
        )


async def _join(tx: Transaction, patient_id: UUID, joining: Sequence[tuple[UUID, str]], now: datetime) -> None:
    for account, role in joining:
        values = {"id": new_id(), "patient": patient_id, "member": account, "role": role, "since": now}
        with on_violation(accounts_care_member_has_the_role=NotACareRole):
            await tx.execute(insert(care).values(values))


@dataclass(frozen=True, slots=True)
class Join:
    """Somebody who comes into a care team."""

    patient: UUID
    member: UUID
    role: str
    since: datetime


async def join_all(tx: Transaction, joins: Sequence[Join]) -> list[Join]:
    """
    Add to many care teams at once; returns who was not there yet, or only as a cover: they stay for good now.

    The patients' rows are taken first and in order, as in `replace_team`. Checks nobody's right to do this.

    Raises:
        NotACareRole: somebody does not have the role named for them.
    """
    patients = sorted({one.patient for one in joins})
    await tx.execute(_LOCK_PATIENTS, {"patients": patients})
    there = await circles(tx, patients)
    new = [one for one in joins if one.member not in there[one.patient].for_good()]
    staying = [one for one in new if one.member in there[one.patient].covers]
    for one in staying:
        await _stay(tx, [one.patient], [one.member])
    rows = [
        {"id": new_id(), "patient": one.patient, "member": one.member, "role": one.role, "since": one.since}
        for one in new
        if one not in staying
    ]
    with on_violation(accounts_care_member_has_the_role=NotACareRole):
        await insert_many(tx, care, rows)
    await tx.execute(_RAISE_VERSIONS, {"patients": sorted({one.patient for one in new})})
    return new
