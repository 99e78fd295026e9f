"""The reply ledger over HTTP: parse, call, answer. No rules live here."""

from __future__ import annotations

from aiohttp import web

from telegut.messaging.ledger import screens
from telegut.messaging.ledger.absences import AwayChanged
from telegut.messaging.ledger.bodies import (
    AsideBody,
    AssignBody,
    AwayAnswer,
    AwayBody,
    AwayQuery,
    ExpectedAnswer,
    HandoverAnswer,
    InboxAnswer,
    InboxQuery,
    OnCallAnswer,
    OnCallBody,
    OneAwayAnswer,
    PromisesAnswer,
    PromisesQuery,
    TurnAnswer,
    UrgentCallAnswer,
    VersionBody,
)
from telegut.messaging.ledger.keys import REPLY_LEDGER
from telegut.messaging.ledger.making import LedgerServices
from telegut.messaging.ledger.on_call import MANAGING, OnCall, OnCallChanged
from telegut.messaging.ledger.report import READERS
from telegut.messaging.ledger.rules import LedgerChanged, NotTheirs
from telegut.web.api import Call, Endpoints, Page

api = Endpoints("messaging")

TEAM = frozenset({"consultant", "nutritionist"})


def install(app: web.Application, services: LedgerServices) -> None:
    """Serve the ledger in *app*."""
    app[REPLY_LEDGER] = services
    api.install(app)
    screens.install(app)


@api.get("/api/v1/inbox", query=InboxQuery, answer=InboxAnswer, summary="My conversations by promise", roles=TEAM)
async def get_inbox(call: Call[None]) -> InboxAnswer:
    """Overdue, today, this week, later, waiting for the patient, settled; a page of it."""
    query = call.query
    ledger = call.app[REPLY_LEDGER].ledger
    return InboxAnswer.of(await ledger.inbox(call.caller, group=query.group, cursor=query.cursor, limit=query.limit))


@api.get("/api/v1/conversations/{id}/turn", answer=TurnAnswer, summary="Whose turn it is", visit_scope=True)
async def get_turn(call: Call[None]) -> TurnAnswer:
    """Who answers, and by when; its version is named with the next change."""
    return TurnAnswer.of(await call.app[REPLY_LEDGER].ledger.turn(call.caller, call.uuid("id")))


@api.get(
    "/api/v1/conversations/{id}/outlook",
    answer=ExpectedAnswer,
    summary="When an answer may be expected here",
    visit_scope=True,
)
async def get_outlook(call: Call[None]) -> ExpectedAnswer:
    """Who answers, by when, who is away, and whom to call instead."""
    found = await call.app[REPLY_LEDGER].ledger.outlook(call.caller, call.uuid("id"))
    return ExpectedAnswer.of(found, call.caller.zone)


@api.post(
    "/api/v1/conversations/{id}/claim",
    body=VersionBody,
    answer=TurnAnswer,
    summary="I answer this conversation",
    refusals=[LedgerChanged],
    roles=TEAM,
)
async def post_claim(call: Call[VersionBody]) -> TurnAnswer:
    """Of two who claim at once, one does; the other is told who."""
    ledger = call.app[REPLY_LEDGER].ledger
    return TurnAnswer.of(await ledger.claim(call.caller, call.uuid("id"), call.body.version))


@api.post(
    "/api/v1/conversations/{id}/assign",
    body=AssignBody,
    answer=TurnAnswer,
    summary="Hand a conversation to somebody of the team, or back to the team",
    refusals=[LedgerChanged, NotTheirs],
    roles=TEAM,
)
async def post_assign(call: Call[AssignBody]) -> TurnAnswer:
    """Everybody reads who answers from now on; the reason is the team's."""
    ledger, body = call.app[REPLY_LEDGER].ledger, call.body
    turn = await ledger.assign(call.caller, call.uuid("id"), body.version, to=body.to, reason=body.reason)
    return TurnAnswer.of(turn)


@api.post(
    "/api/v1/conversations/{id}/wait",
    body=AsideBody,
    answer=TurnAnswer,
    summary="It is the patient's turn",
    refusals=[LedgerChanged],
    roles=TEAM,
)
async def post_wait(call: Call[AsideBody]) -> TurnAnswer:
    """Until the patient writes."""
    ledger, body = call.app[REPLY_LEDGER].ledger, call.body
    return TurnAnswer.of(await ledger.wait(call.caller, call.uuid("id"), body.version, body.reason))


@api.post(
    "/api/v1/conversations/{id}/settle",
    body=AsideBody,
    answer=TurnAnswer,
    summary="No answer is needed",
    refusals=[LedgerChanged],
    roles=TEAM,
)
async def post_settle(call: Call[AsideBody]) -> TurnAnswer:
    """Until the patient writes."""
    ledger, body = call.app[REPLY_LEDGER].ledger, call.body
    return TurnAnswer.of(await ledger.settle(call.caller, call.uuid("id"), body.version, body.reason))


@api.get(
    "/api/v1/conversations/{id}/handovers",
    answer=Page[HandoverAnswer],
    summary="Why a conversation changed hands, for the team",
    roles=TEAM,
)
async def get_handovers(call: Call[None]) -> Page[HandoverAnswer]:
    """The reasons, the latest first."""
    found = await call.app[REPLY_LEDGER].ledger.handovers(call.caller, call.uuid("id"))
    return Page[HandoverAnswer](items=[HandoverAnswer.of(one) for one in found])


@api.get(
    "/api/v1/urgent-calls",
    answer=Page[UrgentCallAnswer],
    summary="Urgent messages that nobody has read, passed on to more people",
    roles=TEAM,
)
async def get_urgent_calls(call: Call[None]) -> Page[UrgentCallAnswer]:
    """Those of the caller's conversations; gone once somebody has read, answered or taken one."""
    found = await call.app[REPLY_LEDGER].calls.waiting(call.caller)
    return Page[UrgentCallAnswer](items=[UrgentCallAnswer.of(one) for one in found])


@api.get("/api/v1/me/away", answer=OneAwayAnswer, summary="When I am away, and who answers meanwhile", roles=TEAM)
async def get_away(call: Call[None]) -> OneAwayAnswer:
    """Now or ahead."""
    found = await call.app[REPLY_LEDGER].absences.mine(call.caller)
    listed = await call.app[REPLY_LEDGER].on_call.has(call.caller)
    return OneAwayAnswer(away=None if found is None else AwayAnswer.of(found, listed))


@api.put(
    "/api/v1/me/away",
    body=AwayBody,
    answer=AwayAnswer,
    summary="Say when I am away, and who answers meanwhile",
    refusals=[AwayChanged],
    roles=TEAM,
)
async def put_away(call: Call[AwayBody]) -> AwayAnswer:
    """The cover joins the care teams for that time."""
    body = call.body
    found = await call.app[REPLY_LEDGER].absences.set(call.caller, body.from_day, body.until, body.cover, body.version)
    return AwayAnswer.of(found, await call.app[REPLY_LEDGER].on_call.has(call.caller))


@api.delete("/api/v1/me/away", query=AwayQuery, summary="I am back, or not going", refusals=[AwayChanged], roles=TEAM)
async def delete_away(call: Call[None]) -> None:
    """The cover leaves the care teams."""
    await call.app[REPLY_LEDGER].absences.end(call.caller, call.query.version)


@api.get("/api/v1/on-call", answer=OnCallAnswer, summary="Who is told about unread urgent messages", roles=MANAGING)
async def get_on_call(call: Call[None]) -> OnCallAnswer:
    """The list in its order."""
    return OnCallAnswer.of(await call.app[REPLY_LEDGER].on_call.read(call.caller))


@api.put(
    "/api/v1/on-call",
    body=OnCallBody,
    answer=OnCallAnswer,
    summary="Say who is told about unread urgent messages",
    refusals=[OnCallChanged],
    roles=MANAGING,
)
async def put_on_call(call: Call[OnCallBody]) -> OnCallAnswer:
    """All of the list."""
    wanted = [OnCall(one.person, one.hours) for one in call.body.items]
    return OnCallAnswer.of(await call.app[REPLY_LEDGER].on_call.replace(call.caller, call.body.version, wanted))


@api.get(
    "/api/v1/reports/promises",
    query=PromisesQuery,
    answer=PromisesAnswer,
    summary="How promises to answer were kept",
    roles=READERS,
)
async def get_promises(call: Call[None]) -> PromisesAnswer:
    """In time, late, still owed; for each person and the clinic."""
    query = call.query
    return PromisesAnswer.of(await call.app[REPLY_LEDGER].ledger.promises(call.caller, query.since, query.until))
