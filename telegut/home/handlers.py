"""The first pages: where a sign-in leads, the patient's today, the list of patients, and a patient's record."""

from __future__ import annotations

from aiohttp import web

from telegut.web.api import Call
from telegut.web.keys import SETTINGS
from telegut.web.navigation import first_page
from telegut.web.pages import Pages
from telegut.web.render import render

pages = Pages("home")


def install(app: web.Application) -> None:
    """Serve the pages."""
    pages.install(app)


@pages.get("/", open=True)
async def get_first(call: Call[None]) -> web.Response:
    """Nothing of its own: on to the first page of whoever this is."""
    if call.caller.session is not None:
        raise web.HTTPFound(first_page(call.caller.roles))
    raise web.HTTPFound("/demo" if call.app[SETTINGS].mode == "demo" else "/sign-in")


@pages.get("/welcome")
async def get_welcome(call: Call[None]) -> web.Response:
    """What people can do here whose work is not with patients."""
    return await render(call.request, "home/welcome.html", {})
