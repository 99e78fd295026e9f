"""Where the application keeps what lets reports out of the house."""

from __future__ import annotations

from aiohttp import web

from telegut.reports.exchange.consent.service import Consents
from telegut.reports.exchange.service import Exchange

EXCHANGE = web.AppKey("report exchange", Exchange)
CONSENTS = web.AppKey("research consents", Consents)
