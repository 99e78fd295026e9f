"""Where the application keeps the service of reports."""

from __future__ import annotations

from aiohttp import web

from telegut.reports.service import Reports

REPORTS = web.AppKey("reports", Reports)
