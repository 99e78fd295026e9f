"""What surrounds every request: its id, the log line, security headers, and refusals as answers."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable

from aiohttp import web
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from telegut import logs
from telegut.db.engine import RETRIED_STATES, sql_state
from telegut.errors import Invalid, NotFound, TelegutError, TooLarge, Unavailable
from telegut.web import problems
from telegut.web.identity import REQUEST_ID, identify
from telegut.web.keys import CSRF, NONCE
from telegut.web.parse import check_text
from telegut.web.render import render
from telegut.web.security import add_headers, csrf_token, ensure_guest, set_guest_cookie

Next = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = logs.get("web")

_UNAVAILABLE_STATES = RETRIED_STATES | {"57014", "57P01", "57P02", "57P03", "53300", "53100", "25P03", "08006", "08003"}
"""Cancelled, shut down, too many connections, disk full, connection lost: PostgreSQL documentation, appendix A."""


@web.middleware
async def surround(request: web.Request, handler: Next) -> web.StreamResponse:
    """The outermost layer: nothing leaves without an id, headers and a line in the log."""
    request[REQUEST_ID] = secrets.token_hex(8)
    request[NONCE] = secrets.token_urlsafe(16)
    began = time.monotonic()
    response = await _answered(request, handler)
    if not response.prepared:
        response.headers["X-Request-Id"] = request[REQUEST_ID]
        set_guest_cookie(request, response)
        await add_headers(request, response)
    _line(request, response.status, began)
    return response


def _line(request: web.Request, status: int, began: float) -> None:
    resource = request.match_info.route.resource
    route = resource.canonical if resource is not None else "none"
    if route.startswith("/static"):
        return
    log.info(
        "request",
        method=request.method,
        route=route,
        status=status,
        duration_ms=round((time.monotonic() - began) * 1000, 1),
        request_id=request[REQUEST_ID],
    )


async def _answered(request: web.Request, handler: Next) -> web.StreamResponse:
    try:
        _check_path(request)
        return await handler(request)
    except web.HTTPException as exc:
        return await _http_exception(request, exc)
    except TelegutError as exc:
        return await _refusal(request, exc)
    except (ConnectionError, InterfaceError, OperationalError, TimeoutError) as exc:
        return await _broken(request, exc, Unavailable())
    except DBAPIError as exc:
        known = sql_state(exc) in _UNAVAILABLE_STATES or exc.connection_invalidated
        return await _broken(request, exc, Unavailable() if known else None)
    except Exception as exc:
        return await _broken(request, exc, None)


def _check_path(request: web.Request) -> None:
    """Nothing is called so: U+0000 and stray bytes cannot be kept, so no name and no id in an address has them."""
    try:
        check_text(request.path)
    except Invalid as exc:
        raise NotFound from exc


async def _http_exception(request: web.Request, exc: web.HTTPException) -> web.StreamResponse:
    if exc.status < 400:
        return web.Response(status=exc.status, headers={"Location": exc.headers.get("Location", "/")})
    if exc.status == 404:
        return await _refusal(request, NotFound())
    if exc.status == 413:
        return await _refusal(request, TooLarge())
    problem = problems.document(exc.status, exc.reason.lower().replace(" ", "_"), exc.reason)
    answer = problems.plain(exc.status, problem)
    if "Allow" in exc.headers:
        answer.headers["Allow"] = exc.headers["Allow"]
    return answer


async def _broken(request: web.Request, exc: BaseException, refusal: TelegutError | None) -> web.StreamResponse:
    log.error("failed", request_id=request[REQUEST_ID], error=type(exc).__name__, where=logs.where(exc))
    if refusal is not None:
        return await _refusal(request, refusal)
    text = "Something went wrong on our side. Nothing was lost; we have a note of it."
    problem = problems.document(500, "internal", text, request_id=request[REQUEST_ID])
    if wants_page(request):
        return await _page(request, 500, text)
    return problems.plain(500, problem)


async def _refusal(request: web.Request, refusal: TelegutError) -> web.StreamResponse:
    if wants_page(request):
        return await _page(request, problems.status_of(refusal), refusal.message)
    return problems.response(refusal)


def wants_page(request: web.Request) -> bool:
    """Whether a person in a browser is waiting for a page, rather than a program for data."""
    return not request.path.startswith("/api/") and "text/html" in request.headers.get("Accept", "")


async def _page(request: web.Request, status: int, message: str) -> web.StreamResponse:
    context = {"status": status, "message": message, "request_id": request[REQUEST_ID]}
    try:
        return await render(request, "web/error.html", context, status=status)
    except Exception as exc:
        # The page that says sorry must not fail itself: plain words then.
        log.error("error page failed", request_id=request[REQUEST_ID], error=type(exc).__name__, where=logs.where(exc))
        return web.Response(status=status, text=message)


@web.middleware
async def know_caller(request: web.Request, handler: Next) -> web.StreamResponse:
    """Put the CSRF token of the caller where pages find it."""
    if request.method == "GET" and wants_page(request):
        caller = await identify(request)
        if caller.session is None and caller.scope is None:
            ensure_guest(request)
        request[CSRF] = csrf_token(request, caller)
    return await handler(request)
