"""Who cares for whom: the question that every clinical read and write asks first."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, text

from telegut.accounts.rules import TEAM_LIMIT, Relation
from telegut.accounts.tables import care, guardian, patient, person
from telegut.db.engine import Transaction
from telegut.errors import FieldError, Invalid, NotFound, Refused

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


def check_room(circle: Circle, joining: Collection[UUID]) -> None:
    """
    Refuse a care team that would grow too large.

    Raises:
        Invalid: see `check_team`.
    """
    if len(circle.members.keys() | set(joining)) > TEAM_LIMIT:
        raise Invalid(errors=[FieldError("members", f"A care team has at most {TEAM_LIMIT} members.")])


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
