"""Calendars elsewhere over HTTP: each practitioner's own."""

from __future__ import annotations

from aiohttp import web

from telegut.scheduling.busy.bodies import BusyAnswer, BusyBody, ConflictAnswer
from telegut.scheduling.busy.keying import BUSY
from telegut.scheduling.busy.service import BusyElsewhere
from telegut.scheduling.busy.sources import TooManySources
from telegut.scheduling.feeds.service import BOOKED
from telegut.web.api import Call, Endpoints, Page

api = Endpoints("calendars")


def install(app: web.Application, busy: BusyElsewhere) -> None:
    """Serve calendars elsewhere in *app*."""
    app[BUSY] = busy
    api.install(app)


@api.get("/api/v1/busy-calendars", answer=Page[BusyAnswer], summary="One's own calendars elsewhere", roles=BOOKED)
async def get_busy(call: Call[None]) -> Page[BusyAnswer]:
    """Each with how reading it went."""
    return Page(items=[BusyAnswer.of(one, times) for one, times in await call.app[BUSY].mine(call.caller)])


@api.post(
    "/api/v1/busy-calendars",
    body=BusyBody,
    answer=BusyAnswer,
    status=201,
    summary="Keep time free that another calendar of one's own has",
    refusals=[TooManySources],
    roles=BOOKED,
)
async def post_busy(call: Call[BusyBody]) -> BusyAnswer:
    """It is read within moments; until then nothing of it counts."""
    body = call.body
    made = await call.app[BUSY].add(call.caller, body.kind, body.name, body.url, body.user, body.password)
    return BusyAnswer.of(made, 0)


@api.delete("/api/v1/busy-calendars/{id}", summary="Forget a calendar elsewhere", roles=BOOKED)
async def delete_busy(call: Call[None]) -> None:
    """Its time is free at once."""
    await call.app[BUSY].remove(call.caller, call.uuid("id"))


@api.get(
    "/api/v1/busy-conflicts",
    answer=Page[ConflictAnswer],
    summary="One's visits in time that is busy elsewhere by now",
    roles=BOOKED,
)
async def get_busy_conflicts(call: Call[None]) -> Page[ConflictAnswer]:
    """Visits that were booked before the other calendar had something then."""
    return Page(items=[ConflictAnswer.of(one) for one in await call.app[BUSY].conflicts(call.caller)])
