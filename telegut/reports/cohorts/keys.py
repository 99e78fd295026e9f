"""Where the application keeps the service of comparison groups."""

from __future__ import annotations

from aiohttp import web

from telegut.reports.cohorts.service import Cohorts

COHORTS: web.AppKey[Cohorts] = web.AppKey("reports_cohorts")
