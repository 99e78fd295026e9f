"""The first pages: where a sign-in leads, the patient's today, the list of patients, and a patient's record."""

from __future__ import annotations

from uuid import UUID

from aiohttp import web

from telegut.home.day import page as day_page
from telegut.home.day.service import Days
from telegut.home.service import Home
from telegut.scheduling.waitlist.keys import WAITLIST
from telegut.web.api import Call, Query
from telegut.web.keys import NOW, SETTINGS
from telegut.web.navigation import first_page
from telegut.web.pages import Pages
from telegut.web.render import render

pages = Pages("home")

HOME: web.AppKey[Home] = web.AppKey("home")

THEIR_SIDE = {"patient", "guardian"}
TEAM = {"consultant", "nutritionist"}


def install(app: web.Application, home: Home, days: Days) -> None:
    """Serve the pages."""
    app[HOME] = home
    pages.install(app)
    day_page.install(app, days)


@pages.get("/", open=True)
async def get_first(call: Call[None]) -> web.Response:
    """Nothing of its own: on to the first page of whoever this is."""
    if call.caller.session is not None:
        raise web.HTTPFound(first_page(call.caller.roles))
    raise web.HTTPFound("/demo" if call.app[SETTINGS].mode == "demo" else "/sign-in")


@pages.get("/welcome")
async def get_welcome(call: Call[None]) -> web.Response:
    """What people can do here whose work is not with patients."""
    return await render(call.request, "home/welcome.html", {})


class TodayQuery(Query):
    """Whose today, for those who look after several people."""

    patient: UUID | None = None


@pages.get("/today", roles=THEIR_SIDE, query=TodayQuery)
async def get_today(call: Call[None]) -> web.Response:
    """The patient's today."""
    today = await call.app[HOME].today(call.caller, call.query.patient)
    offers = await call.app[WAITLIST].offers(call.caller)
    return await render(call.request, "home/today.html", {"today": today, "offers": offers, "now": call.app[NOW]()})


@pages.get("/patients", roles=TEAM)
async def get_patients(call: Call[None]) -> web.Response:
    """Everybody in the caller's care."""
    patients = await call.app[HOME].listed(call.caller)
    return await render(call.request, "home/patients.html", {"patients": patients, "now": call.app[NOW]()})


@pages.get("/patients/{id}", roles=TEAM)
async def get_record(call: Call[None]) -> web.Response:
    """One patient on one page."""
    record = await call.app[HOME].record(call.caller, call.uuid("id"))
    return await render(call.request, "home/record.html", {"record": record, "now": call.app[NOW]()})


@pages.get("/appointments/{id}")
async def get_visit_of(call: Call[None]) -> web.Response:
    """On to the visit's own page; what a message points at is the appointment."""
    found = await call.app[HOME].scheduling.appointment(call.caller, call.uuid("id"))
    raise web.HTTPFound(f"/visits/{found.appointment.visit}")
