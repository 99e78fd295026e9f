"""Where retention lies in the aiohttp application."""

from __future__ import annotations

from aiohttp import web

from telegut.messaging.retention.service import Retention

RETENTION: web.AppKey[Retention] = web.AppKey("messaging_retention")
