"""``/series``: planning one visit again and again; ``/series/{id}``: to move one, cancel one or the rest."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from aiohttp import web

from telegut.accounts import people
from telegut.scheduling import bookers
from telegut.scheduling.bodies.offered import PractitionerAnswer, ServiceAnswer
from telegut.scheduling.keys import SCHEDULING
from telegut.scheduling.rules import Status
from telegut.scheduling.series.keys import SERIES
from telegut.scheduling.series.service import Booked
from telegut.web.api import Call, Query, instant_text
from telegut.web.keys import DATABASE
from telegut.web.pages import Pages
from telegut.web.render import render

pages = Pages("scheduling")


class NewQuery(Query):
    """*patient*: whom staff plans for. *service*: the kind of visit, where it is chosen already."""

    patient: UUID | None = None
    service: UUID | None = None


@pages.get("/series", roles=bookers.BOOKERS, query=NewQuery)
async def plan_series(call: Call[None]) -> web.Response:
    """Planning a series: what, with whom, how often; then what speaks against each visit, before any is booked."""
    scheduling, caller, query = call.app[SCHEDULING], call.caller, call.query
    policy, now = await scheduling.policy(caller)
    kinds = [one for one in await scheduling.visit_types(caller) if one.seats == 1]
    facts: dict[str, Any] = {
        "services": [ServiceAnswer.of(one).model_dump(mode="json") for one in kinds],
        "practitioners": [
            PractitionerAnswer.of(one).model_dump(mode="json") for one in await scheduling.practitioners(caller)
        ],
        "patient": str(query.patient) if query.patient else None,
        "service": str(query.service) if query.service else None,
        "for_others": not caller.roles & {"patient"},
        "at_most": policy.series_at_most,
        "now": instant_text(now),
        "until": instant_text(now + policy.horizon),
    }
    return await render(call.request, "scheduling/plan_series.html", {"facts": facts, "at_most": policy.series_at_most})


@pages.get("/series/{id}", roles=bookers.BOOKERS)
async def show_series(call: Call[None]) -> web.Response:
    """A series: the visits ahead with what can be done about each, those that were, those that were cancelled."""
    scheduling, caller = call.app[SCHEDULING], call.caller
    found = await call.app[SERIES].look(caller, call.uuid("id"))
    policy, now = await scheduling.policy(caller)
    booked = [one for one in found.visits if one.status is Status.BOOKED]
    ahead = [one for one in booked if one.start > now]
    notice = timedelta(0) if bookers.is_staff(caller) else policy.cancel_notice
    context = {
        "found": found,
        "ahead": ahead,
        "before": [one for one in found.visits if one not in ahead and one.status is not Status.CANCELLED],
        "cancelled": [one for one in found.visits if one.status is Status.CANCELLED],
        "movable_from": now + notice,
        "names": await _names(call, found),
        "theirs": found.patient == caller.account,
    }
    return await render(call.request, "scheduling/series.html", context)


async def _names(call: Call[None], found: Booked) -> dict[UUID, str]:
    async with call.app[DATABASE].begin(call.caller) as tx:
        known = await people.named(tx, {person for one in found.visits for person in one.people} | {found.patient})
    return {one: person.name for one, person in known.items()}
