"""What a page needs to offer another time for a visit, signed in or by the visit's personal link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from telegut.accounts import people
from telegut.accounts.people import Person
from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.scheduling import appointments, bookers, catalogue, links
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.bodies.appointments import AppointmentAnswer
from telegut.scheduling.rules import Policy, Status
from telegut.scheduling.service import Scheduling
from telegut.web.api import instant_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Movable:
    """
    A visit and what moving it takes.

    zones: each practitioner's, where their hours are written. now: by the database's clock.
    """

    appointment: Appointment
    names: dict[UUID, Person]
    zones: dict[UUID, str]
    policy: Policy
    now: datetime
    by_staff: bool

    @property
    def late_from(self) -> datetime:
        """From here on a patient moves no more by themselves, and a cancellation is noted as late."""
        return self.appointment.start - self.policy.cancel_notice

    @property
    def is_late(self) -> bool:
        """Whether that has come for this caller."""
        return not self.by_staff and self.now > self.late_from

    @property
    def is_ahead(self) -> bool:
        """Whether there is still something to change."""
        return self.appointment.status is Status.BOOKED and self.now < self.appointment.start

    @property
    def with_whom(self) -> tuple[str, ...]:
        """The practitioners' names."""
        return tuple(self.names[one].name for one in self.appointment.practitioners if one in self.names)

    @property
    def cancelled_by(self) -> str:
        """Who cancelled it, by name; empty when nobody did or they are unknown."""
        who = self.appointment.cancelled_by
        return self.names[who].name if who in self.names else ""

    def facts(self) -> dict[str, Any]:
        """As the page's script takes it."""
        one = self.appointment
        return {
            "appointment": AppointmentAnswer.of(one).model_dump(mode="json"),
            "practitioners": [
                {"id": str(person), "name": self.names[person].name, "zone": self.zones.get(person, one.zone)}
                for person in one.practitioners
                if person in self.names
            ],
            "now": instant_text(self.now),
            "until": instant_text(self.now + self.policy.horizon),
            "late": self.is_late,
            "late_from": instant_text(self.late_from),
        }


async def movable(scheduling: Scheduling, caller: Caller, appointment: UUID) -> Movable:
    """
    A visit, for those who may change it.

    Raises:
        NotFound, Refused: the caller may not.
    """
    async with scheduling.db.begin(caller) as tx:
        await links.enter(tx)
        return await _movable(tx, await appointments.one(tx, appointment))


async def movable_visit(scheduling: Scheduling, caller: Caller, visit: UUID) -> Movable:
    """As `movable`, by the visit's id."""
    async with scheduling.db.begin(caller) as tx:
        await links.enter(tx)
        return await _movable(tx, await appointments.of_visit(tx, visit))


async def _movable(tx: Transaction, one: Appointment) -> Movable:
    await bookers.check_may_change(tx, one)
    policy, now = await catalogue.clinic_policy(tx)
    visit = await catalogue.visit_type(tx, one.service)
    providers = await catalogue.providers(tx, one.practitioners)
    others = {one.cancelled_by} if one.cancelled_by else set()
    return Movable(
        appointment=one,
        names=await people.named(tx, {*one.people, *others}),
        zones={each.id: each.zone for each in providers},
        policy=policy.for_visit(visit),
        now=now,
        by_staff=bookers.is_staff(tx.caller),
    )
