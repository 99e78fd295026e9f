"""Conversations over HTTP and on ``/events``: parse, call, answer. No rules live here."""

from __future__ import annotations

from aiohttp import web

from telegut.messaging import screens
from telegut.messaging.anchors import Anchors
from telegut.messaging.events import PREFIXES
from telegut.messaging.handlers import conversations, messages
from telegut.messaging.handlers.doors import open_doors
from telegut.messaging.keys import MESSAGING
from telegut.messaging.service import Messaging
from telegut.realtime.handlers import FEED


def install(app: web.Application, messaging: Messaging, anchors: Anchors) -> None:
    """Serve conversations in *app*, and run its message writer."""
    app[MESSAGING] = messaging
    conversations.api.install(app)
    messages.install(app, open_doors(app, messaging, anchors))
    screens.install(app)
    for prefix in PREFIXES:
        app[FEED].reader(prefix, messaging.complete)
