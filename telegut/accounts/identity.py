"""
Who a request comes from: a bearer token, or the cookie of a browser. Never both.

A request with an ``Authorization`` header is a program's and skips the checks that protect browsers; so its cookies
must not count.
"""

from __future__ import annotations

from aiohttp import web

from telegut.accounts.devices import device_name
from telegut.accounts.entrance import Entrance, Origin
from telegut.accounts.patients import Patients
from telegut.accounts.service import Accounts
from telegut.accounts.sessions import Found, Kind
from telegut.db.caller import Caller
from telegut.settings import Settings
from telegut.web.keys import SETTINGS

ACCOUNTS: web.AppKey[Accounts] = web.AppKey("accounts")
ENTRANCE: web.AppKey[Entrance] = web.AppKey("entrance")
PATIENTS: web.AppKey[Patients] = web.AppKey("patients")

TOKEN_LENGTH = 512
"""Longer than any token of ours: not looked up."""


def cookie_name(settings: Settings) -> str:
    """``__Host-`` binds the cookie to this host over TLS; plain loopback cannot have it."""
    return "__Host-telegut" if settings.is_https else "telegut"


async def by_bearer(request: web.Request) -> Caller | None:
    """The owner of the token in ``Authorization: Bearer …``."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    return await _resolve(request, token.strip(), "token")


async def by_cookie(request: web.Request) -> Caller | None:
    """The owner of the session cookie, when there is no ``Authorization``."""
    if "Authorization" in request.headers:
        return None
    return await _resolve(request, request.cookies.get(cookie_name(request.app[SETTINGS]), ""), "browser")


async def _resolve(request: web.Request, token: str, kind: Kind) -> Caller | None:
    if not token or len(token) > TOKEN_LENGTH:
        return None
    found = await request.app[ACCOUNTS].resolve(token)
    return None if found is None or found.kind != kind else caller_of(found)


def caller_of(found: Found) -> Caller:
    """A signed-in person as services see them."""
    who = found.person
    return Caller(
        account=who.id, roles=who.roles, name=who.name, zone=who.zone, locale=who.locale, session=found.session
    )


def origin_of(request: web.Request) -> Origin:
    """Where a sign-in comes from."""
    return Origin(address_of(request), device_name(request.headers.get("User-Agent", "")))


def address_of(request: web.Request) -> str:
    """
    The network address of the client.

    ``X-Forwarded-For`` is believed only from `Settings.trusted_proxies`, and then its last entry that is none of them:
    what stands before was written by the client.
    """
    trusted = request.app[SETTINGS].trusted_proxies
    address = request.remote or ""
    if address in trusted:
        hops = [one.strip() for one in request.headers.get("X-Forwarded-For", "").split(",") if one.strip()]
        address = next((one for one in reversed(hops) if one not in trusted), address)
    return address
