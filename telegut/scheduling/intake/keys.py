"""Where the service lies in the application."""

from __future__ import annotations

from aiohttp import web

from telegut.scheduling.intake.service import Intake

INTAKE: web.AppKey[Intake] = web.AppKey("intake")
