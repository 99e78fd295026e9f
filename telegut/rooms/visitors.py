"""
Somebody who came by a personal link and is not signed in, from one request to the next.

The cookie holds the link's secret itself: it opens nothing that the link does not open, and it ends with the link.
Whoever is signed in is that person, whatever cookie of a link lies beside it.
"""

from __future__ import annotations

from aiohttp import web

from telegut.db.caller import Caller, VisitScope
from telegut.errors import NotFound
from telegut.rooms.entry import Entry, Visitor
from telegut.settings import Settings
from telegut.web.keys import SETTINGS

ENTRY: web.AppKey[Entry] = web.AppKey("rooms_entry")
LINK = web.RequestKey("visit_link", Visitor)
"""By which link a request came."""


def cookie_name(settings: Settings) -> str:
    """``__Host-`` binds the cookie to this host over TLS; plain loopback cannot have it."""
    return "__Host-telegut-visit" if settings.is_https else "telegut-visit"


def set_cookie(request: web.Request, response: web.StreamResponse, secret: str) -> None:
    """Let the browser show *secret* again, for as long as it stays open."""
    settings = request.app[SETTINGS]
    response.set_cookie(
        cookie_name(settings), secret, httponly=True, samesite="Lax", secure=settings.is_https, path="/"
    )


async def by_visit_cookie(request: web.Request) -> Caller | None:
    """Whose link the cookie holds; nobody when the request has an ``Authorization`` header."""
    secret = request.cookies.get(cookie_name(request.app[SETTINGS]), "")
    if not secret or "Authorization" in request.headers:
        return None
    try:
        visitor = await request.app[ENTRY].visitor(secret)
    except NotFound:
        return None
    return arrived(request, visitor)


def arrived(request: web.Request, visitor: Visitor) -> Caller:
    """The caller that *visitor* is, remembered with the link on *request*."""
    request[LINK] = visitor
    return Caller(
        account=visitor.person.id,
        roles=frozenset({visitor.role}),
        name=visitor.person.name,
        zone=visitor.person.zone,
        locale=visitor.person.locale,
        scope=VisitScope(visitor.link.visit, visitor.patient, visitor.admitted),
    )
