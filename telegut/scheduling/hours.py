"""What people do with their own hours. One method, one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.errors import NotFound, Refused
from telegut.realtime import outbox
from telegut.scheduling import bookers, calendars, catalogue, events
from telegut.scheduling.appointments import INTERPRETER
from telegut.scheduling.rules import Availability, VisitType, check_availability
from telegut.scheduling.waitlist import looking


@dataclass(frozen=True, slots=True)
class Hours:
    """When practitioners and interpreters take visits."""

    db: Database

    async def of(self, caller: Caller, practitioner: UUID) -> Availability:
        """
        Somebody's hours. The notes of exceptions are for themselves and for those who arrange visits.

        Raises:
            NotFound: this person takes no visits.
        """
        async with self.db.begin(caller) as tx:
            try:
                hours = await calendars.availability(tx, practitioner)
            except NotFound:
                if practitioner != caller.account or not (caller.is_clinician or INTERPRETER in caller.roles):
                    raise
                return Availability(caller.zone)
        if practitioner == caller.account or bookers.COORDINATOR in caller.roles or caller.is_system:
            return hours
        return replace(hours, exceptions=tuple(replace(one, note="") for one in hours.exceptions))

    async def set(
        self, caller: Caller, practitioner: UUID, wanted: Availability, *, version: int | None
    ) -> Availability:
        """
        Give oneself new hours. Visits that are booked stay.

        Whoever sets hours for the first time offers every kind of visit that needs their role.

        Raises:
            Refused: somebody else's hours. NotFound: there is no such practitioner. Invalid: hours that cannot be.
            HoursChanged: not based on the current version.
        """
        if not caller.is_system and practitioner != caller.account:
            raise Refused("Everybody sets their own hours.")
        async with self.db.begin(caller) as tx:
            known = await catalogue.visit_types(tx)
            check_availability(wanted, {one.id for one in known})
            await _welcome(tx, practitioner, wanted.zone, known)
            hours = await calendars.replace(tx, practitioner, wanted, version=version, by=caller.account)
            await outbox.append(tx, events.availability_changed(practitioner, hours.version), to=[practitioner])
            await looking.new_hours(tx, practitioner, hours.version)
            return hours


async def _welcome(tx: Transaction, practitioner: UUID, zone: str, known: Sequence[VisitType]) -> None:
    roles = sorted(tx.caller.roles & {"consultant", "nutritionist", "interpreter"})
    if roles and not await catalogue.providers(tx, [practitioner]):
        offered = [one.id for one in known if roles[0] in one.needs]
        await catalogue.add_provider(tx, practitioner, roles[0], zone, offered)
