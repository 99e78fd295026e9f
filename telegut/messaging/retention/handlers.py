"""The clinic's years and legal holds over HTTP; an administrator's, who reads no message by them."""

from __future__ import annotations

from uuid import UUID

from aiohttp import web
from pydantic import Field

from telegut.messaging.retention import screens
from telegut.messaging.retention.keys import RETENTION
from telegut.messaging.retention.service import AlreadyHeld, AlreadyLifted, Hold, Policy, PolicyChanged, Retention
from telegut.web.api import Answer, Body, Call, Endpoints, Instant, Page

api = Endpoints("retention")
ADMIN = {"admin"}


def install(app: web.Application, retention: Retention) -> None:
    """Serve them in *app*."""
    app[RETENTION] = retention
    api.install(app)
    screens.install(app)


class PolicyBody(Body):
    """How many years after they were sent messages lose their words; null: never."""

    version: int
    keep_years: int | None = Field(ge=1, le=100)


class PolicyAnswer(Answer):
    """How long the words of messages are kept; null: for ever."""

    keep_years: int | None
    version: int

    @classmethod
    def of(cls, policy: Policy) -> PolicyAnswer:
        """Translate."""
        return cls(keep_years=policy.keep_years, version=policy.version)


@api.get("/api/v1/retention", answer=PolicyAnswer, roles=ADMIN, summary="How long messages are kept")
async def get_retention(call: Call[None]) -> PolicyAnswer:
    """The clinic's years."""
    return PolicyAnswer.of(await call.app[RETENTION].policy(call.caller))


@api.put(
    "/api/v1/retention",
    body=PolicyBody,
    answer=PolicyAnswer,
    roles=ADMIN,
    summary="Say how long messages are kept",
    refusals=[PolicyChanged],
)
async def put_retention(call: Call[PolicyBody]) -> PolicyAnswer:
    """Change the years."""
    changed = await call.app[RETENTION].set_policy(call.caller, call.body.keep_years, version=call.body.version)
    return PolicyAnswer.of(changed)


class LegalHoldBody(Body):
    """Whose record is held, and why."""

    patient: UUID
    reason: str = Field(max_length=2_000)


class LiftBody(Body):
    """Why the hold ends."""

    reason: str = Field(max_length=2_000)


class LegalHoldAnswer(Answer):
    """A record that nothing is removed from."""

    id: UUID
    patient: UUID
    reason: str
    placed_at: Instant
    placed_by: UUID
    lifted_at: Instant | None
    lifted_by: UUID | None
    lift_reason: str | None

    @classmethod
    def of(cls, one: Hold) -> LegalHoldAnswer:
        """Translate."""
        return cls(
            id=one.id,
            patient=one.patient,
            reason=one.reason,
            placed_at=one.placed_at,
            placed_by=one.placed_by,
            lifted_at=one.lifted_at,
            lifted_by=one.lifted_by,
            lift_reason=one.lift_reason,
        )


@api.get("/api/v1/legal-holds", answer=Page[LegalHoldAnswer], roles=ADMIN, summary="Records that are held")
async def get_legal_holds(call: Call[None]) -> Page[LegalHoldAnswer]:
    """The newest first, lifted ones too."""
    return Page[LegalHoldAnswer](
        items=[LegalHoldAnswer.of(one) for one in await call.app[RETENTION].holds(call.caller)]
    )


@api.post(
    "/api/v1/legal-holds",
    body=LegalHoldBody,
    answer=LegalHoldAnswer,
    status=201,
    roles=ADMIN,
    summary="Hold a record: nothing of it is removed or erased",
    refusals=[AlreadyHeld],
)
async def post_legal_hold(call: Call[LegalHoldBody]) -> LegalHoldAnswer:
    """From now on."""
    return LegalHoldAnswer.of(await call.app[RETENTION].place(call.caller, call.body.patient, call.body.reason))


@api.post(
    "/api/v1/legal-holds/{id}/lift",
    body=LiftBody,
    answer=LegalHoldAnswer,
    roles=ADMIN,
    summary="End a hold",
    refusals=[AlreadyLifted],
)
async def post_legal_hold_lift(call: Call[LiftBody]) -> LegalHoldAnswer:
    """For a reason."""
    return LegalHoldAnswer.of(await call.app[RETENTION].lift(call.caller, call.uuid("id"), call.body.reason))
