"""Choosing a visit over HTTP: parse, call, answer."""

from __future__ import annotations

from aiohttp import web

from telegut.scheduling import bookers
from telegut.scheduling.choice.bodies import (
    FirstQuery,
    FirstsAnswer,
    FollowUpAnswer,
    FollowUpBody,
    LanguagesAnswer,
    LanguagesBody,
    TopicAnswer,
    TopicBody,
    TopicChangeBody,
)
from telegut.scheduling.choice.keys import CHOICE
from telegut.scheduling.choice.service import MANAGING, Choice
from telegut.scheduling.choice.topics import Topic, TopicChanged, TopicKnown
from telegut.web.api import Call, Endpoints, Page

api = Endpoints("scheduling")

CLINICIANS = frozenset({"consultant", "nutritionist"})


def install(app: web.Application, choice: Choice) -> None:
    """Serve choosing in *app*."""
    app[CHOICE] = choice
    api.install(app)


@api.put(
    "/api/v1/practitioners/{id}/languages",
    body=LanguagesBody,
    answer=LanguagesAnswer,
    summary="Set the languages somebody speaks",
    roles=CLINICIANS | {bookers.COORDINATOR, "interpreter"},
)
async def put_languages(call: Call[LanguagesBody]) -> LanguagesAnswer:
    """One's own; coordinators may set those of others."""
    tags = await call.app[CHOICE].set_languages(call.caller, call.uuid("id"), call.body.languages)
    return LanguagesAnswer(languages=list(tags))


@api.get("/api/v1/topics", answer=Page[TopicAnswer], summary="Reasons for coming")
async def get_topics(call: Call[None]) -> Page[TopicAnswer]:
    """What people may come for, in the clinic's words."""
    return Page(items=[TopicAnswer.of(one) for one in await call.app[CHOICE].topics(call.caller)])


@api.post(
    "/api/v1/topics",
    body=TopicBody,
    answer=TopicAnswer,
    status=201,
    summary="Offer a reason for coming",
    refusals=[TopicKnown],
    roles=MANAGING,
)
async def post_topic(call: Call[TopicBody]) -> TopicAnswer:
    """A new reason for coming."""
    body = call.body
    return TopicAnswer.of(await call.app[CHOICE].add_topic(call.caller, body.name, body.services, body.place))


@api.put(
    "/api/v1/topics/{id}",
    body=TopicChangeBody,
    answer=TopicAnswer,
    summary="Change a reason for coming",
    refusals=[TopicKnown, TopicChanged],
    roles=MANAGING,
)
async def put_topic(call: Call[TopicChangeBody]) -> TopicAnswer:
    """Other words, or other kinds of visit."""
    body = call.body
    wanted = Topic(call.uuid("id"), body.name, tuple(body.services), body.version)
    return TopicAnswer.of(await call.app[CHOICE].change_topic(call.caller, wanted, body.place))


@api.delete("/api/v1/topics/{id}", summary="Take a reason for coming away", roles=MANAGING)
async def delete_topic(call: Call[None]) -> None:
    """Nobody may choose it any more."""
    await call.app[CHOICE].retire_topic(call.caller, call.uuid("id"))


@api.get(
    "/api/v1/slots/first",
    query=FirstQuery,
    answer=FirstsAnswer,
    summary="Who is free first",
    roles=bookers.BOOKERS,
)
async def get_first(call: Call[None]) -> FirstsAnswer:
    """The first free time to propose, and with each practitioner or team: see `FirstsAnswer` for the order."""
    query: FirstQuery = call.query
    return FirstsAnswer.of(await call.app[CHOICE].first(call.caller, query.wish()))


@api.put(
    "/api/v1/appointments/{id}/follow-up",
    body=FollowUpBody,
    answer=Page[FollowUpAnswer],
    summary="Suggest the next visit",
    roles=CLINICIANS,
)
async def put_follow_up(call: Call[FollowUpBody]) -> Page[FollowUpAnswer]:
    """See again in so many weeks; gives everything that is suggested to this patient."""
    body = call.body
    found = await call.app[CHOICE].suggest(call.caller, call.uuid("id"), body.service, body.weeks)
    return Page(items=[FollowUpAnswer.of(one) for one in found])


@api.delete("/api/v1/appointments/{id}/follow-up", summary="Suggest no next visit", roles=CLINICIANS)
async def delete_follow_up(call: Call[None]) -> None:
    """Take the suggestion back."""
    await call.app[CHOICE].withdraw(call.caller, call.uuid("id"))


@api.get("/api/v1/patients/{id}/follow-ups", answer=Page[FollowUpAnswer], summary="What is suggested for next time")
async def get_follow_ups(call: Call[None]) -> Page[FollowUpAnswer]:
    """What was suggested to a patient after their visits, the latest first."""
    found = await call.app[CHOICE].follow_ups(call.caller, call.uuid("id"))
    return Page(items=[FollowUpAnswer.of(one) for one in found])


@api.get(
    "/api/v1/patients/{id}/follow-ups/{follow_up}/first",
    answer=FirstsAnswer,
    summary="First free times for a suggestion",
    roles=bookers.BOOKERS,
)
async def get_first_of_follow_up(call: Call[None]) -> FirstsAnswer:
    """With the same people, in the suggested time or the first after it."""
    found, within = await call.app[CHOICE].first_of_follow_up(call.caller, call.uuid("id"), call.uuid("follow_up"))
    return FirstsAnswer.of(found, within=within)
