"""Where the service of outcomes is found in the application."""

from __future__ import annotations

from aiohttp import web

from telegut.outcomes.service import Outcomes

OUTCOMES = web.AppKey("outcomes", Outcomes)
