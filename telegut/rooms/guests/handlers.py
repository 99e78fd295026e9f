"""Guests, colleagues and who was there, over HTTP."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from aiohttp import web

from telegut.errors import NotFound
from telegut.rooms import store
from telegut.rooms.adding import EnoughGuests, Full, NotInAGroup
from telegut.rooms.attendance import attendance
from telegut.rooms.guests.service import AlreadyHere, Guest, Guests, NotAGuest
from telegut.rooms.rules.people import check_host
from telegut.rooms.rules.refusals import NotTheHost, VisitEnded
from telegut.rooms.service import SYSTEM, own_seat
from telegut.web.api import Answer, Body, Call, Endpoints, Instant, Page

GUESTS: web.AppKey[Guests] = web.AppKey("rooms_guests")
api = Endpoints("visits")


def install(app: web.Application, guests: Guests) -> None:
    """Serve it in *app*."""
    app[GUESTS] = guests
    api.install(app)


class GuestBody(Body):
    """Somebody to ask in: *name* is shown to everybody in the visit, *role* beside it."""

    name: str
    role: str


class ColleagueBody(Body):
    """Somebody of the patient's care team."""

    practitioner: UUID


class GuestAnswer(Answer):
    """Somebody invited, with their way in: *url* is a path for them alone. consent: the patient's, or the group's."""

    account: UUID
    name: str
    role: Literal["interpreter", "supporter", "student"]
    url: str
    consent: Literal["asked", "given", "refused"] | None

    @classmethod
    def of(cls, guest: Guest) -> GuestAnswer:
        """*guest*, for a host."""
        seat = guest.seat
        return cls(account=seat.account, name=guest.name, role=seat.role, url=guest.path, consent=guest.consent)


class ColleagueAnswer(Answer):
    """Somebody who could be called in."""

    account: UUID
    name: str


class StayAnswer(Answer):
    """From when until when somebody was in the room."""

    start: Instant
    end: Instant


class AttendanceAnswer(Answer):
    """Who was in the room when."""

    account: UUID
    name: str
    role: str
    host: bool
    stays: list[StayAnswer]


_REFUSALS = [NotFound, NotTheHost]


@api.get(
    "/api/v1/visits/{id}/guests",
    answer=Page[GuestAnswer],
    visit_scope=True,
    summary="Who is invited to a visit by a link",
    refusals=_REFUSALS,
)
async def get_guests(call: Call[None]) -> Page[GuestAnswer]:
    """For hosts: every invitation that holds, with its link."""
    found = await call.app[GUESTS].invited(call.caller, call.uuid("id"))
    return Page(items=[GuestAnswer.of(one) for one in found])


@api.post(
    "/api/v1/visits/{id}/guests",
    body=GuestBody,
    answer=GuestAnswer,
    status=201,
    visit_scope=True,
    summary="Invite an interpreter, a supporter or a student",
    refusals=[*_REFUSALS, EnoughGuests, Full, VisitEnded],
)
async def post_guest(call: Call[GuestBody]) -> GuestAnswer:
    """A link for one person to this visit alone. A student, in a group also a supporter, comes in once all said yes."""
    _, guest = await call.app[GUESTS].invite(call.caller, call.uuid("id"), call.body.name, call.body.role)
    return GuestAnswer.of(guest)


@api.delete(
    "/api/v1/visits/{id}/guests/{account}",
    status=204,
    visit_scope=True,
    summary="End an invitation",
    refusals=[*_REFUSALS, NotAGuest],
)
async def delete_guest(call: Call[None]) -> None:
    """The link opens nothing any more, and whoever came by it is out at once."""
    await call.app[GUESTS].withdraw(call.caller, call.uuid("id"), call.uuid("account"))


@api.get(
    "/api/v1/visits/{id}/colleagues",
    answer=Page[ColleagueAnswer],
    visit_scope=True,
    summary="Who could be called into a visit",
    refusals=_REFUSALS,
)
async def get_colleagues(call: Call[None]) -> Page[ColleagueAnswer]:
    """For hosts: the patient's care team, without who has a seat already."""
    found = await call.app[GUESTS].colleagues(call.caller, call.uuid("id"))
    return Page(items=[ColleagueAnswer(account=one.id, name=one.name) for one in found])


@api.post(
    "/api/v1/visits/{id}/colleagues",
    body=ColleagueBody,
    status=204,
    visit_scope=True,
    summary="Call a colleague in",
    refusals=[*_REFUSALS, AlreadyHere, NotInAGroup, Full, VisitEnded],
)
async def post_colleague(call: Call[ColleagueBody]) -> None:
    """They are a host from now on, and can go on with the visit when the first one leaves. Nobody needs a new link."""
    await call.app[GUESTS].call_in(call.caller, call.uuid("id"), call.body.practitioner)


@api.get(
    "/api/v1/visits/{id}/attendance",
    answer=Page[AttendanceAnswer],
    visit_scope=True,
    summary="Who was in a visit when",
    refusals=_REFUSALS,
)
async def get_attendance(call: Call[None]) -> Page[AttendanceAnswer]:
    """For hosts, during the visit and after it."""
    rooms = call.app[GUESTS].entry.rooms
    room = await rooms.view(call.caller, call.uuid("id"))
    check_host(room.visit, own_seat(room, call.caller).account)
    async with rooms.db.begin(SYSTEM) as tx:
        facts = await store.evidence(tx, room.visit.id)
    found = attendance(facts, room.visit.seats, room.visit.ended_at or rooms.now())
    return Page(
        items=[
            AttendanceAnswer(
                account=one.seat.account,
                name=room.name(one.seat.account),
                role=one.seat.role,
                host=one.seat.host,
                stays=[StayAnswer(start=stay.start, end=stay.end) for stay in one.stays],
            )
            for one in found
        ]
    )
