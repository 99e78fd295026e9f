"""
Covers: members of a care team for a time, who leave it by themselves.

A cover is a member like any other while they are there (same rights, in the audit trail, known to the patient), with
an end on their row. Whoever joins for good later stays: then the end is taken away (`team_changes`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, insert, or_, select, tuple_, update

from telegut.accounts import care as teams
from telegut.accounts.events import care_team_changed
from telegut.accounts.tables import care, patient, role
from telegut.db import audit
from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.jobs import queue
from telegut.realtime import outbox

CARE_ROLES = ("consultant", "nutritionist")


@dataclass(frozen=True, slots=True)
class Cover:
    """*member* covers from *begins_at* until *ends_at* for *cover_for*; or for a whole team (None) from now on."""

    member: UUID
    ends_at: datetime
    cover_for: UUID | None = None
    begins_at: datetime | None = None


async def care_role(tx: Transaction, account: UUID) -> str | None:
    """As what *account* can be in a care team; None: not at all."""
    found: str | None = await tx.scalar(
        select(func.min(role.c.role)).where(role.c.person == account, role.c.role.in_(CARE_ROLES))
    )
    return found


async def patients_in_care(tx: Transaction, member: UUID) -> list[UUID]:
    """Whose care team *member* is in for good; those they only cover are left out."""
    rows = await tx.execute(
        select(care.c.patient)
        .where(care.c.member == member, care.c.until.is_(None), care.c.ends_at.is_(None))
        .order_by(care.c.patient)
    )
    return list(rows.scalars())


async def join(tx: Transaction, patients: Collection[UUID], cover: Cover, now: datetime) -> list[UUID]:
    """
    Let somebody into the care teams of *patients* as a cover; returns where they are new, to be told (`tell`).

    Whom the office took out of a team before their time stays out of it while they cover for the same person. Who is
    there for good stays so; who is there as this cover stays at least as long as this. Who is there for another reason
    comes anew when that has ended. Nothing happens for somebody who can be in no care team.
    """
    as_role = await care_role(tx, cover.member)
    wanted = sorted(set(patients) - {cover.member})
    if as_role is None or not wanted:
        return []
    await take(tx, wanted)
    there = {
        row.patient: row.ends_at
        for row in await tx.execute(
            select(care.c.patient, care.c.ends_at).where(
                care.c.member == cover.member, care.c.patient.in_(wanted), care.c.until.is_(None)
            )
        )
    }
    await tx.execute(
        update(care)
        .where(care.c.member == cover.member, care.c.patient.in_(wanted), care.c.until.is_(None))
        .where(care.c.ends_at < cover.ends_at, care.c.cover_for.is_not_distinct_from(cover.cover_for))
        .values(ends_at=cover.ends_at)
    )
    out = await _taken_out(tx, wanted, cover, now)
    new = [one for one in wanted if one not in there and one not in out]
    values = {"member": cover.member, "role": as_role, "since": now, "ends_at": cover.ends_at}
    rows = [{"id": new_id(), "patient": one, "cover_for": cover.cover_for, **values} for one in new]
    if rows:
        await tx.execute(insert(care), rows)
    return new


async def _taken_out(tx: Transaction, patients: Sequence[UUID], cover: Cover, now: datetime) -> set[UUID]:
    """Where *cover* left before their time: rows of covers that leave by themselves end when they said."""
    if cover.cover_for is None or cover.begins_at is None:
        return set()
    rows = await tx.execute(
        select(care.c.patient).where(
            care.c.member == cover.member,
            care.c.cover_for == cover.cover_for,
            care.c.patient.in_(patients),
            care.c.until < care.c.ends_at,
            or_(care.c.since >= cover.begins_at, care.c.ends_at > now),
        )
    )
    return set(rows.scalars())


async def end(tx: Transaction, covers: Sequence[tuple[UUID, UUID]] = ()) -> list[UUID]:
    """
    Let the covers leave whose time is over by the database's clock, and *covers*, pairs of a member and for whom.

    Returns the patients whose teams changed, to be told (`tell`).
    """
    patients = await leaving(tx, covers)
    if not patients:
        return []
    await take(tx, patients)
    now = func.greatest(func.statement_timestamp(), care.c.since)
    gone = update(care).where(_ending(covers), care.c.patient.in_(patients))
    await tx.execute(gone.values(until=now, ends_at=func.least(care.c.ends_at, now)))
    return patients


async def leaving(tx: Transaction, covers: Sequence[tuple[UUID, UUID]]) -> list[UUID]:
    """The patients whose teams `end` would change."""
    return sorted(set((await tx.execute(select(care.c.patient).where(_ending(covers)))).scalars()))


def _ending(covers: Sequence[tuple[UUID, UUID]]) -> ColumnElement[bool]:
    over: ColumnElement[bool] = care.c.ends_at <= func.statement_timestamp()
    if covers:
        over = or_(over, tuple_(care.c.member, care.c.cover_for).in_(covers))
    return care.c.until.is_(None) & care.c.ends_at.is_not(None) & over


async def shorten(tx: Transaction, cover: Cover) -> None:
    """*cover* of somebody ends at another moment than was said."""
    theirs = (care.c.member == cover.member) & (care.c.cover_for == cover.cover_for) & care.c.until.is_(None)
    await tx.execute(update(care).where(theirs, care.c.ends_at.is_not(None)).values(ends_at=cover.ends_at))


async def current(tx: Transaction) -> set[tuple[UUID, UUID]]:
    """Who covers for whom in some care team now: pairs of a member and for whom."""
    rows = await tx.execute(
        select(care.c.member, care.c.cover_for)
        .where(care.c.until.is_(None), care.c.ends_at.is_not(None), care.c.cover_for.is_not(None))
        .distinct()
    )
    return {(row.member, row.cover_for) for row in rows}


async def take(tx: Transaction, patients: Collection[UUID]) -> None:
    """Lock the rows of *patients*, in their order. Who changes the teams of several takes all of them first."""
    await tx.execute(
        select(patient.c.person)
        .where(patient.c.person.in_(sorted(patients)))
        .order_by(patient.c.person)
        .with_for_update(key_share=True)
    )


async def tell(tx: Transaction, patients: Collection[UUID]) -> None:
    """
    What every change of a care team does: its version, the audit trail, everybody's feed, the conversation.

    Once for all teams that a transaction changes: mailboxes are taken in one order, and nothing else behind them.
    """
    if not patients:
        return
    rows = await tx.execute(
        update(patient)
        .where(patient.c.person.in_(patients))
        .values(care_version=patient.c.care_version + 1)
        .returning(patient.c.person, patient.c.care_version)
    )
    versions = {row.person: row.care_version for row in rows}
    seen = [audit.row(tx, "write", "care_team_cover", one, patient=one) for one in patients]
    await tx.execute(insert(audit.entries), seen)
    circles = await teams.circles(tx, patients)
    for one in sorted(versions):
        await queue.enqueue(tx, "care_team.changed", {"patient": str(one)})
    told = [
        (care_team_changed(one, versions[one]), {one, *circles[one].members, *circles[one].guardians})
        for one in sorted(versions)
    ]
    await outbox.append_each(tx, told)


ROLE_SHOWN = case((care.c.ends_at.is_not(None), "cover"), else_=care.c.role)
"""As what somebody is in a care team, for the patient to read."""
