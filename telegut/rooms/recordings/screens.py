"""``/patients/{id}/recordings``: the recordings of somebody's visits; ``/recordings/{id}``: one of them, to watch."""

from __future__ import annotations

from aiohttp import web

from telegut.rooms.recordings.keys import RECORDINGS
from telegut.web.api import Call
from telegut.web.pages import Pages
from telegut.web.render import render

pages = Pages("rooms")


def install(app: web.Application) -> None:
    """Serve these pages in *app*."""
    pages.install(app)


@pages.get("/patients/{id}/recordings")
async def get_recordings_page(call: Call[None]) -> web.Response:
    """When, how long, who agreed, who has watched; and the way to watch or to take one's consent back."""
    patient = call.uuid("id")
    found = await call.app[RECORDINGS].of_patient(call.caller, patient)
    context = {"recordings": found, "patient": patient, "mine": patient == call.caller.account}
    return await render(call.request, "rooms/recordings.html", context)


@pages.get("/recordings/{id}")
async def get_recording_page(call: Call[None]) -> web.Response:
    """Everybody's film side by side, played together."""
    one = await call.app[RECORDINGS].one(call.caller, call.uuid("id"))
    return await render(call.request, "rooms/recording.html", {"one": one, "mine": one.patient == call.caller.account})
