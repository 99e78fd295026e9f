"""``/book``: three steps to a visit, or two to another time for one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from aiohttp import web

from telegut.errors import NotFound
from telegut.scheduling import bookers
from telegut.scheduling.bodies import AppointmentAnswer, PractitionerAnswer, ServiceAnswer
from telegut.scheduling.keys import SCHEDULING
from telegut.scheduling.rules import Status
from telegut.scheduling.screens.registry import pages
from telegut.web.api import Call, Query
from telegut.web.render import render
from telegut.web.words import gettext as _


class BookQuery(Query):
    """*move*: an appointment that needs another time. *patient*: whom staff books for."""

    move: UUID | None = None
    patient: UUID | None = None
    service: UUID | None = None
    practitioner: UUID | None = None


@pages.get("/book", roles=bookers.BOOKERS, query=BookQuery)
async def book(call: Call[None]) -> web.Response:
    """Three steps to a visit, or two to another time for one."""
    scheduling, caller, query = call.app[SCHEDULING], call.caller, call.query
    moved = await scheduling.appointment(caller, query.move) if query.move else None
    if moved is not None and moved.appointment.status is not Status.BOOKED:
        raise NotFound(_("This visit is no longer booked, so it cannot be moved."))
    policy, now = await scheduling.policy(caller)
    practitioners = await scheduling.practitioners(caller)
    facts: dict[str, Any] = {
        "services": [ServiceAnswer.of(one).model_dump(mode="json") for one in await scheduling.visit_types(caller)],
        "practitioners": [PractitionerAnswer.of(one).model_dump(mode="json") for one in practitioners],
        "moved": AppointmentAnswer.of(moved.appointment).model_dump(mode="json") if moved else None,
        "patient": str(query.patient) if query.patient else None,
        "service": str(query.service) if query.service else None,
        "practitioner": str(query.practitioner) if query.practitioner else None,
        "for_others": not caller.roles & {"patient"},
        "hold_minutes": int(policy.hold_for.total_seconds()) // 60,
        "now": now.isoformat(),
    }
    names = {one.provider.id: one.name for one in practitioners}
    return await render(call.request, "scheduling/book.html", {"facts": facts, "moved": moved, "names": names})
