"""What the composition root puts into the aiohttp application for everybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from telegut.clock import Clock
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.db.sealed import Vault
from telegut.settings import Settings

Resolver = Callable[[web.Request], Awaitable[Caller | None]]

SETTINGS = web.AppKey("settings", Settings)
DATABASE = web.AppKey("database", Database)
VAULT = web.AppKey("vault", Vault)
NOW: web.AppKey[Clock] = web.AppKey("now")
RESOLVERS: web.AppKey[list[Resolver]] = web.AppKey("resolvers")
"""Asked in order who a request comes from; the first answer counts."""
PAGE_CONTEXT: web.AppKey[list[Callable[[web.Request], Awaitable[dict[str, Any]]]]] = web.AppKey("page_context")
"""Asked for what every page needs from a domain (counts in the navigation, …)."""

NONCE = web.RequestKey("nonce", str)
"""The value that marks scripts of this answer as ours."""
CSRF = web.RequestKey("csrf", str)
"""The token that the caller's page sends back with every change."""
GUEST = web.RequestKey("guest", str)
"""The guest cookie that this answer sets."""
