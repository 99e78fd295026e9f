"""
CalDAV over HTTP: RFC 4791 with RFC 4918, 5397, 6578 and 6764, for reading alone. Looked up 22 Nov 2026.

Sign-in is HTTP Basic (RFC 7617) with one's e-mail address and an app password that works for nothing else. No cookie
counts here, so no page of another site can make a browser ask in somebody's name.
"""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from xml.etree.ElementTree import Element

from aiohttp import hdrs, web

from telegut.accounts.identity import address_of
from telegut.errors import NotFound, Refused, Unauthenticated, Unparsable
from telegut.scheduling.feeds.dav import answers, tree, xml
from telegut.scheduling.feeds.dav.answers import Precondition
from telegut.scheduling.feeds.dav.tree import EVENT_TYPE, Kind, Place, Tree
from telegut.scheduling.feeds.dav.xml import CALDAV, DAV
from telegut.scheduling.feeds.keying import FEEDS
from telegut.scheduling.feeds.rules import sync_token, token_time
from telegut.scheduling.feeds.service import Admitted
from telegut.web.api import read_limited
from telegut.web.keys import SETTINGS

READING: Final = ("OPTIONS", "GET", "HEAD", "PROPFIND", "REPORT")
_HEADERS: Final = {"DAV": "1, 3, calendar-access", "Allow": ", ".join(READING)}
_IN_FLIGHT: Final = timedelta(seconds=30)
"""A change is stamped before it is committed: what is this much older than a token is told once more."""


def install(app: web.Application) -> None:
    """Serve CalDAV in *app*."""
    app.router.add_route("*", "/.well-known/caldav", _begin)
    app.router.add_route("*", tree.ROOT.rstrip("/"), serve)
    app.router.add_route("*", tree.ROOT + "{path:.*}", serve)


async def _begin(request: web.Request) -> web.Response:
    """Where calendar programs look first (RFC 6764, 5)."""
    return web.Response(status=301, headers={"Location": tree.ROOT, **_HEADERS})


async def serve(request: web.Request) -> web.Response:
    """Every method on every address of the tree."""
    if request.method == hdrs.METH_OPTIONS:
        return web.Response(status=200, headers=_HEADERS)
    try:
        return await _answered(request)
    except Unauthenticated:
        challenge = {"WWW-Authenticate": 'Basic realm="telegut calendar", charset="UTF-8"'}
        return _plain(401, "Please sign in with your e-mail address and an app password for calendars.", challenge)
    except Precondition as refused:
        return _xml(403, xml.error(xml.element(refused.condition)))
    except Refused as refused:
        return _plain(403, refused.message)
    except NotFound:
        return _plain(404, "There is nothing here.")
    except Unparsable as refused:
        return _plain(400, refused.message)


async def _answered(request: web.Request) -> web.Response:
    _check_transport(request)
    who = await _admitted(request)
    if request.method not in READING:
        raise Precondition(f"{DAV}need-privileges")
    there = tree.place(request.path)
    if there is None or there.person not in (None, who.person.id):
        raise NotFound
    if request.method == "PROPFIND":
        return await _propfind(request, who, there)
    if request.method == "REPORT":
        return await _report(request, who, there)
    return await _get(request, who, there)


def _check_transport(request: web.Request) -> None:
    """Passwords come over TLS, or never leave the machine."""
    address = address_of(request)
    try:
        near = ipaddress.ip_address(address).is_loopback
    except ValueError:
        near = False
    if not request.app[SETTINGS].is_https and not near:
        raise Refused("Calendars are read over HTTPS only.")


async def _admitted(request: web.Request) -> Admitted:
    scheme, _, given = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    if scheme.lower() != "basic":
        raise Unauthenticated
    try:
        user, colon, password = base64.b64decode(given.strip(), validate=True).decode().partition(":")
    except ValueError as exc:
        raise Unauthenticated from exc
    if not colon:
        raise Unauthenticated
    return await request.app[FEEDS].admit(user, password, address_of(request))


async def _tree(request: web.Request, who: Admitted, since: datetime | None = None) -> Tree:
    feeds = request.app[FEEDS]
    return Tree(who.person.id, who.person.name, feeds.sender, await feeds.seen(who, since), feeds.etag(who))


async def _body(request: web.Request) -> Element | None:
    return xml.parse(await read_limited(request, request.app[SETTINGS].caldav_body_bytes))


async def _propfind(request: web.Request, who: Admitted, there: Place) -> web.Response:
    body = await _body(request)
    if body is not None and body.tag != f"{DAV}propfind":
        raise Unparsable("A PROPFIND carries a propfind.")
    mine = await _tree(request, who)
    _check_there(mine, there)
    depth = request.headers.get("Depth", "0").strip().lower()
    return _multistatus(answers.listed(mine, there, answers.wanted_of(body), depth))


async def _report(request: web.Request, who: Admitted, there: Place) -> web.Response:
    body = await _body(request)
    if body is None:
        raise Unparsable("A REPORT carries what it asks for.")
    wanted = answers.wanted_of(body)
    if body.tag == f"{DAV}sync-collection" and there.kind is Kind.VISITS:
        return await _synchronised(request, who, body)
    mine = await _tree(request, who)
    _check_there(mine, there)
    if body.tag == f"{CALDAV}calendar-multiget" and there.kind in (Kind.VISITS, Kind.EVENT):
        return _multistatus(answers.multiget(mine, body, wanted))
    if body.tag == f"{CALDAV}calendar-query" and there.kind is Kind.VISITS:
        return _multistatus(answers.query(mine, body, wanted))
    raise Precondition(f"{DAV}supported-report")


async def _synchronised(request: web.Request, who: Admitted, body: Element) -> web.Response:
    numbers = request.app[FEEDS].numbers
    given = (body.findtext(f"{DAV}sync-token") or "").strip()
    mine = await _tree(request, who)
    since = None
    if given:
        since = token_time(given, mine.seen.now, numbers.tokens_last)
        if since is None:
            raise Precondition(f"{DAV}valid-sync-token")
        since -= _IN_FLIGHT
        mine = await _tree(request, who, since)
    found = answers.changes(mine, answers.wanted_of(body), since)
    return _xml(207, xml.multistatus(found, sync_token(mine.seen.now)))


async def _get(request: web.Request, who: Admitted, there: Place) -> web.Response:
    mine = await _tree(request, who)
    _check_there(mine, there)
    if there.kind is not Kind.EVENT or there.event is None:
        return _plain(200, "This address is for calendar programs.")
    one = mine.events[there.event]
    headers = {"ETag": mine.etag(one), "Cache-Control": "private, no-cache", **_HEADERS}
    if mine.etag(one) in request.headers.get(hdrs.IF_NONE_MATCH, ""):
        return web.Response(status=304, headers=headers)
    return web.Response(body=mine.body(one), headers={"Content-Type": EVENT_TYPE, **headers})


def _check_there(mine: Tree, there: Place) -> None:
    if there.kind is Kind.EVENT and there.event not in mine.events:
        raise NotFound


def _multistatus(found: Iterable[Element]) -> web.Response:
    return _xml(207, xml.multistatus(found))


def _xml(status: int, body: bytes) -> web.Response:
    return web.Response(
        status=status, body=body, headers={"Content-Type": "application/xml; charset=utf-8", **_HEADERS}
    )


def _plain(status: int, words: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, text=words, headers={**_HEADERS, **(headers or {})})
