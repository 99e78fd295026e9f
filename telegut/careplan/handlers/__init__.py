"""The care plan over HTTP: the API, the notes socket and the pages."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

from telegut.careplan.handlers.api import api
from telegut.careplan.handlers.keys import CARE_PLANS, NOTED, NOTES
from telegut.careplan.handlers.pages import pages
from telegut.careplan.handlers.socket import get_notes_socket
from telegut.careplan.noted.service import NotedPlaces
from telegut.careplan.notes.service import LiveNotes
from telegut.careplan.service import CarePlans


def install(app: web.Application, plans: CarePlans, notes: LiveNotes, noted: NotedPlaces) -> None:
    """Serve care plans and live notes in *app*. noted: what steps can cite."""
    app[CARE_PLANS], app[NOTES], app[NOTED] = plans, notes, noted
    api.install(app)
    pages.install(app)
    app.router.add_get("/notes/{plan}", get_notes_socket)
    app.cleanup_ctx.append(_stored_at_the_end)


async def _stored_at_the_end(app: web.Application) -> AsyncIterator[None]:
    yield
    await app[NOTES].stop()


__all__ = ["CARE_PLANS", "NOTES", "install"]
