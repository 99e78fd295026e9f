"""A patient who waits, is offered a time, and keeps another: for tests about who may do what with those."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from telegut.app import build_foundation
from telegut.composition import build_services
from telegut.db.engine import Database
from telegut.scheduling import catalogue
from telegut.scheduling.offers import Asked
from telegut.scheduling.waitlist.rules import Urgency, Wish
from telegut.scheduling.waitlist.store import AlreadyWaiting
from telegut.scheduling.zones import instant
from telegut.settings import Settings
from tests import build
from tests.build import Account

NEVER = time(0)


async def waiting_and_kept(
    db: Database, settings: Settings, patient: Account, other: Account, consultant: Account, since: datetime
) -> dict[str, str]:
    """
    The ids of an entry that waits, an offer that is open, and a hold.

    Whatever hour these tests run at: nobody sleeps in this clinic from here on.
    """
    base = build_foundation(settings)
    try:
        services = build_services(base)
        async with db.begin(build.BUILDER) as tx:
            policy, _ = await catalogue.clinic_policy(tx)
            await catalogue.set_policy(tx, replace(policy, quiet_from=NEVER, quiet_until=NEVER))
            kinds = {one.needs: one.id for one in await catalogue.visit_types(tx)}
        alone = kinds[("consultant",)]
        free = await _free(services, other, alone, consultant, since)
        given_up = await services.scheduling.book(other.caller, alone, [consultant.id], free[-1])
        for kind in kinds.values():
            with suppress(AlreadyWaiting):
                await services.waitlist.join(patient.caller, Wish(kind, ""), patient=None, urgency=Urgency.ORDINARY)
        await services.scheduling.cancel(other.caller, given_up.id, "", given_up.version)
        [offered] = await services.waitlist.offers(patient.caller)
        held = await services.scheduling.hold(patient.caller, alone, [consultant.id], free[-3], None)
        waits = [one for one in await services.waitlist.entries(patient.caller) if one.offer is None]
        return {"waiting": str(waits[0].id), "offer": str(offered.id), "hold": str(held.id)}
    finally:
        await base.db.dispose()


async def _free(services: Any, who: Account, kind: UUID, consultant: Account, since: datetime) -> list[datetime]:
    until = since + timedelta(days=8)
    found = await services.scheduling.times.find(who.caller, Asked(kind, (consultant.id,)), since, until)
    return [instant(one.start) for one in found]
