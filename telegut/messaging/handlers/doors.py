"""What the handlers of one web process work with: services, and the one writer of messages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from telegut.messaging.anchors import Anchors
from telegut.messaging.sends import SocketSends
from telegut.messaging.service import Messaging
from telegut.messaging.telling import Telling
from telegut.messaging.typing_hints import Typing
from telegut.messaging.writer import Limits, Writer
from telegut.realtime.handlers import BUS, HUB
from telegut.web import keys


@dataclass(frozen=True, slots=True)
class Doors:
    """What the handlers of one web process work with."""

    messaging: Messaging
    writer: Writer
    sends: SocketSends
    typing: Typing
    anchors: Anchors
    page: int
    files: int


DOORS: web.AppKey[Doors] = web.AppKey("messaging_doors")


def open_doors(app: web.Application, messaging: Messaging, anchors: Anchors) -> Doors:
    """Make them for *app*, and run its message writer as long as it serves."""
    settings = app[keys.SETTINGS]
    limits = Limits(settings.message_queue, settings.message_batch, settings.message_retry_s)
    writer = Writer(settings.database_url, app[keys.VAULT], now=app[keys.NOW], limits=limits, tell=partial(_tell, app))
    sends = SocketSends(writer, in_flight=settings.message_in_flight)
    typing = Typing(messaging, app[BUS], app[HUB], now=app[keys.NOW])
    doors = Doors(messaging, writer, sends, typing, anchors, settings.message_page, settings.upload_message_files)
    app[DOORS] = doors
    app.cleanup_ctx.append(lambda _: _writing(writer))
    return doors


def _tell(app: web.Application, telling: Telling) -> None:
    """Open feeds of this process get what was stored at once; those of the others are woken."""
    app[HUB].deliver(telling.appended, telling.event)
    app[BUS].wake_elsewhere(telling.appended.ends)


async def _writing(writer: Writer) -> AsyncIterator[None]:
    writer.start()
    yield
    await writer.stop()
