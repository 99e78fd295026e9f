"""The demonstration clinic before anything happens in it: people, care teams, kinds of visit, hours."""

from __future__ import annotations

from datetime import time, timedelta
from uuid import UUID, uuid5

from telegut.accounts.passwords import Passwords
from telegut.accounts.second_factor import SecondFactor
from telegut.composition import Foundation
from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.demonstration import cast, people
from telegut.demonstration.cast import AMARA, CAMILLE, HENRIK, JONAS, NAMESPACE
from telegut.demonstration.people import Character
from telegut.scheduling import calendars, catalogue
from telegut.scheduling.choice import languages, topics
from telegut.scheduling.rules import Availability, Policy, VisitType, WeeklyRule

SYSTEM = Caller.system("demonstration clinic")
MINUTE = timedelta(minutes=1)
WORKDAYS = ("MO", "TU", "WE", "TH", "FR")


def _kind(name: str, minutes: int, after: int, *needs: str) -> VisitType:
    return VisitType(uuid5(NAMESPACE, name), name, minutes * MINUTE, 0 * MINUTE, after * MINUTE, needs)


FIRST = _kind("First visit with a gut-health consultant", 50, 10, "consultant")
FOLLOW_UP = _kind("Follow-up with a gut-health consultant", 30, 10, "consultant")
NUTRITION = _kind("Nutrition visit", 30, 10, "nutritionist")
JOINT = _kind("Joint visit with consultant and nutritionist", 50, 10, "consultant", "nutritionist")
KINDS = (FIRST, FOLLOW_UP, NUTRITION, JOINT)

HOURS: dict[UUID, tuple[WeeklyRule, ...]] = {
    AMARA.id: (
        WeeklyRule(WORKDAYS, time(9), time(12, 30)),
        WeeklyRule(("MO", "TU", "WE", "TH"), time(13, 30), time(17)),
    ),
    HENRIK.id: (WeeklyRule(("MO", "TU", "TH", "FR"), time(8), time(13)), WeeklyRule(("WE",), time(13), time(19))),
    JONAS.id: (WeeklyRule(WORKDAYS, time(8, 30), time(12)), WeeklyRule(("TU", "TH"), time(15), time(19))),
    CAMILLE.id: (WeeklyRule(("MO", "WE", "FR"), time(10), time(16)),),
}

LANGUAGES: dict[UUID, tuple[str, ...]] = {
    AMARA.id: ("en-GB", "fr"),
    HENRIK.id: ("de", "en"),
    JONAS.id: ("sv", "en", "de"),
    CAMILLE.id: ("fr", "en"),
}

TOPICS: tuple[tuple[str, tuple[VisitType, ...]], ...] = (
    ("A first talk", (FIRST,)),
    ("How the plan is going", (FOLLOW_UP, JOINT)),
    ("Food and everyday meals", (NUTRITION, JOINT)),
    ("Talking about a sample", (FOLLOW_UP, JOINT)),
)
"""Reasons for coming, in words that anybody may read over a shoulder."""


async def make(base: Foundation) -> None:
    """Make everybody and everything that has no date."""
    password_hash = await Passwords.of(base.settings).hash(cast.PASSWORD)
    factor, now = SecondFactor(base.vault.root), base.now()
    async with base.db.begin(SYSTEM) as tx:
        for one in cast.EVERYBODY:
            await people.add(tx, base, factor, one, password_hash, now)
        for patient in cast.PATIENTS:
            await people.care_for(tx, patient, cast.TEAMS[patient.id], now)
        await catalogue.set_policy(tx, Policy(minimum_notice=timedelta(hours=1), max_future_visits=6))
        for place, kind in enumerate(KINDS):
            await catalogue.add_visit_type(tx, kind, place=place)
        for one in cast.PRACTITIONERS:
            await _works(tx, one)
        for place, (name, kinds) in enumerate(TOPICS):
            await topics.add(tx, name, [kind.id for kind in kinds], place)


async def _works(tx: Transaction, one: Character) -> None:
    offered = [kind.id for kind in KINDS if one.role.value in kind.needs]
    await catalogue.add_provider(tx, one.id, one.role.value, one.zone, offered)
    await calendars.replace(tx, one.id, Availability(one.zone, HOURS[one.id]), version=None, by=one.id)
    await languages.replace(tx, one.id, LANGUAGES[one.id])
