"""Encryption over HTTP: one switch, for hosts."""

from __future__ import annotations

from aiohttp import web

from telegut.errors import NotFound
from telegut.rooms.encryption.rules import RecordingRuns
from telegut.rooms.encryption.service import Encryption
from telegut.rooms.rules import refusals
from telegut.rooms.service import own_seat
from telegut.rooms.views import VisitAnswer
from telegut.web.api import Body, Call, Endpoints

ENCRYPTION: web.AppKey[Encryption] = web.AppKey("rooms_encryption")
api = Endpoints("visits")


class EncryptionBody(Body):
    """on: picture and sound are encrypted end to end when they go by our forwarder."""

    on: bool


def install(app: web.Application, made: Encryption) -> None:
    """Serve it in *app*."""
    app[ENCRYPTION] = made
    api.install(app)


@api.put(
    "/api/v1/visits/{id}/encryption",
    body=EncryptionBody,
    answer=VisitAnswer,
    visit_scope=True,
    own_transaction=True,  # it is rooms that changes the visit, not the caller; the same again changes nothing
    summary="Encrypt a visit end to end, or not",
    refusals=[NotFound, refusals.NotTheHost, refusals.VisitEnded, RecordingRuns],
)
async def put_encryption(call: Call[EncryptionBody]) -> VisitAnswer:
    """A host's choice for this visit, before or while it is on. Encrypted visits cannot be recorded."""
    room = await call.app[ENCRYPTION].choose(call.caller, call.uuid("id"), on=call.body.on)
    return VisitAnswer.of(room, own_seat(room, call.caller))
