"""Who is asking: found once per request, kept on it."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from telegut.db.caller import Caller
from telegut.web.keys import RESOLVERS

ANONYMOUS = Caller(account=None)
"""Somebody we do not know."""

_CALLER = web.RequestKey("caller", Caller)
REQUEST_ID = web.RequestKey("request_id", str)


async def identify(request: web.Request) -> Caller:
    """The caller of *request*; `ANONYMOUS` when nobody vouches for them."""
    known: Caller | None = request.get(_CALLER)
    if known is not None:
        return known
    found = ANONYMOUS
    for resolver in request.app[RESOLVERS]:
        caller = await resolver(request)
        if caller is not None:
            found = caller
            break
    found = replace(found, request_id=request.get(REQUEST_ID, ""))
    request[_CALLER] = found
    return found


def vouch(request: web.Request, caller: Caller) -> None:
    """From here on *request* comes from *caller*: for a page whose address itself says who opens it."""
    request[_CALLER] = replace(caller, request_id=request.get(REQUEST_ID, ""))


def uses_cookie(request: web.Request) -> bool:
    """Whether the request is vouched for by a cookie, which a browser sends unasked."""
    return "Authorization" not in request.headers
