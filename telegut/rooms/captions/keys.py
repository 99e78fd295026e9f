"""Where a request finds captions."""

from __future__ import annotations

from aiohttp import web

from telegut.rooms.captions.service import Captions

CAPTIONS: web.AppKey[Captions] = web.AppKey("rooms_captions")
