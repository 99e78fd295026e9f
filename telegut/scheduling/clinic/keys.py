"""Where the application keeps the clinic's numbers and days."""

from __future__ import annotations

from aiohttp import web

from telegut.scheduling.clinic.service import Clinic

CLINIC = web.AppKey("clinic", Clinic)
