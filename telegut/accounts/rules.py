"""
Who may do what with whose record, and how long a sign-in lasts. Pure.

What one may do with a patient's record (`telegut.accounts.care` finds the relation):

| relation         | reads clinical text | writes it |
|------------------|---------------------|-----------|
| themselves       | yes                 | yes       |
| guardian         | yes                 | yes       |
| reading guardian | yes                 | no        |
| care team        | yes                 | yes       |
| admitted         | yes                 | yes       |
| none             | no                  | no        |

*Admitted* is somebody who came by a personal link and whom the host let into the visit. Interpreters, coordinators,
admins and auditors have no relation to a record: their roles open other doors, and none to clinical text.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from uuid import UUID

from telegut.errors import FieldError, Invalid


class Role(StrEnum):
    """What an account may be."""

    PATIENT = "patient"
    GUARDIAN = "guardian"
    CONSULTANT = "consultant"
    NUTRITIONIST = "nutritionist"
    INTERPRETER = "interpreter"
    COORDINATOR = "coordinator"
    ADMIN = "admin"
    AUDITOR = "auditor"


CARE_ROLES = frozenset({Role.CONSULTANT, Role.NUTRITIONIST})
"""Roles that can be in a care team."""

STAFF_ROLES = CARE_ROLES | {Role.INTERPRETER, Role.COORDINATOR, Role.ADMIN, Role.AUDITOR}
"""Roles of people who work here."""

BOOKING_ROLES = frozenset({Role.COORDINATOR})
"""Roles that know every patient's name and zone, to book for them."""

TEAM_KEEPERS = frozenset({Role.COORDINATOR, Role.ADMIN})
"""Roles that say who is in a care team without being in it."""

TEAM_LIMIT = 40
"""Members of one care team at most; a proposal of ours, far above any clinic we know."""


class Relation(Enum):
    """How somebody stands to a patient."""

    THEMSELVES = "themselves"
    GUARDIAN = "guardian"
    READING_GUARDIAN = "reading guardian"
    CARE_TEAM = "care team"
    ADMITTED = "admitted"
    NONE = "none"

    @property
    def reads(self) -> bool:
        """Whether the record is open to them."""
        return self is not Relation.NONE

    @property
    def writes(self) -> bool:
        """Whether they may add to the record."""
        return self not in {Relation.NONE, Relation.READING_GUARDIAN}


def knows_the_patient(relation: Relation, roles: Collection[str]) -> bool:
    """Whether a patient's name and zone are theirs to see."""
    return relation not in {Relation.NONE, Relation.ADMITTED} or bool(BOOKING_ROLES.intersection(roles))


def sees_the_team(relation: Relation, roles: Collection[str]) -> bool:
    """Whether they may know who is in the care team."""
    return relation not in {Relation.NONE, Relation.ADMITTED} or bool(TEAM_KEEPERS.intersection(roles))


def changes_the_team(relation: Relation, roles: Collection[str]) -> bool:
    """Whether they may say who is in the care team: its consultants, coordinators and admins."""
    return bool(TEAM_KEEPERS.intersection(roles)) or (relation is Relation.CARE_TEAM and Role.CONSULTANT in roles)


def sees_the_accesses(relation: Relation, roles: Collection[str]) -> bool:
    """Whether they may know who looked at the record."""
    return relation not in {Relation.NONE, Relation.ADMITTED} or Role.AUDITOR in roles


def check_roles(roles: Collection[Role]) -> None:
    """
    Refuse an account that would be nothing, or both judge and party.

    Raises:
        Invalid: no role at all, or an auditor who also is something else.
    """
    if not roles:
        raise Invalid(errors=[FieldError("roles", "Choose at least one role.")])
    if Role.AUDITOR in roles and len(set(roles)) > 1:
        raise Invalid(errors=[FieldError("roles", "An auditor has no other role, so that nobody audits themselves.")])


@dataclass(frozen=True, slots=True)
class Membership:
    """Somebody's place in a care team. cover: they stay the cover that they are; otherwise they are in it for good."""

    account: UUID
    role: Role
    cover: bool = False


def check_team(members: Sequence[Membership]) -> None:
    """
    Refuse a care team that cannot be.

    That everybody exists and has the role that is named is not checked here; the database knows.

    Raises:
        Invalid: too many, the same person twice, or a role that is in no care team.
    """
    errors = []
    if len(members) > TEAM_LIMIT:
        errors.append(FieldError("members", f"A care team has at most {TEAM_LIMIT} members."))
    if len({member.account for member in members}) < len(members):
        errors.append(FieldError("members", "Somebody is named twice."))
    for index, member in enumerate(members):
        if member.role not in CARE_ROLES:
            errors.append(FieldError(f"members.{index}.role", "Only consultants and nutritionists are in a care team."))
    if errors:
        raise Invalid("This care team cannot be.", errors)


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a sign-in lasts: at most *whole*, and without a request at most *idle* (None: no such limit)."""

    whole: timedelta
    idle: timedelta | None


def lifetime(roles: Collection[str], *, staff: Lifetime, others: Lifetime) -> Lifetime:
    """
    The lifetime of somebody's sign-in; one staff role makes it the staff's.

    Source: NIST SP 800-63B-4, AAL2: at most 24 h, at most 1 h idle.
    """
    return staff if STAFF_ROLES.intersection(roles) else others


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The times of one sign-in."""

    seen_at: datetime
    expires_at: datetime
    idle: timedelta | None
    ended_at: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        """Whether it ended: signed out, past its end, or silent for too long."""
        if self.ended_at is not None or now >= self.expires_at:
            return True
        return self.idle is not None and now >= self.seen_at + self.idle


def wait_after(failures: int, *, free: int, longest: timedelta) -> timedelta:
    """
    How long the next sign-in has to wait after so many failures in a row.

    Nothing for the first *free*, then 1 s, 2 s, 4 s … up to *longest*: guessing becomes slow, and nobody can
    lock somebody else out for good (OWASP ASVS 5.0.0, 6.1.1).
    """
    if failures < free:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failures - free, 20)), longest)
