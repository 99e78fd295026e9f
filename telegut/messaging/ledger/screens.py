"""Pages of the ledger: when I am away, who is on call, and how promises were kept."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from aiohttp import web

from telegut.messaging.ledger import absences
from telegut.messaging.ledger.bodies import AwayAnswer, OnCallAnswer
from telegut.messaging.ledger.chart import Chart, chart
from telegut.messaging.ledger.keys import REPLY_LEDGER
from telegut.messaging.ledger.on_call import MANAGING
from telegut.messaging.ledger.report import LONGEST, READERS
from telegut.scheduling import zones
from telegut.web.api import Call, Query
from telegut.web.keys import NOW
from telegut.web.pages import Pages
from telegut.web.render import render
from telegut.web.words import gettext as _

pages = Pages("messaging")

TEAM = frozenset({"consultant", "nutritionist"})
PERIODS = (7, 30, 90, 365)
"""Days, as they can be chosen by one press."""
_USUAL_DAYS = 30


def install(app: web.Application) -> None:
    """Serve them in *app*."""
    pages.install(app)


@pages.get("/account/away", roles=TEAM)
async def get_away(call: Call[None]) -> web.StreamResponse:
    """Out of office with a named cover, and back."""
    mine, caller = call.app[REPLY_LEDGER].absences, call.caller
    found = await mine.mine(caller)
    listed = await call.app[REPLY_LEDGER].on_call.has(caller)
    answer = None if found is None else AwayAnswer.of(found, listed).model_dump(mode="json", by_alias=True)
    today = zones.on_the_wall(call.app[NOW](), caller.zone).date()
    context = {
        "away": found,
        "on_call": listed,
        "facts": {"away": answer},
        "covers": await mine.covers(caller),
        "today": today,
    }
    return await render(call.request, "messaging/away.html", context)


@pages.get("/on-call", roles=MANAGING)
async def get_on_call(call: Call[None]) -> web.StreamResponse:
    """The list of those who are told about unread urgent messages."""
    lists, ledger = call.app[REPLY_LEDGER].on_call, call.app[REPLY_LEDGER].ledger
    pace = call.app[REPLY_LEDGER].escalations.pace
    possible = [{"id": str(one.id), "name": one.name} for one in await lists.possible(call.caller)]
    listed = OnCallAnswer.of(await lists.read(call.caller)).model_dump(mode="json")
    context = {"facts": {"list": listed, "people": possible}, "clinic_zone": ledger.replies.zone, "pace": pace}
    return await render(call.request, "messaging/on_call.html", context)


class PeriodQuery(Query):
    """The last *days*, or *since* … *until*, both days included on the reader's wall."""

    days: int | None = None
    since: date | None = None
    until: date | None = None

    def between(self, today: date) -> tuple[date, date]:
        """The first and the last day; a period that makes no sense is the nearest one that does."""
        longest = LONGEST.days - 1
        if self.since is None or self.until is None:
            days = min(max(self.days or _USUAL_DAYS, 1), longest)
            return today - timedelta(days=days - 1), today
        first, last = sorted((self.since, self.until))
        return max(first, last - timedelta(days=longest - 1)), last


@pages.get("/promises", roles=READERS, query=PeriodQuery)
async def get_promises(call: Call[None]) -> web.StreamResponse:
    """How promises to answer were kept: a table, then a small picture; to be printed."""
    caller = call.caller
    today = zones.on_the_wall(call.app[NOW](), caller.zone).date()
    first, last = call.query.between(today)
    since, until = absences.period(first, last, caller.zone)
    report = await call.app[REPLY_LEDGER].ledger.promises(caller, since, until)
    drawn: Chart | None = chart(report.weeks, caller.zone) if report.clinic.promises else None
    context: dict[str, Any] = {
        "report": report,
        "first": first,
        "last": last,
        "days": (last - first).days + 1 if last == today else None,
        "periods": PERIODS,
        "chart": drawn,
        "spelled": spelled,
        "now": call.app[NOW](),
    }
    return await render(call.request, "messaging/promises.html", context)


def spelled(seconds: int | None) -> str:
    """A length of working time in words; a dash where there is none."""
    if seconds is None:
        return "–"
    minutes = max(1, round(seconds / 60))
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(n)s min", n=rest)
    return _("%(h)s h %(m)s min", h=hours, m=rest) if rest else _("%(h)s h", h=hours)
