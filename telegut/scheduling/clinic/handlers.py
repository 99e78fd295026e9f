"""The clinic's numbers and holidays over HTTP: parse, call, answer."""

from __future__ import annotations

from aiohttp import web

from telegut.scheduling.bodies.offered import ServiceAnswer
from telegut.scheduling.clinic.bodies import (
    HolidaysAnswer,
    HolidaysBody,
    NumbersAnswer,
    NumbersBody,
    OwnNumbersBody,
    UnfitAnswer,
)
from telegut.scheduling.clinic.keys import CLINIC
from telegut.scheduling.clinic.service import MANAGING, Clinic, HolidaysChanged, NumbersChanged
from telegut.web.api import Call, Endpoints, Page

api = Endpoints("scheduling")


def install(app: web.Application, clinic: Clinic) -> None:
    """Serve the clinic's numbers in *app*."""
    app[CLINIC] = clinic
    api.install(app)


@api.get("/api/v1/scheduling/policy", answer=NumbersAnswer, summary="The clinic's numbers")
async def get_policy(call: Call[None]) -> NumbersAnswer:
    """Notice, horizon, limits: for everybody."""
    return NumbersAnswer.of(await call.app[CLINIC].numbers(call.caller))


@api.put(
    "/api/v1/scheduling/policy",
    body=NumbersBody,
    answer=NumbersAnswer,
    summary="Change the clinic's numbers",
    refusals=[NumbersChanged],
    roles=MANAGING,
)
async def put_policy(call: Call[NumbersBody]) -> NumbersAnswer:
    """What is not named stays."""
    clinic, body = call.app[CLINIC], call.body
    before = await clinic.numbers(call.caller)
    return NumbersAnswer.of(await clinic.set_numbers(call.caller, body.version, body.changed(before.policy)))


@api.put(
    "/api/v1/services/{id}/numbers",
    body=OwnNumbersBody,
    answer=ServiceAnswer,
    summary="Give a kind of visit its own numbers",
    roles=MANAGING,
)
async def put_own_numbers(call: Call[OwnNumbersBody]) -> ServiceAnswer:
    """Notice, horizon and grid of one kind of visit."""
    return ServiceAnswer.of(await call.app[CLINIC].set_own_numbers(call.caller, call.uuid("id"), call.body.numbers()))


@api.get("/api/v1/scheduling/holidays", answer=HolidaysAnswer, summary="When the clinic is closed")
async def get_holidays(call: Call[None]) -> HolidaysAnswer:
    """The clinic's holidays."""
    return HolidaysAnswer.of(await call.app[CLINIC].holidays(call.caller))


@api.put(
    "/api/v1/scheduling/holidays",
    body=HolidaysBody,
    answer=HolidaysAnswer,
    summary="Set when the clinic is closed",
    refusals=[HolidaysChanged],
    roles=MANAGING,
)
async def put_holidays(call: Call[HolidaysBody]) -> HolidaysAnswer:
    """All of the clinic's holidays; visits that are booked stay, and are counted."""
    return HolidaysAnswer.of(await call.app[CLINIC].set_holidays(call.caller, call.body.version, call.body.days()))


@api.get(
    "/api/v1/practitioners/{id}/conflicts", answer=Page[UnfitAnswer], summary="Visits that no longer fit the hours"
)
async def get_conflicts(call: Call[None]) -> Page[UnfitAnswer]:
    """The booked visits ahead that lie outside somebody's hours, in time off or on a holiday."""
    found = await call.app[CLINIC].unfit(call.caller, call.uuid("id"))
    return Page(items=[UnfitAnswer.of(one) for one in found])
