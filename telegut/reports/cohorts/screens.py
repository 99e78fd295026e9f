"""``/cohorts``: comparison groups, who is in them, and the form that loads a clinic's own."""

from __future__ import annotations

from aiohttp import web

from telegut.reports.cohorts.built_in import built_in
from telegut.reports.cohorts.keys import COHORTS
from telegut.reports.cohorts.loading import MOST_BYTES
from telegut.web.api import Call
from telegut.web.pages import Pages
from telegut.web.render import render
from telegut.web.words import gettext as _

pages = Pages("reports")


def install(app: web.Application) -> None:
    """Serve it in *app*."""
    pages.install(app)


@pages.get("/cohorts", roles={"consultant", "nutritionist", "admin"})
async def get_cohorts(call: Call[None]) -> web.StreamResponse:
    """Groups with their facts; nobody's values."""
    cohorts = call.app[COHORTS]
    own = await cohorts.all(call.caller)
    context = {
        "own": own,
        "names": await cohorts.names(call.caller, own),
        "brought": built_in(),
        "may_keep": bool(call.caller.roles & {"consultant", "admin"}),
        "largest_mb": MOST_BYTES // 1024**2,
        "states": {"draft": _("Waits for a second person"), "approved": _("In use"), "withdrawn": _("Withdrawn")},
    }
    return await render(call.request, "reports/cohorts.html", context)
