"""Words for tests: people, care teams and a small clinic, made in the database in milliseconds."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from argon2 import PasswordHasher

from telegut.accounts import people, sessions, team_changes
from telegut.accounts.people import NewPerson
from telegut.accounts.rules import CARE_ROLES, Lifetime, Membership, Role
from telegut.accounts.second_factor import SecondFactor
from telegut.clock import utc_now
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.db.sealed import RootKey, Vault

ROOT_KEY = RootKey(UUID("01900000-0000-7000-8000-000000000001"), bytes(range(32)))
"""The root key of every test, so that what one process seals another opens."""

VAULT = Vault(ROOT_KEY)
"""For tests that call services without an app. Several vaults of one root key open each other's seals."""

PASSWORD = "a quiet room with a green door"
PASSWORD_MEMORY_KIB = 8
"""The least that argon2 takes: tests are about people, not about hashing."""
_HASH = PasswordHasher(time_cost=1, memory_cost=PASSWORD_MEMORY_KIB, parallelism=1).hash(PASSWORD)

BUILDER = Caller.system("tests build people")
TOKEN_LIFETIME = Lifetime(timedelta(hours=24), None)

_NAMES = itertools.cycle(
    ["Lena Hartmann", "Amara Okafor", "Jonas Lindqvist", "Mei Tanaka", "Rafael Ortiz", "Noor Haddad", "Tom Brennan"]
)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in (*email*, *password*) or is signed in already (*token*)."""

    id: UUID
    name: str
    email: str
    password: str
    token: str
    role: str
    zone: str
    session: UUID
    otp_secret: str | None = None

    @property
    def bearer(self) -> dict[str, str]:
        """The header that signs a request."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def caller(self) -> Caller:
        """This person as services see them."""
        return Caller(
            account=self.id,
            roles=frozenset({self.role}),
            name=self.name,
            zone=self.zone,
            session=self.session,
        )


@dataclass(frozen=True, slots=True)
class Clinic:
    """A small clinic: one patient with a care team of two, and everybody who must not see them."""

    consultant: Account
    nutritionist: Account
    patient: Account
    guardian: Account
    stranger_patient: Account
    stranger_consultant: Account
    interpreter: Account
    coordinator: Account
    admin: Account
    auditor: Account


async def person(
    db: Database,
    role: str = "patient",
    name: str | None = None,
    zone: str = "Europe/Berlin",
    *,
    email: str | None = None,
    minor: bool = False,
    otp_secret: str | None = None,
) -> Account:
    """Somebody new, signed in. A patient gets the key that seals their record; *otp_secret* asks for codes too."""
    account, now = new_id(), utc_now()
    shown = name or next(_NAMES)
    address = email or f"{role}.{secrets.token_hex(6)}@example.org"
    async with db.begin(BUILDER) as tx:
        await people.add(
            tx,
            VAULT,
            NewPerson(
                id=account,
                email=address,
                name=shown,
                roles=frozenset({Role(role)}),
                zone=zone,
                created_at=now,
                password_hash=_HASH,
                otp_secret=None if otp_secret is None else SecondFactor(ROOT_KEY).seal(account, otp_secret),
                minor=minor,
            ),
        )
        session, token = await sessions.issue(tx, account, "token", TOKEN_LIFETIME, device="a test", now=now)
    return Account(account, shown, address, PASSWORD, token, role, zone, session.id, otp_secret)


async def care(db: Database, patient: Account, *members: Account) -> None:
    """Make *members* the care team of *patient*, each in their own role; whoever was in it before leaves."""
    async with db.begin(BUILDER) as tx:
        memberships = [Membership(one.id, Role(one.role)) for one in members if Role(one.role) in CARE_ROLES]
        await team_changes.replace_team(tx, patient.id, memberships, version=None, now=utc_now())


async def guardian(db: Database, patient: Account, name: str | None = None) -> Account:
    """A new person who acts for *patient*."""
    made = await person(db, "guardian", name, patient.zone)
    async with db.begin(BUILDER) as tx:
        await people.add_guardian(tx, made.id, patient.id, since=utc_now())
    return made


async def clinic(db: Database) -> Clinic:
    """A new clinic; its people are strangers to everybody else in the database."""
    patient = await person(db, "patient", "Lena Hartmann", "Europe/Berlin")
    consultant = await person(db, "consultant", "Amara Okafor", "Europe/London")
    nutritionist = await person(db, "nutritionist", "Jonas Lindqvist", "Europe/Stockholm")
    await care(db, patient, consultant, nutritionist)
    return Clinic(
        consultant=consultant,
        nutritionist=nutritionist,
        patient=patient,
        guardian=await guardian(db, patient, "Ruth Hartmann"),
        stranger_patient=await person(db, "patient", "Tom Brennan", "America/New_York"),
        stranger_consultant=await person(db, "consultant", "Mei Tanaka", "Asia/Tokyo"),
        interpreter=await person(db, "interpreter", "Layla Nasser", "Europe/Berlin"),
        coordinator=await person(db, "coordinator", "Noor Haddad"),
        admin=await person(db, "admin", "Rafael Ortiz"),
        auditor=await person(db, "auditor", "Ida Lund"),
    )
