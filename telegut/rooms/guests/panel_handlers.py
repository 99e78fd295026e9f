"""Showing a guest what is shown beside the video, over HTTP."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from aiohttp import web

from telegut.errors import NotFound
from telegut.rooms.door.rules import NotYours
from telegut.rooms.guests.panels import AnswerPanels, NotForThisPart, OfferPanels
from telegut.rooms.guests.showing import Showing
from telegut.rooms.rules.refusals import NoRecordHere, NotOpenYet, NotTheHost, VisitEnded
from telegut.web.api import Answer, Body, Call, Endpoints

SHOWING: web.AppKey[Showing] = web.AppKey("rooms_showing_to_guests")
api = Endpoints("visits")
_REFUSALS = [NotFound, NotOpenYet, VisitEnded]


class OfferBody(Body):
    """Whether the patient is asked to show this guest what is shown, or no longer."""

    shown: bool


class AnswerBody(Body):
    """What the patient's side says."""

    agreed: bool


class ShownAnswer(Answer):
    """What this guest may look at now; *report* names which one."""

    panel: Literal["report", "plan"]
    report: UUID | None


def install(app: web.Application, showing: Showing) -> None:
    """Serve it in *app*."""
    app[SHOWING] = showing
    api.install(app)


@api.put(
    "/api/v1/visits/{id}/guests/{account}/panels",
    body=OfferBody,
    status=204,
    visit_scope=True,
    summary="Ask the patient to show a guest what is shown",
    refusals=[*_REFUSALS, NotTheHost, NotForThisPart, NoRecordHere],
)
async def put_panels(call: Call[OfferBody]) -> None:
    """For hosts, about an interpreter or a supporter; without the patient's yes nothing is shown to them."""
    assert call.caller.account is not None
    command = OfferPanels(call.caller.account, call.uuid("account"), call.body.shown)
    await call.app[SHOWING].say(call.caller, call.uuid("id"), command)


@api.put(
    "/api/v1/visits/{id}/guests/{account}/panels/answer",
    body=AnswerBody,
    status=204,
    visit_scope=True,
    summary="Say whether a guest may see what is shown",
    refusals=[*_REFUSALS, NotYours],
)
async def put_answer(call: Call[AnswerBody]) -> None:
    """For the patient's side, as often as they like: a no ends it at once."""
    assert call.caller.account is not None
    command = AnswerPanels(call.caller.account, call.uuid("account"), call.body.agreed)
    await call.app[SHOWING].say(call.caller, call.uuid("id"), command)


@api.get(
    "/api/v1/visits/{id}/shown",
    answer=ShownAnswer,
    visit_scope=True,
    summary="What a guest is shown now",
    refusals=[NotFound],
)
async def get_shown(call: Call[None]) -> ShownAnswer:
    """For a guest whom the patient agreed to show it; there is nothing here for anybody else."""
    shown = await call.app[SHOWING].look(call.caller, call.uuid("id"))
    return ShownAnswer(panel=shown.panel, report=shown.report)
