"""``/day``: one day, what presses first, with one main action a visit."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from aiohttp import web

from telegut.home.day.rules import Stage
from telegut.home.day.service import TEAM, Days
from telegut.scheduling import agenda
from telegut.scheduling.bookers import COORDINATOR
from telegut.scheduling.screens.rows import DayQuery, outcome_words
from telegut.web.api import Call
from telegut.web.pages import Pages
from telegut.web.render import render

DAYS: Final[web.AppKey[Days]] = web.AppKey("days")

pages = Pages("home")


@pages.get("/day", roles=TEAM | {COORDINATOR}, query=DayQuery)
async def get_day(call: Call[None]) -> web.Response:
    """A day; the page fetches itself anew when something happens, so that its one template is always right."""
    found = await call.app[DAYS].day(call.caller, call.query.day)
    following = agenda.today(found.following.visit.start, call.caller.zone) if found.following else None
    context = {
        "today": found,
        "following_day": following,
        "before": found.day - timedelta(days=1),
        "after": found.day + timedelta(days=1),
        "main": next((one for one in found.visits if one.stage in MAIN), None),
        "outcome_words": outcome_words,
    }
    return await render(call.request, "home/day.html", context)


MAIN: Final = frozenset({Stage.PREPARE, Stage.OPEN, Stage.ADMIT, Stage.FINISH, Stage.SIGN})
"""What has a main action; the first of them on the page has the page's."""


def install(app: web.Application, days: Days) -> None:
    """Serve the page."""
    app[DAYS] = days
    pages.install(app)
