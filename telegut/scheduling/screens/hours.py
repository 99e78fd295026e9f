"""``/availability``: one's hours, rule by rule, each in words."""

from __future__ import annotations

from aiohttp import web

from telegut.scheduling import zones
from telegut.scheduling.bodies import AvailabilityAnswer
from telegut.scheduling.keys import SCHEDULING
from telegut.scheduling.screens.registry import TEAM, pages
from telegut.scheduling.screens.rows import account_of
from telegut.web.api import Call
from telegut.web.render import render


@pages.get("/availability", roles=TEAM)
async def availability(call: Call[None]) -> web.Response:
    """One's hours, rule by rule, each in words."""
    scheduling, caller = call.app[SCHEDULING], call.caller
    hours = await scheduling.availability(caller, account_of(caller))
    own = next((one for one in await scheduling.practitioners(caller) if one.provider.id == caller.account), None)
    offered = [one for one in await scheduling.visit_types(caller) if own is None or one.id in own.provider.services]
    facts = {
        "practitioner": str(caller.account),
        "availability": AvailabilityAnswer.of(hours).model_dump(mode="json"),
        "services": [{"id": str(one.id), "name": one.name} for one in offered],
    }
    context = {"facts": facts, "zones": sorted(name for name in zones.names() if "/" in name or name == "UTC")}
    return await render(call.request, "scheduling/availability.html", {**context, "hours": hours, "offered": offered})
