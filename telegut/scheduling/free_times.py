"""Which times are free, and why one is not. One method, one transaction; the reading itself is in `offers`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.scheduling import bookers, catalogue, links, offers, zones
from telegut.scheduling.offers import Asked, Slot
from telegut.scheduling.refusals import Reason


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """Times that may be booked. practitioner_days: the most one question about them may span."""

    db: Database
    practitioner_days: int

    async def find(self, caller: Caller, asked: Asked, since: datetime | None, until: datetime | None) -> list[Slot]:
        """Every time that the caller may book; see `offers.free`."""
        async with self.db.begin(caller) as tx:
            asked = await _askable(tx, asked)
            return await offers.free(tx, asked, since, until, practitioner_days=self.practitioner_days)

    async def explain(self, caller: Caller, asked: Asked, start: datetime) -> list[Reason]:
        """Why a time may not be booked; empty: it may. See `offers.explain`."""
        async with self.db.begin(caller) as tx:
            asked = await _askable(tx, asked)
            return links.told(tx, await offers.explain(tx, asked, start))

    async def next_free(self, caller: Caller) -> datetime | None:
        """When the caller, a practitioner, could next see somebody alone; None: not in the next two weeks."""
        if caller.account is None or not caller.is_clinician:
            return None
        async with self.db.begin(caller) as tx:
            mine = await catalogue.providers(tx, [caller.account])
            offered = {service for one in mine for service in one.services}
            alone = [one for one in await catalogue.visit_types(tx) if one.id in offered and len(one.needs) == 1]
            if not alone:
                return None
            shortest = min(alone, key=lambda one: one.duration)
            _, now = await catalogue.clinic_policy(tx)
            asked = Asked(shortest.id, (caller.account,))
            until = now + timedelta(days=14)
            found = await offers.free(tx, asked, now, until, practitioner_days=self.practitioner_days)
            return zones.instant(found[0].start) if found else None


async def _askable(tx: Transaction, asked: Asked) -> Asked:
    """The question as this caller may ask it: for whom, and about which visit that would move."""
    if tx.caller.scope is not None:
        return await links.about_own_visit(tx, asked)
    if asked.moving is not None:
        moving = await bookers.changeable(tx, asked.moving)
        translates = str(moving.interpreter) if moving.interpreter else asked.interpreter
        return replace(asked, patient=moving.patient, interpreter=translates)
    return replace(asked, patient=await bookers.patient_of(tx, asked.patient))
