"""
The acceptance fixture: a clinic that outside checkers know, in an empty database.

Its rules are generous so that machines can test: no minimum notice, a horizon of three years, a 30-minute grid, any
patient with any practitioner, many visits ahead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from telegut.accounts import people as accounts_people
from telegut.accounts import sessions
from telegut.accounts.passwords import Passwords
from telegut.accounts.rules import Lifetime, Role
from telegut.accounts.second_factor import SecondFactor
from telegut.composition import Foundation, Services
from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.demonstration import people
from telegut.demonstration.people import Character, character
from telegut.errors import Conflict
from telegut.scheduling import booking, calendars, catalogue
from telegut.scheduling.booking import Wanted
from telegut.scheduling.rules import WEEKDAYS, Availability, Policy, VisitType, WeeklyRule

PASSWORD = "acceptance of every quiet morning"  # noqa: S105 - a fixture's, printed for its checkers
TOKEN_LIFETIME = Lifetime(timedelta(hours=24), None)
GENEROUS = Policy(
    minimum_notice=timedelta(0),
    horizon=timedelta(days=3 * 365),
    grid=timedelta(minutes=30),
    max_future_visits=1000,
    cancel_notice=timedelta(0),
    any_practitioner=True,
)
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata")
PATIENTS = 30
CARED_FOR = 24
SYSTEM = Caller.system("acceptance fixture")

MINUTE = timedelta(minutes=1)


class NotEmpty(Conflict):
    """This database already holds people. The fixture fills only an empty one."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody in the clinic."""

    consultants: tuple[Character, ...]
    nutritionists: tuple[Character, ...]
    office: tuple[Character, ...]
    patients: tuple[Character, ...]
    minor: Character
    guardian: Character

    @property
    def practitioners(self) -> tuple[Character, ...]:
        """Consultants, then nutritionists."""
        return self.consultants + self.nutritionists

    @property
    def all_patients(self) -> tuple[Character, ...]:
        """With the minor."""
        return (*self.patients, self.minor)

    @property
    def everybody(self) -> tuple[Character, ...]:
        """Every account."""
        return (*self.practitioners, *self.office, *self.patients, self.minor, self.guardian)


def cast() -> Cast:
    """New people for the clinic; staff have a second factor, patients none."""
    staff = {"second_factor": True}
    consultants = ("Amara Okafor", "Henrik Sørensen", "Priya Raman")
    nutritionists = ("Jonas Lindqvist", "Camille Fournier")
    return Cast(
        tuple(character(Role.CONSULTANT, name, ZONES[n], **staff) for n, name in enumerate(consultants)),
        tuple(character(Role.NUTRITIONIST, name, ZONES[n], **staff) for n, name in enumerate(nutritionists)),
        (
            character(Role.COORDINATOR, "Noor Haddad", ZONES[0], **staff),
            character(Role.ADMIN, "Rafael Ortiz", ZONES[0], **staff),
            character(Role.AUDITOR, "Ida Lund", ZONES[0], **staff),
        ),
        tuple(character(Role.PATIENT, f"Patient {n + 1:02}", ZONES[n % 3]) for n in range(PATIENTS)),
        character(Role.PATIENT, "Young Patient", ZONES[0], minor=True),
        character(Role.GUARDIAN, "Guardian Of Young", ZONES[0]),
    )


def visit_types() -> dict[str, VisitType]:
    """A plain consultant's visit, a long one, one with a buffer, and a joint one."""

    def made(name: str, minutes: int, *needs: str, after: int = 0) -> VisitType:
        return VisitType(new_id(), name, minutes * MINUTE, 0 * MINUTE, after * MINUTE, needs)

    return {
        "short": made("Consultation, 30 minutes", 30, "consultant"),
        "long": made("Consultation, 50 minutes", 50, "consultant"),
        "buffered": made("Consultation with time for notes", 30, "consultant", after=10),
        "nutrition": made("Nutrition visit", 30, "nutritionist"),
        "joint": made("Joint visit", 30, "consultant", "nutritionist"),
    }


def hours(zone: str, today: datetime) -> Availability:
    """08:00 to 20:00 on every day from yesterday on."""
    rule = WeeklyRule(WEEKDAYS, time(8), time(20), from_day=(today - timedelta(days=1)).date())
    return Availability(zone, (rule,))


async def seed(base: Foundation, services: Services) -> Mapping[str, Any]:
    """
    Fill the empty database of *base*; returns everything a checker needs, as JSON values.

    Raises:
        NotEmpty: somebody is already there.
    """
    now, everybody, kinds = base.now(), cast(), visit_types()
    password_hash = await Passwords.of(base.settings).hash(PASSWORD)
    async with base.db.begin(SYSTEM) as tx:
        await _lock_empty(tx)
        await _people(tx, base, everybody, password_hash, now)
        await _scheduling(tx, everybody, kinds, now)
        tokens = {one.id: await _token(tx, one, now) for one in everybody.everybody}
        booked = await _joinable(tx, everybody, kinds, now)
    links = [await _appointment(base, services, one) for one in booked]
    return _facts(everybody, kinds, tokens, links)


async def _lock_empty(tx: Transaction) -> None:
    # Two seeds at once: the second waits here and then finds people.
    await tx.execute(text("select pg_advisory_xact_lock(hashtext('telegut seed'))"))
    if await accounts_people.with_role(tx, *Role):
        raise NotEmpty


async def _people(tx: Transaction, base: Foundation, who: Cast, password_hash: str, now: datetime) -> None:
    factor = SecondFactor(base.vault.root)
    for one in who.everybody:
        await people.add(tx, base, factor, one, password_hash, now)
    await accounts_people.add_guardian(tx, who.guardian.id, who.minor.id, since=now)
    for patient, members in _teams(who):
        await people.care_for(tx, patient, members, now)


def _teams(who: Cast) -> list[tuple[Character, list[Character]]]:
    """Most patients have a consultant, every second of those a nutritionist too."""
    teams: list[tuple[Character, list[Character]]] = []
    for n, patient in enumerate((*who.patients[:CARED_FOR], who.minor)):
        members = [who.consultants[n % len(who.consultants)]]
        if n % 2 == 0:
            members.append(who.nutritionists[n // 2 % len(who.nutritionists)])
        teams.append((patient, members))
    return teams


async def _scheduling(tx: Transaction, who: Cast, kinds: dict[str, VisitType], now: datetime) -> None:
    await catalogue.set_policy(tx, GENEROUS)
    for place, kind in enumerate(kinds.values()):
        await catalogue.add_visit_type(tx, kind, place=place)
    for one in who.practitioners:
        offered = [kind.id for kind in kinds.values() if one.role.value in kind.needs]
        await catalogue.add_provider(tx, one.id, one.role.value, one.zone, offered)
        await calendars.replace(tx, one.id, hours(one.zone, now), version=None, by=None)


async def _token(tx: Transaction, one: Character, now: datetime) -> str:
    _, token = await sessions.issue(tx, one.id, "token", TOKEN_LIFETIME, device="acceptance fixture", now=now)
    return token


@dataclass(frozen=True, slots=True)
class _Booked:
    """One appointment of the fixture."""

    id: UUID
    visit: UUID
    patient: Character
    practitioners: tuple[Character, ...]
    start: datetime
    end: datetime


async def _joinable(tx: Transaction, who: Cast, kinds: dict[str, VisitType], now: datetime) -> list[_Booked]:
    """Two visits whose rooms are open now and for at least half an hour, and one next week."""
    soon = now.replace(second=0, microsecond=0) + 5 * MINUTE
    next_week = now.replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=7)
    joint = (who.consultants[1], who.nutritionists[0])
    wanted = [
        (who.patients[0], (who.consultants[0],), kinds["long"], soon),
        (who.patients[1], joint, kinds["joint"], soon + 5 * MINUTE),
        (who.patients[2], (who.consultants[2],), kinds["short"], next_week),
    ]
    return [await _book(tx, *one) for one in wanted]


async def _book(
    tx: Transaction, patient: Character, practitioners: tuple[Character, ...], kind: VisitType, start: datetime
) -> _Booked:
    ids = tuple(one.id for one in practitioners)
    made = await booking.take(tx, Wanted(kind.id, ids, start, patient.id, unasked=True))
    members = [replace(one) for one in practitioners]
    return _Booked(made.id, made.visit, patient, tuple(members), made.start, made.end)


async def _appointment(base: Foundation, services: Services, one: _Booked) -> dict[str, Any]:
    async with base.db.begin(SYSTEM) as tx:
        paths = await services.rooms.entry.paths(tx, one.visit)
    return {
        "id": str(one.id),
        "visit": str(one.visit),
        "patient": str(one.patient.id),
        "practitioners": [str(who.id) for who in one.practitioners],
        "start": _instant(one.start),
        "end": _instant(one.end),
        "links": [{"account": str(account), "url": path} for account, path in paths.items()],
    }


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _facts(
    who: Cast, kinds: dict[str, VisitType], tokens: dict[UUID, str], appointments: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "accounts": [_account(who, one, tokens[one.id]) for one in who.everybody],
        "services": [_service(kind) for kind in kinds.values()],
        "practitioners": [_practitioner(one, kinds) for one in who.practitioners],
        "patients": [_patient(who, one) for one in who.all_patients],
        "care_teams": [
            {"patient": str(patient.id), "members": [str(member.id) for member in members]}
            for patient, members in _teams(who)
        ],
        "appointments": appointments,
    }


def _account(who: Cast, one: Character, token: str) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "id": str(one.id),
        "role": one.role.value,
        "name": one.name,
        "email": one.email,
        "password": PASSWORD,
        "token": token,
        "zone": one.zone,
        "otp_secret": one.otp_secret,
    }
    if one.role is Role.PATIENT:
        facts["minor"] = one.minor
    if one.role is Role.GUARDIAN:
        facts["patient"] = str(who.minor.id)
    return facts


def _service(kind: VisitType) -> dict[str, Any]:
    return {
        "id": str(kind.id),
        "name": kind.name,
        "duration_minutes": kind.duration // MINUTE,
        "buffer_before_minutes": kind.buffer_before // MINUTE,
        "buffer_after_minutes": kind.buffer_after // MINUTE,
        "needs": list(kind.needs),
    }


def _practitioner(one: Character, kinds: dict[str, VisitType]) -> dict[str, Any]:
    offered = [str(kind.id) for kind in kinds.values() if one.role.value in kind.needs]
    return {"id": str(one.id), "name": one.name, "role": one.role.value, "zone": one.zone, "services": offered}


def _patient(who: Cast, one: Character) -> dict[str, Any]:
    facts = {"id": str(one.id), "name": one.name, "zone": one.zone, "minor": one.minor}
    return {**facts, "guardians": [str(who.guardian.id)]} if one.minor else facts
