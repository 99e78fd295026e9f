"""``/visits``: one's visits, those ahead first."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from aiohttp import web

from telegut.scheduling.appointments import Filter
from telegut.scheduling.intake.keys import INTAKE
from telegut.scheduling.keys import SCHEDULING
from telegut.scheduling.moves import movable
from telegut.scheduling.rules import Policy, Status, VisitType
from telegut.scheduling.screens.registry import THEIR_SIDE, pages
from telegut.scheduling.screens.rows import SHOWN, Row, outcome_words, row_of
from telegut.scheduling.waitlist.keys import WAITLIST
from telegut.web.api import Call, Query
from telegut.web.keys import DATABASE
from telegut.web.render import render

PAST_DAYS: Final = 180
"""How far back one's visits are listed."""
CONFIRMED_WITHIN: Final = timedelta(days=7)
"""So long before a visit one is asked whether one will be there."""


class VisitsQuery(Query):
    """*cancelled*, *booked*: the appointment that was cancelled, or taken from an offer, a moment ago, to say so."""

    cancelled: UUID | None = None
    booked: UUID | None = None


@pages.get("/visits", roles=THEIR_SIDE, query=VisitsQuery)
async def visits(call: Call[None]) -> web.Response:
    """One's visits: the next one first with what can be done about it, those that were, those that were cancelled."""
    scheduling, caller = call.app[SCHEDULING], call.caller
    policy, now = await scheduling.policy(caller)
    wanted = Filter(since=now - timedelta(days=PAST_DAYS))
    reads, names, now = await scheduling.with_people(caller, wanted, limit=SHOWN)
    rows = [row_of(one, names) for one in reads]
    kinds = await scheduling.visit_types(caller)
    ahead = [one for one in rows if one.visit.end > now and one.visit.status is Status.BOOKED]
    cancelled = [one for one in reversed(rows) if one.visit.status is Status.CANCELLED]
    context = {
        "ahead": ahead,
        "before": [one for one in reversed(rows) if one not in ahead and one not in cancelled],
        "cancelled": cancelled,
        "just_now": next((one for one in cancelled if one.visit.id == call.query.cancelled), None),
        "just_booked": next((one for one in ahead if one.visit.id == call.query.booked), None),
        "names": names,
        "now": now,
        "forms": await _forms(call, ahead),
        "late_from": _late_from(kinds, policy, ahead),
        "has_groups": any(one.seats > 1 for one in kinds),
        "soon": now + CONFIRMED_WITHIN,
        "offers": await call.app[WAITLIST].offers(caller),
        "outcome_words": outcome_words,
    }
    return await render(call.request, "scheduling/visits.html", context)


@pages.get("/appointments/{id}/slip", roles=THEIR_SIDE)
async def slip(call: Call[None]) -> web.Response:
    """One visit on paper: with whom and when on both clocks, and how to change it. No word about why."""
    found = await movable(call.app[SCHEDULING], call.caller, call.uuid("id"))
    return await render(call.request, "scheduling/slip.html", {"found": found, "one": found.appointment})


async def _forms(call: Call[None], ahead: list[Row]) -> dict[UUID, str]:
    """How far the forms before the visits ahead are, by appointment."""
    async with call.app[DATABASE].begin(call.caller) as tx:
        return await call.app[INTAKE].states(tx, [one.visit.id for one in ahead])


def _late_from(kinds: list[VisitType], policy: Policy, ahead: list[Row]) -> dict[UUID, datetime]:
    """From when on the patient's side does not move a visit by itself any more, by appointment."""
    numbers = {one.id: policy.for_visit(one) for one in kinds}
    return {row.visit.id: row.visit.start - numbers.get(row.visit.service, policy).cancel_notice for row in ahead}
