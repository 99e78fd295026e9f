"""Visits whose hour somebody has to look at, over HTTP and as a page."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from aiohttp import web

from telegut.errors import NotFound
from telegut.scheduling.bodies.appointments import AppointmentAnswer
from telegut.scheduling.changing import Stale
from telegut.scheduling.refusals import PatientBusy, SlotTaken
from telegut.scheduling.zone_check.service import Listed, Settled, TimeOfAGroup, ZoneCheck
from telegut.web.api import Answer, Body, Call, Endpoints, Instant, Page
from telegut.web.pages import Pages
from telegut.web.render import render

ZONE_CHECK = web.AppKey("zone_check", ZoneCheck)
STAFF = frozenset({"consultant", "nutritionist", "coordinator"})
api = Endpoints("scheduling")
pages = Pages("scheduling")


def install(app: web.Application, check: ZoneCheck) -> None:
    """Serve them in *app*."""
    app[ZONE_CHECK] = check
    api.install(app)
    pages.install(app)


class FindingAnswer(Answer):
    """
    A visit whose wall time means another instant by the zone data of now.

    agreed_start: what the clocks of *zone* were to show. start: the instant that is kept. would_be: the instant that
    the wall time means now.
    """

    id: UUID
    appointment: UUID
    patient: UUID
    practitioners: list[UUID]
    zone: str
    agreed_start: str
    start: Instant
    would_be: Instant
    zone_data: str

    @classmethod
    def of(cls, one: Listed) -> FindingAnswer:
        """As an answer."""
        moved = one.finding.moved
        return cls(
            id=one.finding.id,
            appointment=one.appointment.id,
            patient=one.appointment.patient,
            practitioners=list(one.appointment.practitioners),
            zone=moved.zone,
            agreed_start=_wall(moved.agreed_start),
            start=moved.start,
            would_be=moved.would_be,
            zone_data=one.finding.version,
        )


class DecisionBody(Body):
    """*wall*: the visit moves to what its wall time means now. *instant*: it stays, and shows another hour."""

    keep: Literal["wall", "instant"]


@api.get(
    "/api/v1/zone-findings", answer=Page[FindingAnswer], summary="Visits whose hour should be looked at", roles=STAFF
)
async def get_findings(call: Call[None]) -> Page[FindingAnswer]:
    """After an update of zone data; of the visits that the caller may see."""
    found = await call.app[ZONE_CHECK].listed(call.caller)
    return Page[FindingAnswer](items=[FindingAnswer.of(one) for one in found])


@api.post(
    "/api/v1/zone-findings/{id}/decision",
    body=DecisionBody,
    answer=AppointmentAnswer,
    summary="Decide about the hour of a visit",
    refusals=[NotFound, Settled, Stale, SlotTaken, PatientBusy, TimeOfAGroup],
    roles=STAFF,
)
async def post_decision(call: Call[DecisionBody]) -> AppointmentAnswer:
    """Everybody who takes part hears of it as of a move."""
    return AppointmentAnswer.of(await call.app[ZONE_CHECK].decide(call.caller, call.uuid("id"), call.body.keep))


@pages.get("/zone-findings", roles=STAFF)
async def get_page(call: Call[None]) -> web.Response:
    """The list, with one decision each."""
    found = await call.app[ZONE_CHECK].listed(call.caller)
    return await render(call.request, "scheduling/zone_findings.html", {"found": found})


def _wall(at: datetime) -> str:
    return at.isoformat(timespec="minutes")
