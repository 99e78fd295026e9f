"""Where the application keeps the service of versions."""

from __future__ import annotations

from aiohttp import web

from telegut.reports.versions.service import Versions

VERSIONS = web.AppKey("report versions", Versions)
