"""The waitlist and holds over HTTP: parse, call, answer. No rules live here."""

from __future__ import annotations

from aiohttp import web

from telegut.scheduling import bookers
from telegut.scheduling.bodies.appointments import AppointmentAnswer
from telegut.scheduling.holding import HoldExpired, HoldRenewed, HoldUsed, OfferNotRenewed
from telegut.scheduling.refusals import NotOffered
from telegut.scheduling.waitlist import screens
from telegut.scheduling.waitlist.bodies import (
    AcceptBody,
    EntryAnswer,
    HeldAnswer,
    JoinBody,
    OfferAnswer,
    UrgencyBody,
    WaitlistQuery,
)
from telegut.scheduling.waitlist.keys import WAITLIST
from telegut.scheduling.waitlist.rules import Urgency
from telegut.scheduling.waitlist.service import OfferGone, Waitlist
from telegut.scheduling.waitlist.store import AlreadyWaiting, EntryChanged
from telegut.web.api import Call, Endpoints, Page

api = Endpoints("scheduling")


def install(app: web.Application, waitlist: Waitlist) -> None:
    """Serve the waitlist in *app*."""
    app[WAITLIST] = waitlist
    api.install(app)
    screens.pages.install(app)


@api.post(
    "/api/v1/waitlist",
    body=JoinBody,
    answer=EntryAnswer,
    status=201,
    summary="Wait for a time to become free",
    refusals=[AlreadyWaiting],
    roles=bookers.BOOKERS,
)
async def post_waitlist(call: Call[JoinBody]) -> EntryAnswer:
    """Put a patient on the list."""
    body = call.body
    urgency = Urgency(body.urgency)
    return EntryAnswer.of(
        await call.app[WAITLIST].join(call.caller, body.wish(), patient=body.patient, urgency=urgency)
    )


@api.get("/api/v1/waitlist", query=WaitlistQuery, answer=Page[EntryAnswer], summary="Who waits, in order")
async def get_waitlist(call: Call[None]) -> Page[EntryAnswer]:
    """The entries that the caller may see, in the order in which offers are made."""
    found = await call.app[WAITLIST].entries(call.caller, call.query.patient)
    return Page(items=[EntryAnswer.of(one) for one in found])


@api.delete("/api/v1/waitlist/{id}", status=204, summary="Wait no longer", roles=bookers.BOOKERS)
async def delete_entry(call: Call[None]) -> None:
    """Take an entry off the list."""
    await call.app[WAITLIST].leave(call.caller, call.uuid("id"))


@api.patch(
    "/api/v1/waitlist/{id}",
    body=UrgencyBody,
    answer=EntryAnswer,
    summary="Say how soon somebody needs to be seen",
    refusals=[EntryChanged],
    roles={"consultant", "nutritionist", bookers.COORDINATOR},
)
async def patch_entry(call: Call[UrgencyBody]) -> EntryAnswer:
    """Another class of urgency: for staff."""
    body = call.body
    urgency = Urgency(body.urgency)
    return EntryAnswer.of(await call.app[WAITLIST].set_urgency(call.caller, call.uuid("id"), urgency, body.version))


@api.get("/api/v1/waitlist/offers", answer=Page[OfferAnswer], summary="Times kept for those who waited")
async def get_offers(call: Call[None]) -> Page[OfferAnswer]:
    """Offers that can be answered at this moment."""
    return Page(items=[OfferAnswer.of(one) for one in await call.app[WAITLIST].offers(call.caller)])


@api.post(
    "/api/v1/waitlist/offers/{offer}/accept",
    body=AcceptBody,
    answer=AppointmentAnswer,
    status=201,
    summary="Take an offered time",
    refusals=[OfferGone, HoldUsed, NotOffered],
    roles=bookers.BOOKERS,
)
async def post_accept(call: Call[AcceptBody]) -> AppointmentAnswer:
    """Book what was offered."""
    booked = await call.app[WAITLIST].accept(call.caller, call.uuid("offer"), call.body.reason or "")
    return AppointmentAnswer.of(booked)


@api.post(
    "/api/v1/waitlist/offers/{offer}/decline",
    status=204,
    summary="Pass an offered time on",
    refusals=[HoldUsed],
    roles=bookers.BOOKERS,
)
async def post_decline(call: Call[None]) -> None:
    """Let it go to the next."""
    await call.app[WAITLIST].decline(call.caller, call.uuid("offer"))


@api.get("/api/v1/holds", answer=Page[HeldAnswer], summary="Times kept for oneself", roles=bookers.BOOKERS)
async def get_holds(call: Call[None]) -> Page[HeldAnswer]:
    """The caller's holds that last at this moment."""
    return Page(items=[HeldAnswer.of(one) for one in await call.app[WAITLIST].holds(call.caller)])


@api.post(
    "/api/v1/holds/{id}/renew",
    answer=HeldAnswer,
    summary="Keep a time for longer, once",
    refusals=[HoldRenewed, OfferNotRenewed, HoldUsed, HoldExpired],
    roles=bookers.BOOKERS,
)
async def post_renew(call: Call[None]) -> HeldAnswer:
    """As long again, from now."""
    return HeldAnswer.of(await call.app[WAITLIST].renew_hold(call.caller, call.uuid("id")))


@api.delete(
    "/api/v1/holds/{id}", status=204, summary="Give a kept time back", refusals=[HoldUsed], roles=bookers.BOOKERS
)
async def delete_hold(call: Call[None]) -> None:
    """Free at once."""
    await call.app[WAITLIST].release_hold(call.caller, call.uuid("id"))
