"""Where the application keeps choosing."""

from __future__ import annotations

from aiohttp import web

from telegut.scheduling.choice.service import Choice

CHOICE = web.AppKey("choice", Choice)
