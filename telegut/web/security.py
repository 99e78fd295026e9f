"""
What protects a browser: headers, CSRF tokens, the Origin check.

Source of the rules: OWASP ASVS 5.0, sections 3.3 to 3.5 and 4.4.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import lru_cache
from urllib.parse import urlsplit

from aiohttp import web

from telegut.db.caller import Caller
from telegut.db.sealed import RootKey
from telegut.errors import Refused
from telegut.web.identity import identify, uses_cookie
from telegut.web.keys import GUEST, NONCE, SETTINGS, VAULT

GUEST_COOKIE = "telegut_guest"
"""Ties the CSRF token of somebody not signed in to their browser."""

PERMISSIONS = "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), geolocation=(), payment=()"


class ForeignOrigin(Refused):
    """This request came from another place than our own pages."""


class StaleForm(Refused):
    """This page is out of date. Please load it again; nothing was changed."""


def content_security_policy(nonce: str) -> str:
    """Scripts and styles only from us; scripts inside a page only with *nonce*."""
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; media-src 'self' blob: mediastream:; worker-src 'self'; "
        "manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    )


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put the security headers on every answer (before it is sent)."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", content_security_policy(request.get(NONCE, "")))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", PERMISSIONS)
    headers.setdefault("Cache-Control", "no-store")
    headers["Server"] = "telegut"
    if request.app[SETTINGS].is_https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")


def csrf_token(request: web.Request, caller: Caller) -> str:
    """The token that this caller's pages send back with every change."""
    return hmac.new(
        _csrf_key(request.app[VAULT].root), _subject(request, caller).encode(errors="surrogatepass"), hashlib.sha256
    ).hexdigest()


@lru_cache(maxsize=2)
def _csrf_key(root: RootKey) -> bytes:
    """Every page and every change asks for it, and a process has one root key."""
    return root.derive("telegut csrf v1")


def _subject(request: web.Request, caller: Caller) -> str:
    if caller.session is not None:
        return f"session:{caller.session}"
    if caller.scope is not None:
        return f"visit:{caller.scope.visit}:{caller.account}"
    return f"guest:{request.cookies.get(GUEST_COOKIE) or request.get(GUEST, '')}"


def ensure_guest(request: web.Request) -> None:
    """Give somebody who is not signed in a value to tie their token to; the cookie is set with the answer."""
    if not request.cookies.get(GUEST_COOKIE) and GUEST not in request:
        request[GUEST] = secrets.token_urlsafe(24)


def set_guest_cookie(request: web.Request, response: web.StreamResponse) -> None:
    """Send the cookie that `ensure_guest` chose."""
    guest = request.get(GUEST)
    if guest:
        secure = request.app[SETTINGS].is_https
        response.set_cookie(GUEST_COOKIE, guest, httponly=True, samesite="Lax", secure=secure, path="/")


async def check_unsafe(request: web.Request, token: str | None = None) -> None:
    """
    Refuse a change that a browser was tricked into.

    Bearer tokens are never sent unasked and need no check. *token*: from a form; otherwise ``X-CSRF-Token``.

    Raises:
        ForeignOrigin: the page that asks is not ours.
        StaleForm: the token does not belong to this caller.
    """
    if not uses_cookie(request):
        return
    check_origin(request, required=False)
    caller = await identify(request)
    given = token if token is not None else request.headers.get("X-CSRF-Token", "")
    if not hmac.compare_digest(given.encode(errors="replace"), csrf_token(request, caller).encode()):
        raise StaleForm


def check_origin(request: web.Request, *, required: bool) -> None:
    """
    Compare ``Origin`` with our own; ``Sec-Fetch-Site`` stands in where a browser sends no Origin.

    Raises:
        ForeignOrigin: it differs, or is *required* and missing.
    """
    origin = request.headers.get("Origin")
    if origin is None:
        site = request.headers.get("Sec-Fetch-Site")
        if required or site not in (None, "same-origin", "none"):
            raise ForeignOrigin
        return
    if origin not in own_origins(request):
        raise ForeignOrigin


def own_origins(request: web.Request) -> set[str]:
    """
    The origins that are ours: the public address, and on loopback also the address that was dialled.

    ``localhost`` and ``127.0.0.1`` are one machine to a person but two origins to a browser.
    """
    settings = request.app[SETTINGS]
    origins = {settings.origin}
    host = request.headers.get("Host", "")
    name = urlsplit(f"//{host}").hostname or ""
    if not settings.public_url and name in {"localhost", "127.0.0.1", "::1"}:
        origins.add(f"http://{host}")
    return origins
