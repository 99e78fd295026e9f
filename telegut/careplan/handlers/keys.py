"""Where the care plan's services are found in the application."""

from __future__ import annotations

from aiohttp import web

from telegut.careplan.notes import LiveNotes
from telegut.careplan.service import CarePlans

CARE_PLANS = web.AppKey("care_plans", CarePlans)
NOTES = web.AppKey("notes", LiveNotes)
