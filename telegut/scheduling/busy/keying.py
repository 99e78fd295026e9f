"""Where the application keeps the calendars elsewhere."""

from __future__ import annotations

from aiohttp import web

from telegut.scheduling.busy.service import BusyElsewhere

BUSY: web.AppKey[BusyElsewhere] = web.AppKey("busy")
