"""``/j/{secret}``: one link for one person and one visit, right before it, during it and after it."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from telegut.db.caller import Caller
from telegut.errors import Conflict, Gone, NotFound, Refused
from telegut.rooms import seating
from telegut.rooms.captions.keys import CAPTIONS
from telegut.rooms.entry import Visitor
from telegut.rooms.lost.handlers import LOST
from telegut.rooms.moments import Moment, moment_of
from telegut.rooms.recordings import store as recordings
from telegut.rooms.rules.visit import Phase
from telegut.rooms.service import SYSTEM
from telegut.rooms.sight import COMPANIONS, INTERPRETER, SHOWN_PANELS
from telegut.rooms.socket import PATHS
from telegut.rooms.store import Room
from telegut.rooms.views import BroughtTicketAnswer, ice_answers
from telegut.rooms.visitors import ENTRY, arrived, set_cookie, visitor_of
from telegut.scheduling import appointments, bookers, links
from telegut.scheduling.intake.keys import INTAKE
from telegut.scheduling.keys import SCHEDULING
from telegut.scheduling.moves import movable_visit
from telegut.web.api import Call
from telegut.web.identity import identify, vouch
from telegut.web.keys import CSRF, DATABASE, NOW
from telegut.web.pages import Pages
from telegut.web.render import render
from telegut.web.security import csrf_token

pages = Pages("rooms")


def install(app: web.Application) -> None:
    """Serve the pages of rooms in *app*."""
    pages.install(app)


@pages.get("/j/{secret}", open=True)
async def get_personal_link(call: Call[None]) -> web.Response:
    """The page that is right at this moment; for anybody else, a page that says nothing about anyone."""
    secret = call.request.match_info["secret"]
    try:
        visitor = await visitor_of(call.request, secret)
    except NotFound:
        return await _nobodys_page(call.request, 404)
    signed_in = call.caller.session is not None
    if signed_in and call.caller.account != visitor.link.account:
        return await _nobodys_page(call.request, 403)
    caller = call.caller if signed_in else await _arrive(call.request, visitor)
    room = await call.app[ENTRY].rooms.look(visitor.link.visit, visitor.room)
    if room.visit.last_seat(visitor.link.account).barred and room.visit.phase is not Phase.ENDED:
        return await _sent_out_page(call.request)
    context = _context(room, caller, visitor, call.app)
    host = context["me"].host
    if host:
        around = await _afterwards(call.app, room)
    elif context["is_open"]:
        around = await _form_beside(call.app, room, caller) if not context["me"].admitted else {}
    else:
        around = await _around(call.app, room, caller)
    ticket = await _ticket(call.app, room, caller, visitor) if context["is_open"] else None
    recorded = context["record"] is not None and await _was_recorded(call.app, room)
    more = {"change": None, "form": None, "course": None, "ticket": ticket, "recorded": recorded}
    context = {**more, **context, **around}
    response = await render(call.request, "rooms/visit.html", context)
    if not signed_in:
        set_cookie(call.request, response, secret)
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is a key
    return response


@pages.get("/visits/{id}", visit_scope=True)
async def get_own_visit(call: Call[None]) -> web.Response:
    """The way from other pages into a visit: on to the caller's own link."""
    raise web.HTTPSeeOther(await call.app[ENTRY].link_for(call.caller, call.uuid("id")))


async def _arrive(request: web.Request, visitor: Visitor) -> Caller:
    """The request comes from *visitor* from here on, with a token for the changes their page makes."""
    vouch(request, arrived(request, visitor))
    caller = await identify(request)
    request[CSRF] = csrf_token(request, caller)
    return caller


async def _nobodys_page(request: web.Request, status: int) -> web.Response:
    response = await render(request, "rooms/nobody.html", {}, status=status)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


async def _sent_out_page(request: web.Request) -> web.Response:
    response = await render(request, "rooms/sent_out.html", {}, status=403)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


async def _ticket(app: web.Application, room: Room, caller: Caller, visitor: Visitor) -> dict[str, Any] | None:
    """What this page takes its seat with: it need not ask for it, and nothing is written before it is used."""
    entry, came_by = app[ENTRY], visitor.link.id if caller.session is None else None
    try:
        ticket = await entry.issue_ticket(app[DATABASE], caller, room, came_by, visitor.asked_at)
    except (NotFound, Refused, Conflict, Gone):
        return None  # the room was closed in this moment: whoever asks is told why
    paths = await app[PATHS].servers(room.visit.id, visitor.link.account)
    return BroughtTicketAnswer(
        ticket=ticket.secret,
        expires_at=ticket.expires_at,
        ice_servers=ice_answers(paths),
        ice_transport_policy=paths.policy,
        good_for_s=int(entry.ticket_lifetime.total_seconds()),
    ).model_dump(mode="json")


async def _around(app: web.Application, room: Room, caller: Caller) -> dict[str, Any]:
    """What the patient's side may still change, and whether a form waits; nothing of that for anybody else."""
    try:
        change = await movable_visit(app[SCHEDULING], caller, room.visit.id)
    except (NotFound, Refused):
        return {}
    async with app[DATABASE].begin(caller) as tx:
        await links.enter(tx)
        form = await app[INTAKE].glance(tx, change.appointment.id)
    return {"change": change, "form": form}


async def _form_beside(app: web.Application, room: Room, caller: Caller) -> dict[str, Any]:
    """While the room is open nothing is moved any more; a form may still wait for the patient's side."""
    async with app[DATABASE].begin(caller) as tx:
        await links.enter(tx)
        try:
            appointment = await appointments.of_visit(tx, room.visit.id)
            await bookers.check_may_change(tx, appointment)
        except (NotFound, Refused):
            return {}
        return {"form": await app[INTAKE].glance(tx, appointment.id)}


async def _afterwards(app: web.Application, room: Room) -> dict[str, Any]:
    """What a practitioner sees of a visit that is over: what its call lost, and what that suggests."""
    return {"course": await app[LOST].of(room)} if room.visit.phase is Phase.ENDED else {}


async def _was_recorded(app: web.Application, room: Room) -> bool:
    """Whether there is a recording of a visit that is over, for those who may see the record."""
    if room.visit.phase is not Phase.ENDED:
        return False
    async with app[DATABASE].begin(SYSTEM) as tx:
        last = await recordings.last(tx, room.visit.id)
    return last is not None and last.started_at is not None and last.withdrawn_at is None and last.removed_at is None


def _context(room: Room, caller: Caller, visitor: Visitor, app: web.Application) -> dict[str, Any]:
    me = room.visit.last_seat(visitor.link.account)
    over, outcome = room.cancelled or me.withdrawn, room.outcome_for(me.account)
    moment = moment_of(room.visit, cancelled=over, outcome=outcome, now=app[NOW]())
    hosts = [seat for seat in room.visit.seats if seat.host]
    seen = seating.seen_by(room.visit, me, group=room.is_group)
    names = {seat.account: seating.name(room.name(seat.account), seat, me, group=room.is_group) for seat in seen}
    return {
        "room": room,
        "visit": room.visit,
        "facts": room.facts,
        "me": me,
        "hosts": [(room.name(seat.account), seat.role) for seat in hosts],
        "others": [(names[seat.account], seat.role) for seat in seen if seat.account != me.account],
        "patient_name": names.get(room.facts.patient, "") if room.facts.patient else room.facts.service_name,
        "is_group": room.is_group,
        "translates": me.role == INTERPRETER,
        "accompanies": me.role in COMPANIONS,
        "may_be_shown": me.role in SHOWN_PANELS and not room.is_group,
        "invited": me.invited is not None,
        "record": room.record_for(me),
        "moment": moment.value,
        "is_before": moment.before,
        "is_open": moment is Moment.OPEN,
        "signed_in": caller.session is not None,
        "captions": app[CAPTIONS].available,
        "now": app[NOW](),
    }
