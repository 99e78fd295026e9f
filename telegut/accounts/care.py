"""Who cares for whom: the question that every clinical read and write asks first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, text, update

from telegut.accounts.rules import TEAM_LIMIT, Membership, Relation, check_team
from telegut.accounts.tables import care, guardian, patient, person
from telegut.db.engine import Transaction, on_violation
from telegut.db.ids import new_id
from telegut.db.many import insert_many
from telegut.errors import Conflict, FieldError, Invalid, NotFound, Refused

# Made once, because making a statement costs as much as running it: every booking asks. Sorted by when somebody joined.
CIRCLE_ROWS = """
    select person as patient, cast(null as uuid) as account, null as role, null as acts,
        cast(null as timestamptz) as since, cast(null as uuid) as id
    from accounts_patient where person = any(cast(:patients as uuid[]))
    union all
    select patient, member, role, case when ends_at is not null then 'cover' end, since, id from accounts_care
    where patient = any(cast(:patients as uuid[])) and until is null
    union all
    select patient, guardian, null, scope, since, id from accounts_guardian
    where patient = any(cast(:patients as uuid[])) and until is null
    """
"""For a statement that asks for more: the rows of *patients*, of which `circles_of` takes the first four columns, in
the order of the last two."""
# The text is ours and whole; values are parameters.
_CIRCLES = text(f"select patient, account, role, acts from ({CIRCLE_ROWS}) as everybody order by since, id")  # noqa: S608


_GUARDIANS = (
    select(guardian.c.guardian)
    .where(guardian.c.patient == bindparam("patient"), guardian.c.until.is_(None))
    .order_by(guardian.c.since, guardian.c.id)
)
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


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a care team. ends_at: of a cover, when they leave by themselves; None: in it for good."""

    account: UUID
    name: str
    role: str
    since: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Team:
    """A care team; *version* counts its changes."""

    version: int
    members: tuple[Member, ...]


async def require(tx: Transaction, patient_id: UUID, *, write: bool = False) -> Relation:
    """
    Go on only when the record of *patient_id* is open to the caller of *tx*; telegut itself always goes on.

    Raises:
        NotFound: there is no such patient, or it is not theirs to know.
        Refused: they may read, and *write* was asked.
    """
    if tx.caller.is_system:
        return Relation.THEMSELVES
    relation = await relation_to(tx, patient_id)
    if not relation.reads:
        raise NotFound
    if write:
        check_writes(relation)
    return relation


def check_writes(relation: Relation) -> None:
    """
    Go on only for who may add to a record.

    Raises:
        NotFound: it is not theirs to know. Refused: they may read, and no more.
    """
    if not relation.reads:
        raise NotFound
    if not relation.writes:
        raise Refused("You can read this record, and not add to it.")


async def relation_to(tx: Transaction, patient_id: UUID) -> Relation:
    """How the caller of *tx* stands to *patient_id*, as of now."""
    caller = tx.caller
    if caller.scope is not None:
        admitted = caller.scope.admitted and caller.scope.patient == patient_id
        return Relation.ADMITTED if admitted else Relation.NONE
    if caller.account is None:
        return Relation.NONE
    mine = (
        select(care.c.id)
        .where(care.c.patient == patient_id, care.c.member == caller.account, care.c.until.is_(None))
        .exists()
    )
    acting = (
        select(guardian.c.scope)
        .where(guardian.c.patient == patient_id, guardian.c.guardian == caller.account, guardian.c.until.is_(None))
        .scalar_subquery()
    )
    found = (
        await tx.execute(select(mine.label("mine"), acting.label("acting")).where(patient.c.person == patient_id))
    ).one_or_none()
    return Relation.NONE if found is None else _relation(patient_id == caller.account, found.mine, found.acting)


def _relation(themselves: bool, in_team: bool, acting: str | None) -> Relation:
    if themselves:
        return Relation.THEMSELVES
    if in_team:
        return Relation.CARE_TEAM
    match acting:
        case "act":
            return Relation.GUARDIAN
        case "read":
            return Relation.READING_GUARDIAN
        case _:
            return Relation.NONE


async def patients_of(tx: Transaction, account: UUID) -> list[UUID]:
    """The patients whose record is open to *account*: themselves, those they are guardian of, those in their care."""
    own = select(patient.c.person).where(patient.c.person == account)
    acting = select(guardian.c.patient).where(guardian.c.guardian == account, guardian.c.until.is_(None))
    caring = select(care.c.patient).where(care.c.member == account, care.c.until.is_(None))
    return list((await tx.execute(own.union(acting, caring))).scalars())


async def team(tx: Transaction, patient_id: UUID) -> list[Member]:
    """The care team as of now, in the order they joined. Checks nobody's right to know it."""
    rows = await tx.execute(
        select(care.c.member, person.c.name, care.c.role, care.c.since, care.c.ends_at)
        .join(person, person.c.id == care.c.member)
        .where(care.c.patient == patient_id, care.c.until.is_(None))
        .order_by(care.c.since, care.c.id)
    )
    return [Member(row.member, row.name, row.role, row.since, row.ends_at) for row in rows]


async def guardians(tx: Transaction, patient_id: UUID) -> list[UUID]:
    """Who acts or reads for *patient_id* as of now."""
    return list((await tx.execute(_GUARDIANS, {"patient": patient_id})).scalars())


async def acts_for(tx: Transaction, account: UUID, patient_id: UUID) -> bool:
    """Whether *account* is a guardian who may act, not only read, for *patient_id* as of now."""
    found = await tx.scalar(
        select(guardian.c.id).where(
            guardian.c.patient == patient_id,
            guardian.c.guardian == account,
            guardian.c.until.is_(None),
            guardian.c.scope == "act",
        )
    )
    return found is not None


async def circle(tx: Transaction, patient_id: UUID) -> list[UUID]:
    """Everybody to whom this record is open as of now: the patient, guardians, care team. For telling them news."""
    members = [member.account for member in await team(tx, patient_id)]
    return [patient_id, *await guardians(tx, patient_id), *members]


@dataclass(frozen=True, slots=True)
class Circle:
    """
    Everybody to whom one record is open as of now.

    members: the care team with their roles, in the order they joined; *covers* are those who leave by themselves.
    guardians: with what they may do.
    """

    members: dict[UUID, str]
    guardians: dict[UUID, str]
    covers: set[UUID] = field(default_factory=set)

    def for_good(self) -> set[UUID]:
        """Those of the care team who stay."""
        return self.members.keys() - self.covers

    def relation(self, account: UUID | None, patient_id: UUID) -> Relation:
        """How *account* stands to *patient_id*, whose circle this is; see `relation_to`."""
        if account is None:
            return Relation.NONE
        return _relation(account == patient_id, account in self.members, self.guardians.get(account))


async def circles(tx: Transaction, patients: Collection[UUID]) -> dict[UUID, Circle]:
    """The circles of those of *patients* who exist. Checks nobody's right to know them."""
    return circles_of(await tx.execute(_CIRCLES, {"patients": sorted(set(patients))}))


def circles_of(rows: Iterable[Any]) -> dict[UUID, Circle]:
    """The circles out of `CIRCLE_ROWS`."""
    found: dict[UUID, Circle] = {}
    for one, account, role, acts in rows:
        circle = found.setdefault(one, Circle({}, {}))
        if role is not None:
            circle.members[account] = role
            if acts is not None:
                circle.covers.add(account)
        elif acts is not None:
            circle.guardians[account] = acts
    return found


async def whole_team(tx: Transaction, patient_id: UUID) -> Team:
    """
    The care team with its version.

    Raises:
        NotFound: there is no such patient.
    """
    version = await tx.scalar(select(patient.c.care_version).where(patient.c.person == patient_id))
    if version is None:
        raise NotFound
    return Team(version, tuple(await team(tx, patient_id)))


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


def check_room(circle: Circle, joining: Collection[UUID]) -> None:
    """
    Refuse a care team that would grow too large.

    Raises:
        Invalid: see `check_team`.
    """
    if len(circle.members.keys() | set(joining)) > TEAM_LIMIT:
        raise Invalid(errors=[FieldError("members", f"A care team has at most {TEAM_LIMIT} members.")])


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


def as_json(team: Team) -> dict[str, object]:
    """A team as it stands in the API's answers."""
    members = [
        {
            "account": str(one.account),
            "name": one.name,
            "role": one.role,
            "since": _instant(one.since),
            "ends_at": None if one.ends_at is None else _instant(one.ends_at),
        }
        for one in team.members
    ]
    return {"version": team.version, "members": members}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
