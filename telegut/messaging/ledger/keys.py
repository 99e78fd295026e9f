"""Where the reply ledger lies in the aiohttp application."""

from __future__ import annotations

from aiohttp import web

from telegut.messaging.ledger.making import LedgerServices

REPLY_LEDGER: web.AppKey[LedgerServices] = web.AppKey("reply_ledger")
