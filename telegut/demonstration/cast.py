"""The people of the demonstration clinic. All of them are invented."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

from telegut.accounts.rules import Role
from telegut.db.caller import Caller
from telegut.demonstration.people import Character, character

PASSWORD = "a quiet room with green plants"  # noqa: S105 - the demonstration's, printed at its start
NAMESPACE = UUID("01900000-0000-7000-8000-00000000de30")


def _fixed(one: Character) -> Character:
    """The same id at every start, so that the start page finds who is there already."""
    return Character(uuid5(NAMESPACE, one.email), one.role, one.name, one.email, one.zone, one.minor, None, one.locale)


def _person(role: Role, name: str, zone: str) -> Character:
    return _fixed(character(role, name, zone))


AMARA = _person(Role.CONSULTANT, "Dr. Amara Okafor", "Europe/London")
HENRIK = _person(Role.CONSULTANT, "Dr. Henrik Sørensen", "America/New_York")
JONAS = _person(Role.NUTRITIONIST, "Jonas Lindqvist", "Europe/Berlin")
CAMILLE = _person(Role.NUTRITIONIST, "Camille Fournier", "America/New_York")
NOOR = _person(Role.COORDINATOR, "Noor Haddad", "Europe/Berlin")
RAFAEL = _person(Role.ADMIN, "Rafael Ortiz", "Europe/Berlin")
IDA = _person(Role.AUDITOR, "Ida Lund", "Europe/Berlin")

LENA = _person(Role.PATIENT, "Lena Hartmann", "Europe/Berlin")
TOM = _person(Role.PATIENT, "Tom Brennan", "America/New_York")
MEI = _person(Role.PATIENT, "Mei Tanaka", "Europe/Lisbon")
DANIEL = _person(Role.PATIENT, "Daniel Weber", "Europe/Berlin")
SOFIA = _person(Role.PATIENT, "Sofia Marques", "Europe/Lisbon")

PRACTITIONERS = (AMARA, HENRIK, JONAS, CAMILLE)
OFFICE = (NOOR, RAFAEL, IDA)
PATIENTS = (LENA, TOM, MEI, DANIEL, SOFIA)
EVERYBODY = PRACTITIONERS + OFFICE + PATIENTS

TEAMS: dict[UUID, tuple[Character, ...]] = {
    LENA.id: (AMARA, JONAS),
    TOM.id: (HENRIK, CAMILLE),
    MEI.id: (AMARA, JONAS),
    DANIEL.id: (AMARA, JONAS),
    SOFIA.id: (AMARA, JONAS),
}


@dataclass(frozen=True, slots=True)
class Introduction:
    """Who somebody is, for the start page of the demonstration."""

    who: Character
    words: str
    first_page: str


INTRODUCTIONS = (
    Introduction(LENA, "Worry before work and a bloated belly; she sees Amara today.", "/today"),
    Introduction(AMARA, "In London. Three people to see today.", "/day"),
    Introduction(JONAS, "In Berlin. Answers between visits; two answers are owed.", "/messages"),
    Introduction(TOM, "In New York. Low mood; cooking feels like a lot.", "/today"),
    Introduction(HENRIK, "In New York. Sees Tom later today.", "/day"),
    Introduction(NOOR, "Books visits, and sees no clinical text.", "/day"),
    Introduction(IDA, "Sees who did what, and nothing of what was said.", "/"),
)


def caller(one: Character) -> Caller:
    """*one* as services see them."""
    roles = frozenset({one.role.value})
    return Caller(account=one.id, roles=roles, name=one.name, zone=one.zone, request_id="demonstration")
