"""Where the application keeps what staff does against the rules."""

from __future__ import annotations

from aiohttp import web

from telegut.scheduling.overrides.service import Overrides

OVERRIDES = web.AppKey("overrides", Overrides)
