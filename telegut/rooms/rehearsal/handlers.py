"""Rehearsals over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from telegut.errors import NotFound
from telegut.rooms.media.control import MediaAway
from telegut.rooms.media.sdp import LONGEST
from telegut.rooms.rehearsal.rules import Found, Way
from telegut.rooms.rehearsal.service import Leg, Rehearsals
from telegut.rooms.views import IceServerAnswer, ice_answers
from telegut.web.api import Answer, Body, Call, Endpoints

REHEARSALS: web.AppKey[Rehearsals] = web.AppKey("rooms_rehearsals")
api = Endpoints("visits")
Mid = Annotated[str, Field(max_length=16)]
Kind = Literal["audio", "camera", "screen"]


class ServersAnswer(Answer):
    """By which servers a browser finds its way; credentials are good for ten minutes."""

    ice_servers: list[IceServerAnswer]
    ice_transport_policy: Literal["all", "relay"]


class LegBody(Body):
    """One connection: the browser's offer, what its m-lines send, and its places."""

    offer: Annotated[str, Field(max_length=LONGEST)]
    sends: Annotated[dict[Mid, Kind], Field(default_factory=dict, max_length=4)]
    shows: Annotated[list[dict[Kind, Mid]], Field(default_factory=list, max_length=2)]

    def leg(self) -> Leg:
        """For the service."""
        return Leg(self.offer, self.sends, [{str(kind): mid for kind, mid in one.items()} for one in self.shows])


class RehearsalBody(Body):
    """Both connections: *there* sends, *back* is shown it."""

    there: LegBody
    back: LegBody


class RehearsalAnswer(Answer):
    """What the forwarder says to both."""

    there: str
    back: str


class FoundBody(Body):
    """
    What your browser found. *relay*: whether our relay was reached, null where there is none. *loss*: share of packets.
    *round_trip_s* is null when nothing came back. No names of devices and no addresses.
    """

    camera: bool
    microphone: bool
    way: Literal["direct", "relay", "tcp", "none"]
    relay: bool | None = None
    loss: Annotated[float, Field(ge=0, le=1)] = 0.0
    round_trip_s: Annotated[float, Field(ge=0, le=60)] | None = None

    def found(self) -> Found:
        """For the rules."""
        return Found(self.camera, self.microphone, Way(self.way), self.relay, self.loss, self.round_trip_s)


class VerdictAnswer(Answer):
    """What that means for the visit."""

    grade: Literal["ready", "risky"]
    troubles: list[Literal["no_way", "microphone", "loss", "delay", "tcp", "relay", "camera"]]


def install(app: web.Application, made: Rehearsals) -> None:
    """Serve rehearsals in *app*."""
    app[REHEARSALS] = made
    api.install(app)


@api.get(
    "/api/v1/visits/{id}/ice-servers",
    answer=ServersAnswer,
    visit_scope=True,
    summary="The servers for your connections in a visit",
    refusals=[NotFound],
)
async def get_ice_servers(call: Call[None]) -> ServersAnswer:
    """As with a ticket, and fresh: a call that lasts longer than the credentials asks again."""
    found = await call.app[REHEARSALS].servers(call.caller, call.uuid("id"))
    return ServersAnswer(ice_servers=ice_answers(found), ice_transport_policy=found.policy)


@api.post(
    "/api/v1/visits/{id}/rehearsal",
    body=RehearsalBody,
    answer=RehearsalAnswer,
    visit_scope=True,
    own_transaction=True,  # it is the forwarder that acts; the same again begins anew
    summary="Try the way to our forwarder and back",
    refusals=[NotFound, MediaAway],
)
async def post_rehearsal(call: Call[RehearsalBody]) -> RehearsalAnswer:
    """Two connections of your browser with our forwarder: what the first sends, the second is shown."""
    there, back = call.body.there.leg(), call.body.back.leg()
    answers = await call.app[REHEARSALS].begin(call.caller, call.uuid("id"), there, back)
    return RehearsalAnswer(there=answers[0], back=answers[1])


@api.put(
    "/api/v1/visits/{id}/rehearsal",
    body=FoundBody,
    answer=VerdictAnswer,
    visit_scope=True,
    own_transaction=True,  # rooms keeps it, not the caller; the same again renews it
    summary="Say what your check before a visit found",
    refusals=[NotFound],
)
async def put_rehearsal(call: Call[FoundBody]) -> VerdictAnswer:
    """It ends the check, and its meaning is shown to the visit's practitioners: ready or risky."""
    means = await call.app[REHEARSALS].end(call.caller, call.uuid("id"), call.body.found())
    return VerdictAnswer(grade=means.grade.value, troubles=[one.value for one in means.troubles])
