"""Group sessions over HTTP: parse, call, answer."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from aiohttp import web

from telegut.scheduling import bookers
from telegut.scheduling.bodies.appointments import AppointmentAnswer
from telegut.scheduling.bodies.times import SlotAnswer, slots_json
from telegut.scheduling.groups import pages
from telegut.scheduling.groups.bodies import (
    CancelSessionBody,
    MoveSessionBody,
    OpenBody,
    SeatBody,
    SessionAnswer,
    SessionsQuery,
    StartsQuery,
)
from telegut.scheduling.groups.keys import GROUPS
from telegut.scheduling.groups.rules import (
    NoSeats,
    NotAGroup,
    SeatedAlready,
    SeatsInTheWay,
    SessionChanged,
    SessionClosed,
)
from telegut.scheduling.groups.service import GroupSessions
from telegut.scheduling.refusals import NotOffered, PatientBusy, SlotTaken
from telegut.web.api import Call, Endpoints, Page

STAFF = frozenset({"consultant", "nutritionist", bookers.COORDINATOR})

api = Endpoints("scheduling")


def install(app: web.Application, groups: GroupSessions) -> None:
    """Serve group sessions in *app*."""
    app[GROUPS] = groups
    api.install(app)
    pages.pages.install(app)


def _turn(call: Call[SeatBody]) -> AbstractAsyncContextManager[None]:
    """Two hundred who want the last seat wait here, and not with two hundred connections."""
    return call.app[GROUPS].turns.wait_for([call.uuid("id")])


@api.get(
    "/api/v1/group-sessions",
    query=SessionsQuery,
    answer=Page[SessionAnswer],
    summary="Group sessions",
    roles=bookers.BOOKERS,
)
async def get_group_sessions(call: Call[None]) -> Page[SessionAnswer]:
    """Sessions by their start, with the seats that are left."""
    query: SessionsQuery = call.query
    found = await call.app[GROUPS].coming(call.caller, query.since, query.until, query.service)
    return Page(items=[SessionAnswer.of(one) for one in found])


@api.post(
    "/api/v1/group-sessions",
    body=OpenBody,
    answer=SessionAnswer,
    status=201,
    summary="Open a group session",
    refusals=[SlotTaken, NotOffered, NotAGroup],
    roles=STAFF,
)
async def post_group_session(call: Call[OpenBody]) -> SessionAnswer:
    """Take the practitioners' time, and offer its seats."""
    body = call.body
    made = await call.app[GROUPS].open(
        call.caller, body.service, body.practitioners, body.start, title=body.title, count=body.seats
    )
    return SessionAnswer.of(await call.app[GROUPS].look(call.caller, made.id))


# Before the session itself, whose pattern would take the name for an id.
@api.get(
    "/api/v1/group-sessions/starts",
    query=StartsQuery,
    answer=Page[SlotAnswer],
    summary="When a group session could be opened",
    roles=STAFF,
)
async def get_group_session_starts(call: Call[None]) -> web.Response:
    """Every free time of these practitioners together."""
    query: StartsQuery = call.query
    people = tuple(query.practitioner)
    found = await call.app[GROUPS].starts(call.caller, query.service, people, query.since, query.until)
    return web.Response(body=slots_json(found), content_type="application/json")


@api.get("/api/v1/group-sessions/{id}", answer=SessionAnswer, summary="One group session", roles=bookers.BOOKERS)
async def get_group_session(call: Call[None]) -> SessionAnswer:
    """One session."""
    return SessionAnswer.of(await call.app[GROUPS].look(call.caller, call.uuid("id")))


@api.post(
    "/api/v1/group-sessions/{id}/seats",
    body=SeatBody,
    answer=AppointmentAnswer,
    status=201,
    summary="Take a seat in a group session",
    refusals=[NoSeats, SeatedAlready, SessionClosed, PatientBusy],
    roles=bookers.BOOKERS,
    turn=_turn,
)
async def post_seat(call: Call[SeatBody]) -> AppointmentAnswer:
    """A seat is an appointment; giving it back is cancelling that."""
    return AppointmentAnswer.of(await call.app[GROUPS].take_seat(call.caller, call.uuid("id"), call.body.patient))


@api.post(
    "/api/v1/group-sessions/{id}/reschedule",
    body=MoveSessionBody,
    answer=SessionAnswer,
    summary="Move a group session with every seat",
    refusals=[SessionChanged, SessionClosed, SeatsInTheWay, SlotTaken, NotOffered],
    roles=STAFF,
)
async def post_group_session_move(call: Call[MoveSessionBody]) -> SessionAnswer:
    """Everybody moves, or nobody."""
    groups, body = call.app[GROUPS], call.body
    moved = await groups.move(call.caller, call.uuid("id"), body.start, body.version)
    return SessionAnswer.of(await groups.look(call.caller, moved.id))


@api.post(
    "/api/v1/group-sessions/{id}/cancel",
    body=CancelSessionBody,
    answer=SessionAnswer,
    summary="Cancel a group session with every seat",
    refusals=[SessionChanged, SessionClosed],
    roles=STAFF,
)
async def post_group_session_cancel(call: Call[CancelSessionBody]) -> SessionAnswer:
    """Everybody who has a seat is told."""
    groups = call.app[GROUPS]
    ended = await groups.cancel(call.caller, call.uuid("id"), call.body.version)
    return SessionAnswer.of(await groups.look(call.caller, ended.id))
