"""Where the application keeps the waitlist."""

from __future__ import annotations

from aiohttp import web

from telegut.scheduling.waitlist.service import Waitlist

WAITLIST = web.AppKey("waitlist", Waitlist)
