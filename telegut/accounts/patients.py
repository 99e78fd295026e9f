"""Patients as people: who they are, who may see them, and who did. Every answer leaves a row in the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Row, ScalarSelect, Select, Table, func, or_, select, tuple_

from telegut.accounts import care, covering, people, team_changes
from telegut.accounts.care import Team
from telegut.accounts.events import care_team_changed
from telegut.accounts.family_view import Access, Opens, for_the_family, nothing
from telegut.accounts.people import Person
from telegut.accounts.rules import (
    BOOKING_ROLES,
    Membership,
    Relation,
    Role,
    changes_the_team,
    knows_the_patient,
    sees_the_accesses,
    sees_the_team,
)
from telegut.accounts.tables import care as care_table
from telegut.accounts.tables import guardian, patient, person, role
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.audit import entries
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.errors import NotFound, Refused
from telegut.jobs import queue
from telegut.realtime import outbox

PAGE = 200
"""Rows of one page of a list."""


@dataclass(frozen=True, slots=True)
class Patient:
    """Somebody who is cared for. Coordinators see no more than this, to book."""

    id: UUID
    name: str
    zone: str
    minor: bool


@dataclass(frozen=True, slots=True)
class Record:
    """The cover of a patient's record. *email* and the people around them only for those the record is open to."""

    patient: Patient
    locale: str | None
    email: str | None
    guardians: tuple[Person, ...]
    relation: Relation


@dataclass(frozen=True, slots=True)
class Patients:
    """Who may know whom. What is not the caller's to know does not exist for them."""

    db: Database
    now: Clock
    opens: Opens = nothing

    async def known_to(self, caller: Caller, *, after: UUID | None) -> list[Patient]:
        """Up to `PAGE` patients that the caller may know, by id, beyond *after*; coordinators know all of them."""
        async with self.db.begin(caller) as tx:
            statement = _patients().where(person.c.disabled_at.is_(None)).order_by(patient.c.person).limit(PAGE)
            if not BOOKING_ROLES.intersection(caller.roles):
                mine = await care.patients_of(tx, caller.account) if caller.account else []
                statement = statement.where(patient.c.person.in_(mine))
            if after is not None:
                statement = statement.where(patient.c.person > after)
            rows = (await tx.execute(statement)).all()
            await audit.record(tx, "read", "patients", None, patient=None)
        return [Patient(row.id, row.name, row.zone, row.minor) for row in rows]

    async def one(self, caller: Caller, patient_id: UUID) -> Record:
        """
        The cover of a patient's record.

        Raises:
            NotFound: there is no such patient for this caller.
        """
        async with self.db.begin(caller) as tx:
            relation = await care.relation_to(tx, patient_id)
            row = (await tx.execute(_patients().where(patient.c.person == patient_id))).one_or_none()
            if row is None or not knows_the_patient(relation, caller.roles):
                raise NotFound
            await audit.record(tx, "read", "patient", patient_id, patient=patient_id)
            who = Patient(row.id, row.name, row.zone, row.minor)
            if not relation.reads:
                return Record(who, None, None, (), relation)
            acting = await care.guardians(tx, patient_id)
            known = await people.named(tx, acting)
            return Record(who, row.locale, row.email, tuple(known[one] for one in acting), relation)

    async def name_of(self, caller: Caller, patient_id: UUID) -> str:
        """The patient's name, for a page about something the caller was let see already; checks nothing."""
        async with self.db.begin(caller) as tx:
            known = await people.named(tx, [patient_id])
        return known[patient_id].name

    async def team(self, caller: Caller, patient_id: UUID) -> Team:
        """
        Who is in the care team.

        Raises:
            NotFound: there is no such patient for this caller.
        """
        async with self.db.begin(caller) as tx:
            if not sees_the_team(await care.relation_to(tx, patient_id), caller.roles):
                raise NotFound
            team = await care.whole_team(tx, patient_id)
            await audit.record(tx, "read", "care_team", patient_id, patient=patient_id)
            return team

    async def change_team(
        self, caller: Caller, patient_id: UUID, members: Sequence[Membership], *, version: int
    ) -> Team:
        """
        Say who is in the care team, based on its *version*; those who leave see nothing from the next request on.

        Raises:
            NotFound: there is no such patient for this caller.
            Refused: they may know the team, and not change it.
            Invalid, TeamChanged: see `team_changes.replace_team`.
        """
        return await self.db.run(caller, lambda tx: self._change_team(tx, patient_id, members, version))

    async def _change_team(
        self, tx: Transaction, patient_id: UUID, members: Sequence[Membership], version: int
    ) -> Team:
        relation = await care.relation_to(tx, patient_id)
        if not sees_the_team(relation, tx.caller.roles):
            raise NotFound
        if not changes_the_team(relation, tx.caller.roles):
            raise Refused("The care team is changed by its consultants or by the practice.")
        before = await care.circle(tx, patient_id)
        team = await team_changes.replace_team(tx, patient_id, members, version=version, now=self.now())
        await audit.record(tx, "write", "care_team", patient_id, patient=patient_id)
        after = await care.circle(tx, patient_id)
        await outbox.append(tx, care_team_changed(patient_id, team.version), to={*before, *after})
        await queue.enqueue(tx, "care_team.changed", {"patient": str(patient_id)})
        return team

    async def accesses(self, caller: Caller, patient_id: UUID, *, before: tuple[datetime, UUID] | None) -> list[Access]:
        """
        Who looked at the record, the latest first, up to `PAGE` of them, older than *before*.

        The patient's side reads it as `family_view` says.

        Raises:
            NotFound: there is no such patient for this caller.
        """
        async with self.db.begin(caller) as tx:
            relation = await care.relation_to(tx, patient_id)
            if not sees_the_accesses(relation, caller.roles):
                raise NotFound
            if await tx.scalar(select(patient.c.person).where(patient.c.person == patient_id)) is None:
                raise NotFound
            rows = (await tx.execute(_accesses(patient_id, before))).all()
            await audit.record(tx, "read", "accesses", patient_id, patient=patient_id)
            whole = relation is Relation.CARE_TEAM or Role.AUDITOR in caller.roles
            return _lines(rows) if whole else await for_the_family(tx, _lines(rows), self.opens)


def _lines(rows: Sequence[Row[Any]]) -> list[Access]:
    return [
        Access(row.id, row.at, row.account, row.name or "telegut", row.action, row.what, row.object, _why(row))
        for row in rows
    ]


def _patients() -> Select[tuple[UUID, str, str, str, str, bool]]:
    return select(person.c.id, person.c.name, person.c.zone, person.c.locale, person.c.email, patient.c.minor).join(
        patient, patient.c.person == person.c.id
    )


def _accesses(patient_id: UUID, before: tuple[datetime, UUID] | None) -> Select[Any]:
    """Entries about a patient, with the roles that the actor had then (care team, guardian) and has now."""
    cared = _at_that_time(select(covering.ROLE_SHOWN), care_table, care_table.c.member)
    acted = _at_that_time(select(guardian.c.scope), guardian, guardian.c.guardian)
    holds = select(func.min(role.c.role)).where(role.c.person == entries.c.account).scalar_subquery()
    statement = (
        select(entries, person.c.name, cared.label("cared"), acted.label("acted"), holds.label("holds"))
        .outerjoin(person, person.c.id == entries.c.account)
        .where(entries.c.patient == patient_id)
        .order_by(entries.c.at.desc(), entries.c.id.desc())
        .limit(PAGE)
    )
    if before is not None:
        statement = statement.where(tuple_(entries.c.at, entries.c.id) < tuple_(*before))
    return statement


def _at_that_time(wanted: Select[Any], table: Table, who: Column[Any]) -> ScalarSelect[Any]:
    return (
        wanted.where(table.c.patient == entries.c.patient, who == entries.c.account)
        .where(table.c.since <= entries.c.at, or_(table.c.until.is_(None), table.c.until > entries.c.at))
        .limit(1)
        .correlate(entries)
        .scalar_subquery()
    )


def _why(row: Row[Any]) -> str:
    """What opened the record, in words."""
    if row.account is None:
        return row.actor if row.visit is None else "by the link to a visit"
    if row.account == row.patient:
        return "their own record" if row.visit is None else "their own record, by the link to a visit"
    if row.cared is not None:
        return f"in the care team as {row.cared}"
    if row.acted is not None:
        return "guardian"
    if row.visit is not None:
        return "by the link to a visit"
    return f"as {row.holds}" if row.holds else "unknown"
