"""The evidence base over HTTP: the API, the team's pages, and the pages that teach."""

from __future__ import annotations

from aiohttp import web

from telegut.evidence.handlers.api import api
from telegut.evidence.handlers.keys import EVIDENCE
from telegut.evidence.handlers.learn import pages as lessons
from telegut.evidence.handlers.pages import pages
from telegut.evidence.service import EvidenceBase


def install(app: web.Application, base: EvidenceBase) -> None:
    """Serve it in *app*."""
    app[EVIDENCE] = base
    api.install(app)
    pages.install(app)
    lessons.install(app)


__all__ = ["EVIDENCE", "install"]
