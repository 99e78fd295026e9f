"""Who people are: their names, roles and zones, for every other domain; and how an account comes to be."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Select, Text, bindparam, cast, func, insert, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from telegut.accounts.rules import Role, check_roles
from telegut.accounts.tables import guardian, patient, person, role
from telegut.db.asked import Asked, Asker
from telegut.db.engine import Transaction, on_violation
from telegut.db.ids import new_id
from telegut.db.metadata import Id
from telegut.db.sealed import Vault
from telegut.errors import Conflict, FieldError, Invalid


class EmailTaken(Conflict):
    """There is already an account with this e-mail address."""


class GuardianKnown(Conflict):
    """This person is already a guardian of this patient."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account. *zone* is an IANA name, *locale* a BCP 47 tag."""

    id: UUID
    name: str
    roles: frozenset[str]
    zone: str
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """
    What an account is made from.

    password_hash: argon2, from `Passwords.hash`. otp_secret: sealed, from `SecondFactor.seal`, for this *id*.
    """

    id: UUID
    email: str
    name: str
    roles: frozenset[Role]
    zone: str
    created_at: datetime
    locale: str = "en"
    password_hash: str | None = None
    otp_secret: bytes | None = None
    minor: bool = False


async def add(tx: Transaction, vault: Vault, new: NewPerson) -> Person:
    """
    Make an account; for a patient also the key that seals their record.

    Raises:
        EmailTaken: the address is in use.
        Invalid: no role, a role too many, or an unknown zone.
    """
    check_roles(new.roles)
    check_zone(new.zone)
    name = new.name.strip()
    values = {
        "id": new.id,
        "email": new.email.strip(),
        "name": name,
        "zone": new.zone,
        "locale": new.locale,
        "password": new.password_hash,
        "otp_secret": new.otp_secret,
        "created_at": new.created_at,
    }
    with on_violation(accounts_one_person_per_email=EmailTaken):
        await tx.execute(insert(person).values(values))
    await tx.execute(insert(role), [{"person": new.id, "role": one.value} for one in sorted(new.roles)])
    if Role.PATIENT in new.roles:
        await tx.execute(insert(patient).values(person=new.id, minor=new.minor))
        await vault.create_key(tx, new.id)
    return Person(new.id, name, frozenset(one.value for one in new.roles), new.zone, new.locale)


async def add_guardian(tx: Transaction, guardian_id: UUID, patient_id: UUID, *, since: datetime) -> None:
    """
    Let *guardian_id* act for *patient_id* from now on.

    Raises:
        GuardianKnown: they already do.
    """
    values = {"id": new_id(), "guardian": guardian_id, "patient": patient_id, "since": since}
    with on_violation(accounts_guardian_one_current=GuardianKnown):
        await tx.execute(insert(guardian).values(values))


async def named(tx: Asker, ids: Iterable[UUID]) -> dict[UUID, Person]:
    """The people among *ids* who exist. Checks nobody's right to know their names."""
    wanted = set(ids)
    if not wanted:
        return {}
    return {row.id: person_of(row) for row in await tx.ask(_NAMED, ids=list(wanted))}


def person_of(row: Any) -> Person:
    """The person of a row of `people`, of one that has its columns as well."""
    return Person(row.id, row.name, frozenset(row.roles), row.zone, row.locale)


async def mail_address(tx: Transaction, account: UUID) -> str | None:
    """Where mail reaches *account*; None when there is nobody (any more)."""
    found: str | None = await tx.scalar(
        select(person.c.email).where(person.c.id == account, person.c.disabled_at.is_(None))
    )
    return found


async def take(tx: Transaction, accounts: Collection[UUID]) -> None:
    """Lock the rows of *accounts*, in their order: whoever else takes one of them waits until *tx* ends."""
    wanted = select(person.c.id).where(person.c.id.in_(accounts)).order_by(person.c.id)
    await tx.execute(wanted.with_for_update(key_share=True))


async def with_role(tx: Transaction, *roles: str) -> list[Person]:
    """Everybody active who has one of *roles*, by name. Checks nobody's right to know their names."""
    holders = select(role.c.person).where(role.c.role.in_(roles))
    rows = await tx.execute(
        people().where(person.c.id.in_(holders), person.c.disabled_at.is_(None)).order_by(person.c.name, person.c.id)
    )
    return [person_of(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Found:
    """A patient as those who run the accounts know them."""

    id: UUID
    name: str
    email: str


async def patients_like(tx: Transaction, words: str, *, at_most: int) -> list[Found]:
    """Patients whose name holds *words*, or whose address they are; by name. Checks nobody's right to know them."""
    wanted = words.strip()
    if not wanted:
        return []
    rows = await tx.execute(
        select(person.c.id, person.c.name, person.c.email)
        .join(patient, patient.c.person == person.c.id)
        .where(or_(person.c.name.icontains(wanted, autoescape=True), func.lower(person.c.email) == wanted.lower()))
        .order_by(person.c.name, person.c.id)
        .limit(at_most)
    )
    return [Found(row.id, row.name, row.email) for row in rows]


def people() -> Select[tuple[UUID, str, str, str, list[str]]]:
    """``id, name, zone, locale, roles`` of everybody; add a ``where``."""
    roles = select(func.array_agg(role.c.role)).where(role.c.person == person.c.id).scalar_subquery()
    return select(
        person.c.id,
        person.c.name,
        person.c.zone,
        person.c.locale,
        func.coalesce(roles, cast([], ARRAY(Text))).label("roles"),
    )


# Made once: whoever tells anybody anything asks this.
_NAMED = Asked(people().where(person.c.id == func.any(bindparam("ids", type_=ARRAY(Id)))))


def check_zone(zone: str) -> None:
    """
    Refuse a zone that is no IANA name.

    Raises:
        Invalid: there is none of that name.
    """
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise Invalid(errors=[FieldError("zone", "There is no such time zone.")]) from exc
