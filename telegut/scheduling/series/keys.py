"""Where the application keeps series."""

from __future__ import annotations

from aiohttp import web

from telegut.scheduling.series.service import SeriesOfVisits

SERIES = web.AppKey("series", SeriesOfVisits)
