"""Where the application keeps the services of the patient's report."""

from __future__ import annotations

from aiohttp import web

from telegut.reports.patient.levels_kept import ReadingLevels
from telegut.reports.patient.press import Press

READING_LEVELS = web.AppKey("reading_levels", ReadingLevels)
PRESS = web.AppKey("reports_press", Press)
