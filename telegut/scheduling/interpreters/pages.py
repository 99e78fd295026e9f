"""
``/interpreting``: what an interpreter has ahead: when, for how long, with whom, and the way in.

Of the patient they are told the first name, to greet them by, and nothing else: neither the kind of visit's reason nor
anything of the record is on this page, in their mails or in their room.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from aiohttp import web

from telegut.accounts.people import Person
from telegut.scheduling.appointments import INTERPRETER, Appointment, Filter
from telegut.scheduling.choice.keys import CHOICE
from telegut.scheduling.groups.rules import first_name
from telegut.scheduling.keys import SCHEDULING
from telegut.scheduling.rules import Status
from telegut.web.api import Call
from telegut.web.pages import Pages
from telegut.web.render import render

pages = Pages("scheduling")

AHEAD: Final = timedelta(days=60)
SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Task:
    """One visit to translate. *patient*: a first name."""

    visit: Appointment
    patient: str
    hosts: tuple[str, ...]


def install(app: web.Application) -> None:
    """Serve the interpreters' page in *app*."""
    pages.install(app)


@pages.get("/interpreting", roles={INTERPRETER})
async def get_interpreting(call: Call[None]) -> web.Response:
    """The visits that are ahead or under way."""
    scheduling, caller = call.app[SCHEDULING], call.caller
    _, now = await scheduling.policy(caller)
    wanted = Filter(since=now, until=now + AHEAD, practitioner=caller.account, status=Status.BOOKED)
    found, names, now = await scheduling.with_people(caller, wanted, limit=SHOWN)
    tasks = [_task(one.appointment, names) for one in found]
    hours = await scheduling.hours.of(caller, caller.account) if caller.account else None
    context = {
        "tasks": tasks,
        "now": now,
        "has_hours": hours is not None and bool(hours.rules or hours.exceptions),
        "has_languages": bool(caller.account and await call.app[CHOICE].languages(caller, caller.account)),
    }
    return await render(call.request, "scheduling/interpreting.html", context)


def _task(one: Appointment, names: Mapping[UUID, Person]) -> Task:
    hosts = tuple(names[person].name for person in one.practitioners if person in names)
    return Task(one, first_name(names[one.patient].name) if one.patient in names else "", hosts)
