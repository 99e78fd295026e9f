"""``/j/{secret}``: one link for one person and one visit, right before it, during it and after it."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from telegut.db.caller import Caller
from telegut.errors import NotFound
from telegut.rooms.entry import Visitor
from telegut.rooms.moments import Moment, moment_of
from telegut.rooms.store import Room
from telegut.rooms.visitors import ENTRY, arrived, set_cookie
from telegut.web.api import Call
from telegut.web.identity import identify, vouch
from telegut.web.keys import CSRF, NOW
from telegut.web.pages import Pages
from telegut.web.render import render
from telegut.web.security import csrf_token

pages = Pages("rooms")


def install(app: web.Application) -> None:
    """Serve the pages of rooms in *app*."""
    pages.install(app)


@pages.get("/j/{secret}", open=True)
async def get_personal_link(call: Call[None]) -> web.Response:
    """The page that is right at this moment; for anybody else, a page that says nothing about anyone."""
    secret = call.request.match_info["secret"]
    try:
        visitor = await call.app[ENTRY].visitor(secret)
    except NotFound:
        return await _nobodys_page(call.request, 404)
    signed_in = call.caller.session is not None
    if signed_in and call.caller.account != visitor.link.account:
        return await _nobodys_page(call.request, 403)
    caller = call.caller if signed_in else await _arrive(call.request, visitor)
    room = await call.app[ENTRY].rooms.look(visitor.link.visit)
    response = await render(call.request, "rooms/visit.html", _context(room, caller, visitor, call.app))
    if not signed_in:
        set_cookie(call.request, response, secret)
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is a key
    return response


@pages.get("/visits/{id}", visit_scope=True)
async def get_own_visit(call: Call[None]) -> web.Response:
    """The way from other pages into a visit: on to the caller's own link."""
    raise web.HTTPSeeOther(await call.app[ENTRY].link_for(call.caller, call.uuid("id")))


async def _arrive(request: web.Request, visitor: Visitor) -> Caller:
    """The request comes from *visitor* from here on, with a token for the changes their page makes."""
    vouch(request, arrived(request, visitor))
    caller = await identify(request)
    request[CSRF] = csrf_token(request, caller)
    return caller


async def _nobodys_page(request: web.Request, status: int) -> web.Response:
    response = await render(request, "rooms/nobody.html", {}, status=status)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _context(room: Room, caller: Caller, visitor: Visitor, app: web.Application) -> dict[str, Any]:
    moment = moment_of(room.visit, cancelled=room.cancelled, outcome=room.outcome, now=app[NOW]())
    me = room.visit.seat(visitor.link.account)
    hosts = [seat for seat in room.visit.seats if seat.host]
    others = [seat for seat in room.visit.seats if seat.account != me.account]
    return {
        "room": room,
        "visit": room.visit,
        "facts": room.facts,
        "me": me,
        "hosts": [(room.name(seat.account), seat.role) for seat in hosts],
        "others": [(room.name(seat.account), seat.role) for seat in others],
        "patient_name": room.name(room.facts.patient),
        "moment": moment.value,
        "is_before": moment.before,
        "is_open": moment is Moment.OPEN,
        "signed_in": caller.session is not None,
        "now": app[NOW](),
    }
