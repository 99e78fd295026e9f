"""Where messaging lies in the aiohttp application."""

from __future__ import annotations

from aiohttp import web

from telegut.messaging.service import Messaging

MESSAGING: web.AppKey[Messaging] = web.AppKey("messaging")
