"""Where uploads lie in the aiohttp application."""

from __future__ import annotations

from aiohttp import web

from telegut.messaging.uploads.service import Uploads

UPLOADS: web.AppKey[Uploads] = web.AppKey("uploads")
