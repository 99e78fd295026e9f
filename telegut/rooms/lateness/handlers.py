"""Lateness over HTTP."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from aiohttp import web

from telegut.errors import NotFound
from telegut.rooms.lateness.rules import Outlook
from telegut.rooms.lateness.service import Lateness
from telegut.rooms.rules.refusals import NotTheHost, VisitEnded
from telegut.rooms.store import Room
from telegut.web.api import Answer, Body, Call, Endpoints, Instant

LATENESS: web.AppKey[Lateness] = web.AppKey("rooms_lateness")
api = Endpoints("visits")


def install(app: web.Application, lateness: Lateness) -> None:
    """Serve it in *app*."""
    app[LATENESS] = lateness
    api.install(app)


class LateBody(Body):
    """How many *minutes* late: 5, 10 or 15; 0 takes it back."""

    minutes: int


class OutlookAnswer(Answer):
    """
    What is known about the beginning of a visit.

    known: ``here``: *name* is in the room; ``said``: *name* said so; ``in_another_visit``: *name* is seen to be in
    another one; ``on_time``: it is not time yet and nothing speaks against it; ``not_known``. minutes: how late, from
    the agreed start on; with *expected_at*, null where it is not known.
    """

    known: Literal["here", "said", "in_another_visit", "on_time", "not_known"]
    account: UUID | None
    name: str | None
    minutes: int | None
    expected_at: Instant | None

    @classmethod
    def of(cls, room: Room, found: Outlook) -> OutlookAnswer:
        """*found* with the person's name."""
        name = room.name(found.who) if found.who else None
        return cls(
            known=found.known.value,
            account=found.who,
            name=name,
            minutes=found.minutes,
            expected_at=found.expected_at,
        )


@api.get(
    "/api/v1/visits/{id}/outlook",
    answer=OutlookAnswer,
    visit_scope=True,
    summary="How late a visit begins, as far as it is known",
    refusals=[NotFound],
)
async def get_lateness(call: Call[None]) -> OutlookAnswer:
    """Only facts: what a practitioner said, or that they are in another visit. Otherwise it is not known."""
    return OutlookAnswer.of(*await call.app[LATENESS].look(call.caller, call.uuid("id")))


@api.put(
    "/api/v1/visits/{id}/late",
    body=LateBody,
    answer=OutlookAnswer,
    visit_scope=True,
    summary="Say that you will be late",
    refusals=[NotFound, NotTheHost, VisitEnded],
)
async def put_late(call: Call[LateBody]) -> OutlookAnswer:
    """Whoever waits is told at once."""
    visit = call.uuid("id")
    return OutlookAnswer.of(*await call.app[LATENESS].say(call.caller, visit, call.body.minutes))
