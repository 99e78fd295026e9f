"""Export over HTTP: streamed page by page, each with a transaction and an entry in the audit of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from telegut.accounts import people
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.messaging import log
from telegut.messaging.export import rules
from telegut.messaging.export.rules import Format
from telegut.messaging.inbox import Conversation
from telegut.messaging.keys import MESSAGING
from telegut.messaging.rules import EntryType
from telegut.messaging.service import Messaging
from telegut.web.api import Call, Endpoints, Query
from telegut.web.security import add_headers

api = Endpoints("messaging")
PAGE = 200
"""Entries that are read at once."""


def install(app: web.Application) -> None:
    """Serve it in *app*."""
    api.install(app)


class ExportQuery(Query):
    """``json`` or ``html``."""

    format: Format = Format.JSON


@api.get(
    "/api/v1/conversations/{id}/export", query=ExportQuery, summary="A whole conversation, to keep", visit_scope=False
)
async def get_export(call: Call[None]) -> web.StreamResponse:
    """A file of it."""
    messaging, form = call.app[MESSAGING], call.query.format
    opened = await messaging.conversation(call.caller, call.uuid("id"))
    names = await _names(messaging, call.caller, opened)
    response = web.StreamResponse(headers={"Cache-Control": "no-store"})
    response.content_type, response.charset = form.content_type, "utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="conversation.{form.value}"'
    await add_headers(call.request, response)
    await response.prepare(call.request)
    async for piece in _pieces(messaging, call.caller, opened, names, form):
        await response.write(piece.encode())
    await response.write_eof()
    return response


async def _pieces(
    messaging: Messaging, caller: Caller, opened: Conversation, names: dict[str, str], form: Format
) -> AsyncIterator[str]:
    yield rules.begin(form, _head(opened, caller, messaging))
    after, numbers = 0, dict[str, int]()
    while entries := await messaging.log_page(caller, opened.id, after=after, limit=PAGE):
        for entry in entries:
            if entry["type"] == EntryType.SENT.value:
                numbers[entry["id"]] = entry["seq"]
            yield rules.line(form, entry, names, caller.zone, first=entry["seq"] == 1, numbers=numbers)
        after = entries[-1]["seq"]
    yield rules.end(form)


async def _names(messaging: Messaging, caller: Caller, opened: Conversation) -> dict[str, str]:
    """Of everybody who ever took part, those who have left too."""
    async with messaging.db.begin(caller) as tx:
        await audit.record(tx, "export", "conversation", opened.id, patient=opened.patient)
        found = await people.named(tx, await log.ever_took_part(tx, opened.id))
    return {str(one.id): one.name for one in found.values()}


def _head(opened: Conversation, caller: Caller, messaging: Messaging) -> dict[str, Any]:
    return {
        "id": str(opened.id),
        "patient": str(opened.patient),
        "patient_name": opened.patient_name,
        "kind": opened.kind,
        "subject": opened.subject,
        "zone": caller.zone,
        "exported_at": log.instant(messaging.now()),
    }
