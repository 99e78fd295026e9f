"""The answer to a reminder over HTTP."""

from __future__ import annotations

from aiohttp import web

from telegut.scheduling.bodies.appointments import AppointmentAnswer
from telegut.scheduling.changing import NotBooked
from telegut.scheduling.reminders import answers
from telegut.scheduling.reminders.answers import NotYoursToSay
from telegut.web.api import Call, Endpoints
from telegut.web.keys import DATABASE

api = Endpoints("scheduling")


def install(app: web.Application) -> None:
    """Serve it in *app*."""
    api.install(app)


@api.post(
    "/api/v1/appointments/{id}/confirm",
    answer=AppointmentAnswer,
    summary="Say that you will be there",
    refusals=[NotBooked, NotYoursToSay],
    visit_scope=True,
)
async def post_confirm(call: Call[None]) -> AppointmentAnswer:
    """Counts for the time that the visit has now; after a move it is asked again. Twice is once."""
    return AppointmentAnswer.of(await answers.confirm(call.app[DATABASE], call.caller, call.uuid("id")))
