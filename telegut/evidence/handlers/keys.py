"""Where the application keeps the evidence base."""

from __future__ import annotations

from aiohttp import web

from telegut.evidence.service import EvidenceBase

EVIDENCE = web.AppKey("evidence", EvidenceBase)
