"""Where recordings lie in the aiohttp application."""

from __future__ import annotations

from aiohttp import web

from telegut.rooms.recordings.live import LiveRecordings
from telegut.rooms.recordings.service import Recordings

LIVE_RECORDINGS: web.AppKey[LiveRecordings] = web.AppKey("rooms_live_recordings")
RECORDINGS: web.AppKey[Recordings] = web.AppKey("rooms_recordings")
