"""Change over time over HTTP."""

from __future__ import annotations

from aiohttp import web

from telegut.errors import Invalid
from telegut.reports.change.bodies import VersusAnswer
from telegut.reports.change.keys import CHANGES
from telegut.reports.change.screens import pages
from telegut.reports.change.service import Changes
from telegut.web.api import Call, Endpoints

api = Endpoints("reports")


def install(app: web.Application, changes: Changes) -> None:
    """Serve it in *app*."""
    app[CHANGES] = changes
    api.install(app)
    pages.install(app)


@api.get(
    "/api/v1/reports/{id}/versus/{earlier}",
    answer=VersusAnswer,
    summary="Change over time, or why two samples may not be compared",
    refusals=[Invalid],
    visit_scope=True,
)
async def get_versus(call: Call[None]) -> VersusAnswer:
    """The later report beside the earlier one."""
    return VersusAnswer.of(await call.app[CHANGES].versus(call.caller, call.uuid("id"), call.uuid("earlier")))
