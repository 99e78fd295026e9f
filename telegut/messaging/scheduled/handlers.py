"""Messages that are sent later, over HTTP."""

from __future__ import annotations

from uuid import UUID

from aiohttp import web
from pydantic import AwareDatetime

from telegut.messaging.scheduled.rules import ChangedElsewhere, KeptOtherwise, NotWaiting, SentAlready
from telegut.messaging.scheduled.service import Draft, Later, Scheduled
from telegut.messaging.urgent import UrgentUnconfirmed, check_urgent
from telegut.web.api import Answer, Body, Call, Endpoints, Instant, Page

api = Endpoints("messaging")
LATER: web.AppKey[Later] = web.AppKey("messaging_later")


def install(app: web.Application, later: Later) -> None:
    """Serve them in *app*."""
    app[LATER] = later
    api.install(app)


class ScheduledBody(Body):
    """A message for later. *send_at*: an instant with its offset."""

    client_id: str
    body: str
    send_at: AwareDatetime
    urgent: bool = False
    urgent_confirmed: bool | None = None


class ScheduledChange(Body):
    """Other words, or another moment, for the message at *version*."""

    version: int
    body: str | None = None
    send_at: AwareDatetime | None = None


class ScheduledAnswer(Answer):
    """
    A message that waits. *state*: ``waiting``, ``sent``, ``cancelled``, or ``refused``. *why*: its writer has sent
    other words under the same ``client_id`` (``client_id_reused``), or has ``left``: then it will not be sent either
    while it waits, and can be read and removed.
    *quiet_hours*: it would arrive between 21 and 8 o'clock where the patient lives.
    """

    id: UUID
    conversation: UUID
    client_id: str
    version: int
    state: str
    urgent: bool
    body: str | None
    send_at: Instant
    seq: int | None
    quiet_hours: bool
    why: str | None = None

    @classmethod
    def of(cls, one: Scheduled) -> ScheduledAnswer:
        """Translate."""
        return cls(
            id=one.id,
            conversation=one.conversation,
            client_id=one.client_id,
            version=one.version,
            state=one.state.value,
            urgent=one.urgent,
            body=one.body,
            send_at=one.send_at,
            seq=one.seq,
            quiet_hours=one.quiet,
            why=one.why,
        )


@api.post(
    "/api/v1/conversations/{id}/scheduled",
    body=ScheduledBody,
    answer=ScheduledAnswer,
    status=201,
    summary="Have a message sent later",
    refusals=[KeptOtherwise, SentAlready, NotWaiting, UrgentUnconfirmed],
)
async def post_scheduled(call: Call[ScheduledBody]) -> ScheduledAnswer:
    """Keep it until then."""
    body, later = call.body, call.app[LATER]
    check_urgent(body.urgent, body.urgent_confirmed, call.caller, later.messaging.replies.helplines)
    draft = Draft(body.client_id, body.body, body.send_at, body.urgent)
    return ScheduledAnswer.of(await later.write(call.caller, call.uuid("id"), draft))


@api.get("/api/v1/scheduled-messages", answer=Page[ScheduledAnswer], summary="My messages that are sent later")
async def get_scheduled(call: Call[None]) -> Page[ScheduledAnswer]:
    """Those that wait, and those that were refused."""
    found = await call.app[LATER].mine(call.caller)
    return Page[ScheduledAnswer](items=[ScheduledAnswer.of(one) for one in found])


@api.patch(
    "/api/v1/scheduled-messages/{id}",
    body=ScheduledChange,
    answer=ScheduledAnswer,
    summary="Change a message before it is sent",
    refusals=[NotWaiting, ChangedElsewhere],
)
async def patch_scheduled(call: Call[ScheduledChange]) -> ScheduledAnswer:
    """Other words or another moment."""
    body = call.body
    changed = await call.app[LATER].change(
        call.caller, call.uuid("id"), version=body.version, body=body.body, send_at=body.send_at
    )
    return ScheduledAnswer.of(changed)


@api.delete("/api/v1/scheduled-messages/{id}", status=204, summary="Do not send it", refusals=[NotWaiting])
async def delete_scheduled(call: Call[None]) -> None:
    """Cancel it."""
    await call.app[LATER].cancel(call.caller, call.uuid("id"))
