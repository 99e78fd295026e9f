"""
Somebody who came by a personal link and is not signed in, from one request to the next.

The cookie holds the link's secret itself: it opens nothing that the link does not open, and it ends with the link.
Whoever is signed in is that person, whatever cookie of a link lies beside it.
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from telegut import logs
from telegut.db.caller import Caller, VisitScope
from telegut.errors import NotFound, TelegutError
from telegut.rooms.entry import Entry, Visitor
from telegut.settings import Settings
from telegut.web.keys import SETTINGS
from telegut.web.sockets import Sockets

ENTRY: web.AppKey[Entry] = web.AppKey("rooms_entry")
log = logs.get("rooms")
LINK = web.RequestKey("visit_link", Visitor)
"""By which link a request came."""
_ASKED = web.RequestKey("visit_link_asked", tuple)
_OPENING = frozenset({"/j/{secret}", "/api/v1/visits/{id}/tickets"})
"""What is asked here needs the room next."""


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
        visitor = await visitor_of(request, secret)
    except NotFound:
        return None
    return arrived(request, visitor)


async def visitor_of(request: web.Request, secret: str) -> Visitor:
    """
    Who comes with *secret*, asked once for a request: its cookie and its address are mostly the same.

    Raises:
        NotFound: there is no such link, or it was revoked.
    """
    asked = request.get(_ASKED)
    if asked is not None and asked[0] == secret:
        known: Visitor = asked[1]
        return known
    resource = request.match_info.route.resource
    opens = resource is not None and resource.canonical in _OPENING
    visitor = await request.app[ENTRY].visitor(secret, opens=opens)
    request[_ASKED] = (secret, visitor)
    return visitor


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


class VisitorWatch:
    """
    Sees to it that what a visitor opened beside the room (notes, messages) ends when they are no longer let in.

    Told of every change of a visit, and looking by itself every few seconds should that get lost.
    """

    def __init__(self, entry: Entry, sockets: Sockets) -> None:
        self._entry = entry
        self._sockets = sockets
        self._looking: set[asyncio.Task[None]] = set()

    def hear_changed(self, fact: dict[str, Any]) -> None:
        """A visit changed somewhere."""
        visit = UUID(fact["visit"])
        if not fact.get("back") and any(one == visit for one, _ in self._sockets.visitors()):
            task = asyncio.create_task(self._after_change(), name="visitor watch")
            self._looking.add(task)
            task.add_done_callback(self._looking.discard)

    async def look(self) -> None:
        """End the sockets of every visitor who is not let in now."""
        present = self._sockets.visitors()
        if not present:
            return
        admitted = await self._entry.admitted({visit for visit, _ in present})
        for visit, account in present - admitted:
            self._sockets.end_visitor(account, visit)

    async def close(self) -> None:
        """Stop looking."""
        for task in self._looking:
            task.cancel()
        await asyncio.gather(*self._looking, return_exceptions=True)

    async def _after_change(self) -> None:
        try:
            await self.look()
        except (TelegutError, SQLAlchemyError, OSError) as exc:
            log.warning("visitors not looked at", error=type(exc).__name__)  # the next beat does
