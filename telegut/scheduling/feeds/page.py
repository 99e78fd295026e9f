"""``/calendars``: one's visits in one's own calendar, and for practitioners the calendars that keep their time free."""

from __future__ import annotations

from aiohttp import web

from telegut.scheduling.busy.keying import BUSY
from telegut.scheduling.busy.rules import SAYS
from telegut.scheduling.feeds.keying import FEEDS
from telegut.scheduling.feeds.rules import NAME_LONGEST, Opens
from telegut.scheduling.feeds.service import BOOKED, CONSULTANTS, SUBSCRIBERS
from telegut.web.api import Call
from telegut.web.pages import Pages
from telegut.web.render import render

pages = Pages("scheduling")


@pages.get("/calendars", roles=SUBSCRIBERS)
async def get_calendars(call: Call[None]) -> web.Response:
    """Feeds, app passwords, and calendars elsewhere with how reading them went."""
    keys = await call.app[FEEDS].mine(call.caller)
    works_here = bool(call.caller.roles & BOOKED)
    busy = call.app[BUSY]
    context = {
        "feeds": [one for one in keys if one.opens is Opens.FEED],
        "passwords": [one for one in keys if one.opens is Opens.CALDAV],
        "practises": bool(call.caller.roles & CONSULTANTS),
        "works_here": works_here,
        "sources": await busy.mine(call.caller) if works_here else [],
        "conflicts": await busy.conflicts(call.caller) if works_here else [],
        "says": SAYS,
        "name_longest": NAME_LONGEST,
        "refresh_minutes": call.app[FEEDS].numbers.refresh_minutes,
        "every_minutes": round(busy.numbers.every.total_seconds() / 60),
        "keep_hours": round(busy.numbers.keep_for.total_seconds() / 3600),
    }
    return await render(call.request, "scheduling/calendars.html", context)
