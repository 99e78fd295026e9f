"""Outcomes over HTTP: the API and the pages."""

from __future__ import annotations

from aiohttp import web

from telegut.outcomes.handlers.api import api
from telegut.outcomes.handlers.keys import OUTCOMES
from telegut.outcomes.handlers.pages import pages
from telegut.outcomes.service import Outcomes


def install(app: web.Application, outcomes: Outcomes) -> None:
    """Serve outcomes in *app*."""
    app[OUTCOMES] = outcomes
    api.install(app)
    pages.install(app)


__all__ = ["OUTCOMES", "install"]
