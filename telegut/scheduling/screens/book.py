"""``/book``: three steps to a visit, or two to another time for one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from aiohttp import web
from pydantic import Field

from telegut.errors import NotFound
from telegut.scheduling import bookers, catalogue, ground
from telegut.scheduling.bodies.offered import PractitionerAnswer, ServiceAnswer
from telegut.scheduling.booking import PRACTITIONERS_AT_MOST
from telegut.scheduling.interpreters import finding
from telegut.scheduling.keys import SCHEDULING
from telegut.scheduling.moves import movable
from telegut.scheduling.screens.registry import pages
from telegut.web.api import Call, Query, instant_text
from telegut.web.keys import DATABASE
from telegut.web.render import render
from telegut.web.words import gettext as _


class BookQuery(Query):
    """
    Where in the three steps somebody is.

    move: an appointment that needs another time. patient: whom staff books for. The rest is what was chosen so far,
    read by the page's script from its address.
    """

    move: UUID | None = None
    patient: UUID | None = None
    service: UUID | None = None
    practitioner: list[UUID] = Field(default=[], max_length=PRACTITIONERS_AT_MOST)
    language: str = Field("", max_length=40)
    topic: str = Field("", max_length=40)
    day: str = Field("", max_length=10)
    interpreter: str = Field("", max_length=40)


@pages.get("/book", roles=bookers.BOOKERS, query=BookQuery)
async def book(call: Call[None]) -> web.Response:
    """Three steps to a visit, or two to another time for one."""
    moved = await movable(call.app[SCHEDULING], call.caller, call.query.move) if call.query.move else None
    if moved is not None and not moved.is_ahead:
        raise NotFound(_("This visit is over or no longer booked, so it cannot be moved."))
    facts = moved.facts() if moved else await _facts(call)
    in_groups = any(one.seats > 1 for one in await call.app[SCHEDULING].visit_types(call.caller))
    ahead = 0 if moved else await enough(call)
    context = {"facts": facts, "moved": moved, "in_groups": in_groups, "enough": ahead}
    return await render(call.request, "scheduling/book.html", context)


async def _facts(call: Call[None]) -> dict[str, Any]:
    """What the script of the three steps begins with."""
    scheduling, caller, query = call.app[SCHEDULING], call.caller, call.query
    policy, now = await scheduling.policy(caller)
    kinds = await scheduling.visit_types(caller)
    practitioners = await scheduling.practitioners(caller)
    notice = {str(one.id): _minutes(policy.for_visit(one).cancel_notice) for one in kinds}
    return {
        "services": [ServiceAnswer.of(one).model_dump(mode="json") for one in kinds if one.seats == 1],
        "practitioners": [PractitionerAnswer.of(one).model_dump(mode="json") for one in practitioners],
        "translated": await _translated(call),
        "patient": str(query.patient) if query.patient else None,
        "for_others": not caller.roles & {"patient"},
        "hold_minutes": _minutes(policy.hold_for),
        "cancel_notice_minutes": notice,
        "now": instant_text(now),
        "until": instant_text(now + policy.horizon),
    }


async def enough(call: Call[None]) -> int:
    """How many visits the caller has ahead, when those are as many as can be booked at once; otherwise 0."""
    if bookers.is_staff(call.caller):
        return 0
    async with call.app[DATABASE].begin(call.caller) as tx:
        policy, now = await catalogue.clinic_policy(tx)
        patient = await bookers.patient_of(tx, None)
        ahead = (await ground.count_ahead(tx, [patient], now)).get(patient, 0) if patient else 0
    return ahead if ahead >= policy.max_future_visits else 0


async def _translated(call: Call[None]) -> list[str]:
    """The languages that somebody here translates."""
    async with call.app[DATABASE].begin(call.caller) as tx:
        return await finding.spoken(tx)


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds()) // 60
