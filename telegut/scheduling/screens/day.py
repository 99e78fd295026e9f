"""``/day``: one day, in order, with one main action a visit."""

from __future__ import annotations

from datetime import datetime, timedelta

from aiohttp import web

from telegut.scheduling import agenda, bookers
from telegut.scheduling.keys import SCHEDULING
from telegut.scheduling.rules import Status
from telegut.scheduling.screens.registry import TEAM, pages
from telegut.scheduling.screens.rows import DayQuery, Row, arranges_only, outcome_words, rows_between
from telegut.web.api import Call
from telegut.web.render import render


@pages.get("/day", roles=TEAM | {bookers.COORDINATOR}, query=DayQuery)
async def day(call: Call[None]) -> web.Response:
    """One day, in order, with one main action a visit; who waits is filled in by the page's script."""
    scheduling, caller = call.app[SCHEDULING], call.caller
    policy, now = await scheduling.policy(caller)
    shown = call.query.day or agenda.today(now, caller.zone)
    rows, now = await rows_between(call, *agenda.bounds(shown, caller.zone))
    waiting_first = sorted(rows, key=lambda row: (row.visit.start, row.visit.id))
    context = {
        "day": shown,
        "before": shown - timedelta(days=1),
        "after": shown + timedelta(days=1),
        "is_today": shown == agenda.today(now, caller.zone),
        "rows": waiting_first,
        "next_up": next((one for one in waiting_first if _is_to_come(one, now)), None),
        "now": now,
        "policy": policy,
        "mine": not arranges_only(caller),
        "next_free": await scheduling.next_free(caller),
        "outcome_words": outcome_words,
    }
    return await render(call.request, "scheduling/day.html", context)


def _is_to_come(row: Row, now: datetime) -> bool:
    """Whether a visit is under way or still ahead."""
    return row.visit.status is Status.BOOKED and row.visit.end > now
