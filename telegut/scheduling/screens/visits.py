"""``/visits``: one's visits, those ahead first."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from aiohttp import web

from telegut.scheduling.appointments import Filter
from telegut.scheduling.keys import SCHEDULING
from telegut.scheduling.rules import Status
from telegut.scheduling.screens.registry import THEIR_SIDE, pages
from telegut.scheduling.screens.rows import SHOWN, outcome_words, row_of
from telegut.web.api import Call, Query
from telegut.web.render import render

PAST_DAYS: Final = 180
"""How far back one's visits are listed."""


class VisitsQuery(Query):
    """*cancelled*: the appointment that was cancelled a moment ago, to say so."""

    cancelled: UUID | None = None


@pages.get("/visits", roles=THEIR_SIDE, query=VisitsQuery)
async def visits(call: Call[None]) -> web.Response:
    """One's visits: those ahead with what can be done about them, those that were, and those that were cancelled."""
    scheduling, caller = call.app[SCHEDULING], call.caller
    policy, now = await scheduling.policy(caller)
    wanted = Filter(since=now - timedelta(days=PAST_DAYS))
    reads, names, now = await scheduling.with_people(caller, wanted, limit=SHOWN)
    rows = [row_of(one, names) for one in reads]
    ahead = [one for one in rows if one.visit.end > now and one.visit.status is Status.BOOKED]
    cancelled = [one for one in reversed(rows) if one.visit.status is Status.CANCELLED]
    context = {
        "ahead": ahead,
        "before": [one for one in reversed(rows) if one not in ahead and one not in cancelled],
        "cancelled": cancelled,
        "just_now": next((one for one in cancelled if one.visit.id == call.query.cancelled), None),
        "names": names,
        "now": now,
        "policy": policy,
        "outcome_words": outcome_words,
    }
    return await render(call.request, "scheduling/visits.html", context)
