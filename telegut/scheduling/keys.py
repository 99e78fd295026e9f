"""Where the application keeps scheduling, for handlers and pages here and in the domains above."""

from __future__ import annotations

from aiohttp import web

from telegut.scheduling.service import Scheduling

SCHEDULING = web.AppKey("scheduling", Scheduling)
