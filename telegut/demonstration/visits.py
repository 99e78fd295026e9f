"""Visits of the demonstration clinic: those that were, and today's, made fresh at every start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from telegut.composition import Foundation, Services
from telegut.db.engine import Transaction
from telegut.demonstration.cast import AMARA, CAMILLE, DANIEL, HENRIK, JONAS, LENA, MEI, SOFIA, TOM
from telegut.demonstration.people import Character
from telegut.demonstration.setting import FIRST, FOLLOW_UP, JOINT, NUTRITION, SYSTEM
from telegut.demonstration.story_clock import StoryClock
from telegut.errors import Conflict
from telegut.scheduling import appointments, booking
from telegut.scheduling.appointments import Filter
from telegut.scheduling.booking import Wanted
from telegut.scheduling.choice import follow_ups
from telegut.scheduling.rules import VisitType

JOINABLE = timedelta(minutes=12)
"""Today's first visit starts this long after the start of the demonstration, so that its room is open."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A visit to make."""

    patient: Character
    practitioners: tuple[Character, ...]
    kind: VisitType
    start: datetime
    outcome: str | None = None


def past(clock: StoryClock) -> list[Planned]:
    """What was in the last weeks."""

    def on(days: int, hour: int, who: Character) -> datetime:
        return clock.at(days, hour, 0, who.zone).replace(second=0, microsecond=0)

    return [
        Planned(LENA, (AMARA,), FIRST, on(-56, 10, AMARA), "attended"),
        Planned(LENA, (JONAS,), NUTRITION, on(-49, 9, JONAS), "attended"),
        Planned(LENA, (AMARA,), FOLLOW_UP, on(-28, 11, AMARA), "attended"),
        Planned(LENA, (JONAS,), NUTRITION, on(-14, 9, JONAS), "technical"),
        Planned(TOM, (HENRIK,), FIRST, on(-21, 9, HENRIK), "attended"),
        Planned(TOM, (CAMILLE,), NUTRITION, on(-12, 11, CAMILLE), "patient_absent"),
        Planned(MEI, (AMARA,), FIRST, on(-15, 14, AMARA), "attended"),
        Planned(DANIEL, (AMARA,), FIRST, on(-9, 15, AMARA), "attended"),
    ]


def coming(clock: StoryClock) -> list[Planned]:
    """Today's and the next days'; the first can be joined at once."""
    soon = (clock.present + JOINABLE).replace(second=0, microsecond=0)
    soon -= timedelta(minutes=soon.minute % 5)

    def in_days(days: int, hour: int, who: Character) -> datetime:
        day = clock.present + timedelta(days=days)
        return day.astimezone(ZoneInfo(who.zone)).replace(hour=hour, minute=0, second=0, microsecond=0)

    return [
        Planned(LENA, (AMARA,), FOLLOW_UP, soon),
        Planned(DANIEL, (AMARA,), FOLLOW_UP, soon + timedelta(minutes=60)),
        Planned(MEI, (AMARA, JONAS), JOINT, soon + timedelta(minutes=120)),
        Planned(TOM, (HENRIK,), FOLLOW_UP, soon + timedelta(minutes=90)),
        Planned(SOFIA, (JONAS,), NUTRITION, in_days(1, 9, JONAS)),
        Planned(LENA, (JONAS,), NUTRITION, in_days(7, 10, JONAS)),
    ]


async def suggest_next(base: Foundation) -> None:
    """After their last talk, Amara would like to see Lena together with the nutritionist, eight weeks on."""
    async with base.db.begin(SYSTEM) as tx:
        known = await appointments.find(tx, Filter(patient=LENA.id, practitioner=AMARA.id), limit=50)
        if known:
            await follow_ups.note(tx, known[-1], JOINT.id, weeks=8)


async def make(base: Foundation, services: Services, planned: list[Planned]) -> None:
    """Book *planned* outside all hours and numbers; the constraint stays the truth: what is taken is left out."""
    for one in planned:
        ids = tuple(who.id for who in one.practitioners)
        wanted = Wanted(one.kind.id, ids, one.start, one.patient.id, unasked=True)
        try:
            async with base.db.begin(SYSTEM) as tx:
                made = await booking.take(tx, wanted)
                if one.outcome is not None:
                    await services.scheduling.record_outcome(tx, made.id, one.outcome)
        except Conflict:
            continue


async def has_joinable(base: Foundation, now: datetime) -> bool:
    """Whether Lena can still join a visit today."""
    async with base.db.begin(SYSTEM) as tx:
        return await _upcoming(tx, now)


async def _upcoming(tx: Transaction, now: datetime) -> bool:
    wanted = appointments.Filter(since=now, until=now + JOINABLE, patient=LENA.id)
    found = await appointments.find(tx, wanted, 5)
    return any(one.status.value == "booked" for one in found)
