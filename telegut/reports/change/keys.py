"""Where the application keeps the service of changes."""

from __future__ import annotations

from aiohttp import web

from telegut.reports.change.service import Changes

CHANGES = web.AppKey("report changes", Changes)
