"""Where the application keeps the calendars of people's visits."""

from __future__ import annotations

from aiohttp import web

from telegut.scheduling.feeds.service import Feeds

FEEDS: web.AppKey[Feeds] = web.AppKey("feeds")
