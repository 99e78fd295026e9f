"""Where the care plan's services are found in the application."""

from __future__ import annotations

from aiohttp import web

from telegut.careplan.noted.service import NotedPlaces
from telegut.careplan.notes.service import LiveNotes
from telegut.careplan.service import CarePlans

CARE_PLANS = web.AppKey("care_plans", CarePlans)
NOTED = web.AppKey("noted_places", NotedPlaces)
NOTES = web.AppKey("notes", LiveNotes)
