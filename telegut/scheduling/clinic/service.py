"""The clinic's numbers, its holidays, and visits that no longer fit: who may read and change them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from telegut.accounts import people
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.errors import Conflict, NotFound, Refused
from telegut.scheduling import bookers, calendars, catalogue
from telegut.scheduling.appointments import INTERPRETER
from telegut.scheduling.clinic import holidays, unfit
from telegut.scheduling.clinic.holidays import Holiday
from telegut.scheduling.clinic.unfit import Unfit
from telegut.scheduling.documents import policy_document
from telegut.scheduling.groups.rules import first_name
from telegut.scheduling.rules import Policy, VisitType
from telegut.scheduling.tables import policy, service

MANAGING = frozenset({"coordinator", "admin"})
"""Who runs the clinic."""


class NumbersChanged(Conflict):
    """Somebody else has just changed these numbers. Please look at them again."""


class HolidaysChanged(Conflict):
    """Somebody else has just changed the holidays. Please look at them again."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The clinic's numbers at a version."""

    version: int
    policy: Policy


@dataclass(frozen=True, slots=True)
class Holidays:
    """The days on which the clinic is closed, at a version of the list."""

    version: int
    days: tuple[Holiday, ...]


@dataclass(frozen=True, slots=True)
class OwnNumbers:
    """
    What holds for one kind of visit instead of the clinic's numbers; None: the clinic's.

    buffer_before, buffer_after: what is kept free around it; None: as it is.
    """

    minimum_notice: timedelta | None = None
    horizon: timedelta | None = None
    grid: timedelta | None = None
    buffer_before: timedelta | None = None
    buffer_after: timedelta | None = None

    def on(self, visit: VisitType) -> VisitType:
        """*visit* with these numbers."""
        return replace(
            visit,
            minimum_notice=self.minimum_notice,
            horizon=self.horizon,
            grid=self.grid,
            buffer_before=visit.buffer_before if self.buffer_before is None else self.buffer_before,
            buffer_after=visit.buffer_after if self.buffer_after is None else self.buffer_after,
        )


class Clinic:
    """What holds for everybody."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def numbers(self, caller: Caller) -> Numbers:
        """The clinic's numbers, for everybody."""
        async with self.db.begin(caller) as tx:
            version = int(await tx.scalar(select(policy.c.version)) or 0)
            return Numbers(version, (await catalogue.clinic_policy(tx))[0])

    async def set_numbers(self, caller: Caller, version: int, wanted: Policy) -> Numbers:
        """
        Change the clinic's numbers. Visits that are booked stay.

        Raises:
            Refused: not for the caller. NumbersChanged: not based on the current version.
        """
        _check_manages(caller)
        async with self.db.begin(caller) as tx:
            current = int(await tx.scalar(select(policy.c.version).with_for_update()) or 0)
            if current != version:
                now_set, _ = await catalogue.clinic_policy(tx)
                raise NumbersChanged(current={"version": current, **policy_document(now_set)})
            await catalogue.set_policy(tx, wanted)
            await audit.record(tx, "write", "clinic_numbers", None, patient=None)
            return Numbers(current + 1, wanted)

    async def set_own_numbers(self, caller: Caller, visit: UUID, wanted: OwnNumbers) -> VisitType:
        """
        Give a kind of visit numbers of its own, or take them away. Visits that are booked stay as they are.

        Raises:
            Refused: not for the caller. NotFound: there is no such kind of visit.
        """
        _check_manages(caller)
        async with self.db.begin(caller) as tx:
            await tx.execute(select(service.c.id).where(service.c.id == visit).with_for_update(key_share=True))
            known = next((one for one in await catalogue.visit_types(tx) if one.id == visit), None)
            if known is None:
                raise NotFound("There is no such kind of visit.")
            changed = wanted.on(known)
            await tx.execute(update(service).where(service.c.id == visit).values(catalogue.own_numbers(changed)))
            await audit.record(tx, "write", "service_numbers", visit, patient=None)
            return changed

    async def holidays(self, caller: Caller) -> Holidays:
        """The clinic's holidays, for everybody; staff see how many visits stay booked on each."""
        async with self.db.begin(caller) as tx:
            days = await holidays.read(tx)
            if bookers.is_staff(caller) or caller.roles & MANAGING:
                days = await holidays.with_visits(tx, days)
            return Holidays(await holidays.version(tx), tuple(days))

    async def set_holidays(self, caller: Caller, version: int, days: Sequence[Holiday]) -> Holidays:
        """
        Make these the clinic's holidays. Visits that are booked on them stay, and are counted.

        Raises:
            Refused: not for the caller. Invalid: a day named twice. HolidaysChanged: not based on the current list.
        """
        _check_manages(caller)
        holidays.check(days)
        async with self.db.begin(caller) as tx:
            current = await holidays.version(tx, lock=True)
            if current != version:
                known = [{"day": one.day.isoformat(), "name": one.name} for one in await holidays.read(tx)]
                raise HolidaysChanged(current={"version": current, "holidays": known})
            await holidays.replace(tx, sorted(days, key=lambda one: one.day))
            await audit.record(tx, "write", "clinic_holidays", None, patient=None)
            kept = await holidays.with_visits(tx, await holidays.read(tx))
            return Holidays(current + 1, tuple(kept))

    async def unfit(self, caller: Caller, practitioner: UUID) -> list[Unfit]:
        """
        The booked visits ahead that no longer lie in somebody's hours; for themselves and who arranges visits.

        An interpreter is told first names, as everywhere.

        Raises:
            Refused: not for the caller. NotFound: this person takes no visits.
        """
        if practitioner != caller.account and bookers.COORDINATOR not in caller.roles and not caller.is_system:
            raise Refused("Everybody sees their own; coordinators see all of them.")
        async with self.db.begin(caller) as tx:
            hours = await calendars.availability(tx, practitioner)
            found = unfit.judge(practitioner, hours, await unfit.ahead(tx, practitioner))
            known = await people.named(tx, {one.booked.patient for one in found if one.booked.patient})
            told = {one: person.name for one, person in known.items()}
            if caller.roles == {INTERPRETER}:
                told = {one: first_name(name) for one, name in told.items()}
            return [
                replace(one, patient_name=told.get(one.booked.patient, "")) if one.booked.patient else one
                for one in found
            ]


def _check_manages(caller: Caller) -> None:
    if not caller.is_system and not caller.roles & MANAGING:
        raise Refused("Coordinators and administrators set what holds for the whole clinic.")
