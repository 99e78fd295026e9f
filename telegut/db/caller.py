"""Who is asking: the identity that every transaction carries into the database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from telegut.db.engine import Transaction

CLINICAL_ROLES = frozenset({"consultant", "nutritionist"})
"""Roles that may belong to a care team and read clinical text."""


@dataclass(frozen=True, slots=True)
class VisitScope:
    """
    Somebody who came by a personal link and is not signed in.

    The link opens one visit and nothing else; what the visit's room shows becomes visible
    only while *admitted* is true.
    """

    visit: UUID
    patient: UUID
    admitted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """
    A person, or telegut itself, for the length of one request or job.

    zone: IANA name. session: the row that a sign-out ends. transaction: set by the API layer
    around an unsafe call; `Database.begin` joins it.
    """

    account: UUID | None
    roles: frozenset[str] = frozenset()
    name: str = ""
    zone: str = "UTC"
    locale: str = "en"
    session: UUID | None = None
    request_id: str = ""
    scope: VisitScope | None = None
    transaction: Transaction | None = None
    is_system: bool = False
    reason: str = ""

    @classmethod
    def system(cls, reason: str) -> Caller:
        """telegut's own work; *reason* is what the audit trail shows."""
        return cls(account=None, is_system=True, reason=reason)

    @property
    def is_clinician(self) -> bool:
        """Whether one of the roles may belong to a care team."""
        return bool(self.roles & CLINICAL_ROLES)

    def within(self, transaction: Transaction | None) -> Caller:
        """The same caller, whose work joins *transaction*."""
        return replace(self, transaction=transaction)
