"""The start page of the demonstration: who is who, one click to be them, and a tour. Exists in demo mode only."""

from __future__ import annotations

from urllib.parse import parse_qs
from uuid import UUID

from aiohttp import web

from telegut.accounts.doors import signed_in
from telegut.accounts.identity import ENTRANCE, origin_of
from telegut.demonstration import cast
from telegut.errors import NotFound
from telegut.web.api import Call, read_limited
from telegut.web.keys import SETTINGS
from telegut.web.pages import Pages
from telegut.web.render import render
from telegut.web.security import check_unsafe

pages = Pages("demonstration")
FORM_BYTES = 4_096


def install(app: web.Application) -> None:
    """Serve it, in demo mode and nowhere else."""
    if app[SETTINGS].mode != "demo":
        return
    pages.install(app)
    app.router.add_post("/demo", post_demo)


@pages.get("/demo", open=True)
async def get_demo(call: Call[None]) -> web.Response:
    """Who is who."""
    context = {"introductions": cast.INTRODUCTIONS, "password": cast.PASSWORD}
    return await render(call.request, "demonstration/start.html", context)


async def post_demo(request: web.Request) -> web.StreamResponse:
    """
    Be one of them.

    Raises:
        NotFound: nobody of the demonstration. StaleForm: the page is out of date.
    """
    form = parse_qs((await read_limited(request, FORM_BYTES)).decode("utf-8", "replace"))
    await check_unsafe(request, form.get("csrf", [""])[0])
    wanted = form.get("account", [""])[0]
    found = next((one for one in cast.INTRODUCTIONS if str(one.who.id) == wanted), None)
    if found is None:
        raise NotFound
    entered = await request.app[ENTRANCE].admit(UUID(wanted), "browser", origin_of(request))
    return await signed_in(request, entered, found.first_page)
