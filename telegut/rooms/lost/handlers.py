"""Lost minutes over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal
from uuid import UUID

from aiohttp import web

from telegut.errors import NotFound
from telegut.rooms.lost.rules import WHY
from telegut.rooms.lost.service import Course, LostMinutes
from telegut.rooms.rules.refusals import NotTheHost
from telegut.web.api import Answer, Call, Endpoints, Instant

LOST: web.AppKey[LostMinutes] = web.AppKey("rooms_lost_minutes")
api = Endpoints("visits")
OutcomeWord = Literal["attended", "patient_absent", "practitioner_absent", "technical"]


class LostAnswer(Answer):
    """Nothing of this person came, from when until when; *why* is always technical, and nobody's fault."""

    account: UUID
    name: str
    since: Instant
    until: Instant
    seconds: int
    why: Literal["technical"]


class CourseAnswer(Answer):
    """How a visit's call went. *suggested*: what the evidence says of a visit that is over, beside its *outcome*."""

    outcome: OutcomeWord | None
    suggested: OutcomeWord | None
    lost: list[LostAnswer]

    @classmethod
    def of(cls, course: Course) -> CourseAnswer:
        """*course* for a client."""
        return cls(
            outcome=course.room.outcome,
            suggested=course.suggested.value if course.suggested else None,
            lost=[
                LostAnswer(
                    account=one.account,
                    name=course.room.name(one.account),
                    since=one.during.start,
                    until=one.during.end,
                    seconds=round(one.during.length / timedelta(seconds=1)),
                    why=WHY,
                )
                for one in course.lost
            ],
        )


def install(app: web.Application, made: LostMinutes) -> None:
    """Serve lost minutes in *app*."""
    app[LOST] = made
    api.install(app)


@api.get(
    "/api/v1/visits/{id}/lost-minutes",
    answer=CourseAnswer,
    visit_scope=True,
    summary="What the call of a visit lost",
    refusals=[NotFound, NotTheHost],
)
async def get_lost_minutes(call: Call[None]) -> CourseAnswer:
    """Who could not be heard, from when until when, and what that suggests; for the visit's practitioners."""
    return CourseAnswer.of(await call.app[LOST].course(call.caller, call.uuid("id")))
