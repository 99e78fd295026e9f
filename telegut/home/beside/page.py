"""``/patients/{id}/panels/beside``: the right column of the inbox."""

from __future__ import annotations

from aiohttp import web

from telegut.home.beside.service import Beside
from telegut.web.api import Call
from telegut.web.keys import NOW
from telegut.web.pages import Pages
from telegut.web.render import render

pages = Pages("home")

BESIDE: web.AppKey[Beside] = web.AppKey("home_beside")


def install(app: web.Application, beside: Beside) -> None:
    """Serve it."""
    app[BESIDE] = beside
    pages.install(app)


@pages.get("/patients/{id}/panels/beside", roles={"consultant", "nutritionist"})
async def get_beside(call: Call[None]) -> web.StreamResponse:
    """Plan, trends, next visit, and what to mind, without a page around it."""
    about = await call.app[BESIDE].about(call.caller, call.uuid("id"))
    return await render(call.request, "home/beside.html", {"about": about, "now": call.app[NOW]()})
