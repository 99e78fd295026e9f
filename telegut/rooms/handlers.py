"""Visits over HTTP: parse, call, answer; and everything of rooms put into the application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from telegut import logs
from telegut.db.asked import Asker
from telegut.db.engine import Transaction
from telegut.errors import NotFound, TelegutError
from telegut.realtime.handlers import BUS
from telegut.rooms import readiness, visit_page
from telegut.rooms.captions.keys import CAPTIONS
from telegut.rooms.encryption import handlers as encryption
from telegut.rooms.entry import VisitCancelled
from telegut.rooms.making import RoomServices
from telegut.rooms.placing.metrics import MediaMetrics
from telegut.rooms.rehearsal.service import verdicts
from telegut.rooms.rules import refusals
from telegut.rooms.rules.visit import Place
from telegut.rooms.service import CHANGED, SYSTEM, Rooms, own_seat
from telegut.rooms.socket import FORWARDING, PATHS, SWITCHBOARD, get_rooms_socket
from telegut.rooms.views import LinkAnswer, TicketAnswer, VisitAnswer, WaitingAnswer, ice_answers
from telegut.rooms.visitors import ENTRY, LINK, VisitorWatch, by_visit_cookie
from telegut.web.api import LEDGER, Call, Endpoints, Page, again, first_answer
from telegut.web.health import CHECKS, METRICS
from telegut.web.idempotency import Attempt
from telegut.web.keys import RESOLVERS, SETTINGS
from telegut.web.sockets import SOCKETS

ROOMS: web.AppKey[Rooms] = web.AppKey("rooms")
WATCH: web.AppKey[VisitorWatch] = web.AppKey("rooms_visitor_watch")
log = logs.get("rooms")
api = Endpoints("visits")


def install(app: web.Application, made: RoomServices) -> None:
    """Serve rooms in *app*."""
    app[ROOMS], app[ENTRY], app[SWITCHBOARD], app[PATHS] = made.rooms, made.entry, made.board, made.paths
    app[FORWARDING], app[CAPTIONS] = made.forwarding, made.captions
    app[RESOLVERS].append(by_visit_cookie)
    for topic, callback in (made.board.topics() | made.forwarding.topics()).items():
        app[BUS].subscribe(topic, callback)
    watch = VisitorWatch(made.entry, app[SOCKETS])
    app[BUS].subscribe(CHANGED, watch.hear_changed)
    app[WATCH] = watch
    app[METRICS].registry.register(MediaMetrics(made.forwarding.fleet))
    api.install(app)
    visit_page.install(app)
    encryption.install(app, made.encryption)
    app.router.add_get("/rooms", get_rooms_socket)
    if app[SETTINGS].media_beside:
        app[CHECKS]["media"] = _media
    app.cleanup_ctx.append(_beating)


async def _media(app: web.Application) -> bool:
    return app[FORWARDING].well()


async def _beating(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(_beat(app), name="room beat")
    app[FORWARDING].start()
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await app[FORWARDING].stop()
    await app[WATCH].close()
    await app[SWITCHBOARD].close()


async def _beat(app: web.Application) -> None:
    beats = 0
    while True:
        await asyncio.sleep(app[SETTINGS].room_beat_s)
        try:
            await app[SWITCHBOARD].beat()
            await app[FORWARDING].beat()
            await app[WATCH].look()
            if beats % 100 == 0:
                await app[ENTRY].forget_old_tickets()
        except (TelegutError, SQLAlchemyError, OSError, TimeoutError) as exc:
            log.warning("beat missed", error=type(exc).__name__)
        beats += 1


@api.get("/api/v1/visits/waiting", answer=Page[WaitingAnswer], summary="Who waits to be let in by you")
async def get_waiting(call: Call[None]) -> Page[WaitingAnswer]:
    """Everybody who has knocked at a visit that the caller hosts, the longest wait first."""
    assert call.caller.account is not None
    rooms = call.app[ROOMS]
    found = await rooms.waiting(call.caller.account)
    async with rooms.db.begin(SYSTEM) as tx:
        tried = await verdicts(tx, [room.visit.id for room in found]) if found else {}
    items = [
        WaitingAnswer.of(room, seat, seat.since, tried.get(room.visit.id, {}).get(seat.account))
        for room in found
        for seat in room.visit.seats
        if seat.state is Place.WAITING and seat.since is not None
    ]
    return Page(items=items)


@api.get(
    "/api/v1/visits/{id}", answer=VisitAnswer, visit_scope=True, summary="The state of a visit", refusals=[NotFound]
)
async def get_visit(call: Call[None]) -> VisitAnswer:
    """The one authoritative state, for everybody with a seat in it."""
    room = await call.app[ROOMS].view(call.caller, call.uuid("id"))
    return VisitAnswer.of(room, own_seat(room, call.caller))


@api.get(
    "/api/v1/visits/{id}/link", answer=LinkAnswer, visit_scope=True, summary="Your link to a visit", refusals=[NotFound]
)
async def get_link(call: Call[None]) -> LinkAnswer:
    """The caller's own personal link, as a path."""
    return LinkAnswer(url=await call.app[ENTRY].link_for(call.caller, call.uuid("id")))


@api.post(
    "/api/v1/visits/{id}/check",
    status=204,
    visit_scope=True,
    own_transaction=True,  # it is rooms that looks at the visit, not the caller; the same again is harmless
    summary="Say that your camera and sound work",
    refusals=[NotFound],
)
async def post_check(call: Call[None]) -> None:
    """Your own browser saw and heard you in the check before this visit."""
    await readiness.passed(call.app[ROOMS], call.caller, call.uuid("id"))


@api.post(
    "/api/v1/visits/{id}/tickets",
    answer=TicketAnswer,
    status=201,
    visit_scope=True,
    own_transaction=True,
    summary="A ticket to your seat",
    refusals=[NotFound, refusals.NotOpenYet, refusals.VisitEnded, VisitCancelled, refusals.Barred],
)
async def post_ticket(call: Call[None]) -> web.Response:
    """
    A key to the caller's seat for one socket, once, within a minute.

    Its own transaction, because it is rooms that looks at the visit and not the caller.
    """
    rooms, entry = call.app[ROOMS], call.app[ENTRY]
    visit, visitor = call.uuid("id"), call.request.get(LINK)
    known = visitor.room if visitor is not None and visitor.link.visit == visit else None
    room = await rooms.view(call.caller, visit, known)
    paths = await call.app[PATHS].servers(room.visit.id, own_seat(room, call.caller).account)

    async def issue(db: Asker) -> web.Response:
        came_by, asked_at = (visitor.link.id, visitor.asked_at) if visitor else (None, None)
        ticket = await entry.issue_ticket(db, call.caller, room, came_by, asked_at)
        answer = TicketAnswer(
            ticket=ticket.secret,
            expires_at=ticket.expires_at,
            ice_servers=ice_answers(paths),
            ice_transport_policy=paths.policy,
        )
        return web.Response(status=201, body=answer.model_dump_json().encode(), content_type="application/json")

    async def once(tx: Transaction, attempt: Attempt) -> web.Response:
        first = await call.app[LEDGER].claim(tx, attempt)
        if first is not None:
            return again(first)
        response = await issue(tx)
        await call.app[LEDGER].keep(tx, attempt, first_answer(response))
        return response

    attempt = call.attempt
    return await (issue(rooms.db) if attempt is None else rooms.db.run(SYSTEM, lambda tx: once(tx, attempt)))
