"""Times and visits over HTTP: parse, call, answer. No rules live here."""

from __future__ import annotations

import base64
import binascii
import json
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from aiohttp import web

from telegut.accounts.identity import ACCOUNTS
from telegut.errors import FieldError, Invalid
from telegut.scheduling import bookers, calendar, desk, screens
from telegut.scheduling.appointments import Appointment, Filter
from telegut.scheduling.arranging import Request
from telegut.scheduling.board.keys import BOARDS
from telegut.scheduling.board.service import Boards
from telegut.scheduling.bodies.appointments import AppointmentAnswer, AppointmentsQuery
from telegut.scheduling.bodies.booking import BookBody, HoldAnswer, HoldBody, RescheduleBody
from telegut.scheduling.bodies.cancelling import CancelBody, CancellationAnswer
from telegut.scheduling.bodies.hours import AvailabilityAnswer, AvailabilityBody
from telegut.scheduling.bodies.offered import PractitionerAnswer, ServiceAnswer
from telegut.scheduling.bodies.times import ExplainAnswer, ExplainQuery, SlotAnswer, SlotsQuery, slots_json
from telegut.scheduling.calendars import HoursChanged
from telegut.scheduling.changing import NotBooked, Stale
from telegut.scheduling.choice.keys import CHOICE
from telegut.scheduling.clinic.keys import CLINIC
from telegut.scheduling.holding import HoldExpired, HoldUsed
from telegut.scheduling.keys import SCHEDULING
from telegut.scheduling.offers import Asked
from telegut.scheduling.overrides.keys import OVERRIDES
from telegut.scheduling.overrides.rules import NotDecidable, OverrideDiffers
from telegut.scheduling.overrides.service import Overrides
from telegut.scheduling.refusals import NotOffered, PatientBusy, SlotTaken
from telegut.scheduling.service import Scheduling
from telegut.web.api import Call, Endpoints, Page
from telegut.web.keys import SETTINGS

PAGE: Final = 200
"""Appointments of one page of the list."""

api = Endpoints("scheduling")


def install(app: web.Application, scheduling: Scheduling) -> None:
    """Serve scheduling in *app*."""
    app[SCHEDULING] = scheduling
    app[OVERRIDES] = Overrides(scheduling)
    app[BOARDS] = Boards(scheduling.db, scheduling)
    desk.open_desk(app)
    api.install(app)
    screens.pages.install(app)


def _turn(call: Call[HoldBody] | Call[BookBody]) -> AbstractAsyncContextManager[None]:
    """Two hundred who want one time wait here, and not with two hundred connections."""
    return call.app[SCHEDULING].turns.wait_for(call.body.practitioners or ())


@api.get("/api/v1/services", answer=Page[ServiceAnswer], summary="Kinds of visit")
async def get_services(call: Call[None]) -> Page[ServiceAnswer]:
    """Every kind of visit that is offered."""
    found = await call.app[SCHEDULING].visit_types(call.caller)
    return Page(items=[ServiceAnswer.of(one) for one in found])


@api.get("/api/v1/practitioners", answer=Page[PractitionerAnswer], summary="Who takes visits")
async def get_practitioners(call: Call[None]) -> Page[PractitionerAnswer]:
    """Everybody whom the caller may book."""
    found = await call.app[SCHEDULING].practitioners(call.caller)
    return Page(items=[PractitionerAnswer.of(one) for one in found])


@api.get("/api/v1/practitioners/{id}/availability", answer=AvailabilityAnswer, summary="When somebody works")
async def get_availability(call: Call[None]) -> AvailabilityAnswer:
    """Somebody's hours."""
    return AvailabilityAnswer.of(await call.app[SCHEDULING].hours.of(call.caller, call.uuid("id")))


@api.put(
    "/api/v1/practitioners/{id}/availability",
    body=AvailabilityBody,
    answer=AvailabilityAnswer,
    summary="Set one's own hours",
    refusals=[HoursChanged],
)
async def put_availability(call: Call[AvailabilityBody]) -> AvailabilityAnswer:
    """One's own hours, whole."""
    hours = await call.app[SCHEDULING].hours.set(
        call.caller, call.uuid("id"), call.body.availability(), version=call.body.version
    )
    unfit = await call.app[CLINIC].unfit(call.caller, call.uuid("id"))
    outside = [one.booked.appointment for one in unfit if one.booked.appointment]
    return AvailabilityAnswer.of(hours, outside)


@api.get(
    "/api/v1/slots",
    query=SlotsQuery,
    answer=Page[SlotAnswer],
    summary="Free times",
    roles=bookers.BOOKERS,
    visit_scope=True,
)
async def get_slots(call: Call[None]) -> web.Response:
    """Every time that the caller may book, by its start."""
    query: SlotsQuery = call.query
    service = query.service
    if service is None or query.topic is not None:
        service = await call.app[CHOICE].service_for(call.caller, service, query.topic)
    named = tuple(query.practitioner)
    asked = Asked(
        service, named, query.patient, query.moving, query.language or "", interpreter=query.interpreter or ""
    )
    found = await call.app[SCHEDULING].times.find(call.caller, asked, query.since, query.until)
    return web.Response(body=slots_json(found), content_type="application/json")


@api.get(
    "/api/v1/slots/explain",
    query=ExplainQuery,
    answer=ExplainAnswer,
    summary="Why a time is or is not free",
    roles=bookers.BOOKERS,
    visit_scope=True,
)
async def get_explanation(call: Call[None]) -> ExplainAnswer:
    """What speaks against one start."""
    query: ExplainQuery = call.query
    named = tuple(query.practitioner)
    asked = Asked(query.service, named, query.patient, query.moving, interpreter=query.interpreter or "")
    return ExplainAnswer.of(await call.app[SCHEDULING].times.explain(call.caller, asked, query.start))


@api.post(
    "/api/v1/holds",
    body=HoldBody,
    answer=HoldAnswer,
    status=201,
    summary="Keep a time for some minutes",
    refusals=[SlotTaken, PatientBusy, NotOffered],
    roles=bookers.BOOKERS,
    turn=_turn,
)
async def post_hold(call: Call[HoldBody]) -> HoldAnswer:
    """Keep a time while its form is filled in."""
    body = call.body
    people, translated = body.practitioners, body.interpreter or ""
    hold = await call.app[SCHEDULING].hold(
        call.caller, body.service, people, body.start, body.patient, interpreter=translated
    )
    return HoldAnswer.of(hold)


@api.post(
    "/api/v1/appointments",
    body=BookBody,
    answer=AppointmentAnswer,
    status=201,
    summary="Book a visit",
    refusals=[SlotTaken, PatientBusy, NotOffered, OverrideDiffers, NotDecidable, HoldUsed, HoldExpired],
    roles=bookers.BOOKERS,
    turn=_turn,
    own_transaction=lambda call: call.body.hold is None and call.body.override is None,
)
async def post_appointment(call: Call[BookBody]) -> AppointmentAnswer | web.Response:
    """Book from a hold; or at once, by the writer, which books everybody's wishes in groups."""
    body, reason = call.body, call.body.reason or ""
    if body.hold is not None:
        booked = await call.app[SCHEDULING].confirm(call.caller, body.hold, patient=body.patient, reason=reason)
        return _answer(booked, reason=reason)
    if body.service is None or body.practitioners is None or body.start is None:
        raise Invalid(errors=[FieldError("start", "Say which visit, with whom and when.")])
    if body.override is not None:
        decision, whom = body.override.decision(), tuple(body.practitioners)
        booked = await call.app[OVERRIDES].book(
            call.caller, body.service, whom, body.start, decision, patient=body.patient, reason=reason
        )
        return _answer(booked, reason=reason)
    wish = Request(
        call.caller,
        body.service,
        tuple(body.practitioners),
        body.start,
        body.patient,
        reason,
        interpreter=body.interpreter or "",
    )
    return desk.respond(await call.app[desk.WRITER].book(wish, call.attempt))


@api.get("/api/v1/appointments", query=AppointmentsQuery, answer=Page[AppointmentAnswer], summary="Visits")
async def get_appointments(call: Call[None]) -> Page[AppointmentAnswer]:
    """The visits that the caller may see, by their start."""
    query: AppointmentsQuery = call.query
    wanted = Filter(
        since=query.since,
        until=query.until,
        patient=query.patient,
        practitioner=query.practitioner,
        after=_place(query.cursor) if query.cursor else None,
    )
    found = await call.app[SCHEDULING].appointments(call.caller, wanted, limit=PAGE + 1)
    following = _cursor(found[PAGE - 1]) if len(found) > PAGE else None
    return Page(items=[_answer(one) for one in found[:PAGE]], next=following)


# Before the appointment itself, whose pattern would take the name for an id.
@api.get("/api/v1/appointments/{id}.ics", summary="A visit as a calendar file", visit_scope=True)
async def get_calendar_file(call: Call[None]) -> web.Response:
    """The invitation, or after a cancellation its end."""
    found = await call.app[SCHEDULING].appointment(call.caller, call.uuid("id"))
    settings = call.app[SETTINGS]
    sender = calendar.Sender(settings.clinic_name, settings.origin)
    # A personal link may have been passed on: it shows nobody's address.
    mail = None if call.caller.scope else (await call.app[ACCOUNTS].describe(call.caller)).email
    _, now = await call.app[SCHEDULING].policy(call.caller)
    body = calendar.invitation(found.appointment, sender, mail, now=now)
    headers = {
        "Content-Type": calendar.content_type(found.appointment),
        "Content-Disposition": 'attachment; filename="appointment.ics"',
    }
    return web.Response(body=body, headers=headers)


@api.get("/api/v1/appointments/{id}", answer=AppointmentAnswer, summary="One visit")
async def get_appointment(call: Call[None]) -> AppointmentAnswer:
    """One visit, with the words that the caller may read."""
    found = await call.app[SCHEDULING].appointment(call.caller, call.uuid("id"))
    one = found.appointment
    if one.override is not None:
        one = replace(one, override=await call.app[OVERRIDES].decided(call.caller, one))
    return _answer(one, reason=found.reason, cancel_reason=found.cancel_reason)


@api.post(
    "/api/v1/appointments/{id}/reschedule",
    body=RescheduleBody,
    answer=AppointmentAnswer,
    summary="Move a visit",
    refusals=[Stale, NotBooked, SlotTaken, PatientBusy, NotOffered],
    roles=bookers.BOOKERS,
    visit_scope=True,
)
async def post_reschedule(call: Call[RescheduleBody]) -> AppointmentAnswer:
    """Give a visit another time."""
    scheduling = call.app[SCHEDULING]
    body, one = call.body, call.uuid("id")
    if body.override is not None:
        decision = body.override.decision()
        moved = await call.app[OVERRIDES].reschedule(call.caller, one, body.start, body.version, decision)
        return _answer(moved)
    return _answer(await scheduling.reschedule(call.caller, one, body.start, body.version))


@api.post(
    "/api/v1/appointments/{id}/cancel",
    body=CancelBody,
    answer=AppointmentAnswer,
    summary="Cancel a visit",
    refusals=[Stale, NotBooked],
    roles=bookers.BOOKERS,
    visit_scope=True,
)
async def post_cancel(call: Call[CancelBody]) -> AppointmentAnswer:
    """End a visit before it takes place."""
    scheduling, body = call.app[SCHEDULING], call.body
    ended = await scheduling.cancel(call.caller, call.uuid("id"), body.reason or "", body.version, code=body.code)
    return _answer(ended)


@api.get(
    "/api/v1/appointments/{id}/cancellation",
    answer=CancellationAnswer,
    summary="What cancelling would mean now",
    visit_scope=True,
)
async def get_cancellation(call: Call[None]) -> CancellationAnswer:
    """Told before, not after."""
    return CancellationAnswer.of(await call.app[SCHEDULING].cancellation(call.caller, call.uuid("id")))


def _answer(one: Appointment, *, reason: str = "", cancel_reason: str = "") -> AppointmentAnswer:
    return AppointmentAnswer.of(one, reason=reason, cancel_reason=cancel_reason)


def _cursor(last: Appointment) -> str:
    place = json.dumps([last.start.isoformat(), str(last.id)])
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[datetime, UUID]:
    try:
        start, found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        at, row = datetime.fromisoformat(start), UUID(found)
    except (ValueError, TypeError, binascii.Error) as exc:
        raise Invalid(errors=[FieldError("cursor", "This is not a place in this list.")]) from exc
    if at.tzinfo is None:
        raise Invalid(errors=[FieldError("cursor", "This is not a place in this list.")])
    return at, row
