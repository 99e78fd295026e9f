"""People for a clinic that is made rather than grown: accounts, roles and care teams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import pyotp

from telegut.accounts import people, team_changes
from telegut.accounts.people import NewPerson
from telegut.accounts.rules import CARE_ROLES, Membership, Role
from telegut.accounts.second_factor import SecondFactor
from telegut.composition import Foundation
from telegut.db.engine import Transaction
from telegut.db.ids import new_id


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody with an account. *otp_secret* is base 32; None: no second factor."""

    id: UUID
    role: Role
    name: str
    email: str
    zone: str
    minor: bool = False
    otp_secret: str | None = None
    locale: str = field(default="en")


def character(role: Role, name: str, zone: str, *, minor: bool = False, second_factor: bool = False) -> Character:
    """A new character whose address is made from their name."""
    address = f"{_plain(name)}@clinic.example"
    secret = pyotp.random_base32() if second_factor else None
    return Character(new_id(), role, name, address, zone, minor, secret)


def _plain(name: str) -> str:
    words = [word for word in name.lower().replace(".", " ").split() if word not in {"dr", "prof"}]
    letters = str.maketrans(
        {"ö": "oe", "ä": "ae", "ü": "ue", "é": "e", "í": "i", "ø": "o", "å": "a", "ñ": "n", "'": ""}
    )
    return ".".join(words).translate(letters)


async def add(
    tx: Transaction, base: Foundation, factor: SecondFactor, one: Character, password_hash: str, now: datetime
) -> None:
    """Give *one* an account."""
    sealed = factor.seal(one.id, one.otp_secret) if one.otp_secret else None
    new = NewPerson(
        id=one.id,
        email=one.email,
        name=one.name,
        roles=frozenset({one.role}),
        zone=one.zone,
        created_at=now,
        locale=one.locale,
        password_hash=password_hash,
        otp_secret=sealed,
        minor=one.minor,
    )
    await people.add(tx, base.vault, new)


async def care_for(tx: Transaction, patient: Character, members: Sequence[Character], now: datetime) -> None:
    """Make *members* the care team of *patient*."""
    team = [Membership(one.id, one.role) for one in members if one.role in CARE_ROLES]
    await team_changes.replace_team(tx, patient.id, team, version=None, now=now)
