"""Saved replies over HTTP, for everybody who answers patients."""

from __future__ import annotations

from uuid import UUID

from aiohttp import web
from pydantic import Field

from telegut.messaging.saved_replies.rules import UnknownPlaceholder, gaps
from telegut.messaging.saved_replies.service import ReplyChanged, SavedReplies, SavedReply
from telegut.web.api import Answer, Body, Call, Endpoints, Page, Query

api = Endpoints("messaging")
SAVED_REPLIES: web.AppKey[SavedReplies] = web.AppKey("messaging_saved_replies")
ANSWERING = {"consultant", "nutritionist"}


def install(app: web.Application, saved: SavedReplies) -> None:
    """Serve them in *app*."""
    app[SAVED_REPLIES] = saved
    api.install(app)


class ReplyBody(Body):
    """Words for another time; gaps ``{first_name}`` and ``{visit_time}``. *shared*: for everybody in the clinic."""

    title: str = Field(max_length=1_000)
    body: str
    shared: bool = False


class ReplyChange(Body):
    """Another title or other words, for the reply at *version*."""

    version: int
    title: str | None = Field(default=None, max_length=1_000)
    body: str | None = None


class ReplyAnswer(Answer):
    """A saved reply."""

    id: UUID
    title: str
    body: str
    shared: bool
    version: int

    @classmethod
    def of(cls, one: SavedReply) -> ReplyAnswer:
        """Translate."""
        return cls(id=one.id, title=one.title, body=one.body, shared=one.shared, version=one.version)


@api.get(
    "/api/v1/saved-replies", answer=Page[ReplyAnswer], roles=ANSWERING, summary="My saved replies, and the clinic's"
)
async def get_saved_replies(call: Call[None]) -> Page[ReplyAnswer]:
    """By title."""
    return Page[ReplyAnswer](items=[ReplyAnswer.of(one) for one in await call.app[SAVED_REPLIES].all(call.caller)])


class FillQuery(Query):
    """For whom the gaps are filled."""

    patient: UUID


class FilledAnswer(Answer):
    """The words to send; a gap that could not be filled (no visit is booked) is still there, and in *open*."""

    body: str
    open: list[str]


@api.get(
    "/api/v1/saved-replies/{id}/filled",
    query=FillQuery,
    answer=FilledAnswer,
    roles=ANSWERING,
    summary="A saved reply with its gaps filled for a patient",
)
async def get_filled(call: Call[None]) -> FilledAnswer:
    """Their first name, their next visit on their own clock."""
    body = await call.app[SAVED_REPLIES].filled(call.caller, call.uuid("id"), call.query.patient)
    return FilledAnswer(body=body, open=gaps(body))


@api.post(
    "/api/v1/saved-replies",
    body=ReplyBody,
    answer=ReplyAnswer,
    status=201,
    roles=ANSWERING,
    summary="Save a reply",
    refusals=[UnknownPlaceholder],
)
async def post_saved_reply(call: Call[ReplyBody]) -> ReplyAnswer:
    """Keep it."""
    body = call.body
    made = await call.app[SAVED_REPLIES].add(call.caller, body.title, body.body, shared=body.shared)
    return ReplyAnswer.of(made)


@api.patch(
    "/api/v1/saved-replies/{id}",
    body=ReplyChange,
    answer=ReplyAnswer,
    roles=ANSWERING,
    summary="Change a saved reply",
    refusals=[ReplyChanged, UnknownPlaceholder],
)
async def patch_saved_reply(call: Call[ReplyChange]) -> ReplyAnswer:
    """Another title or other words."""
    body = call.body
    changed = await call.app[SAVED_REPLIES].change(
        call.caller, call.uuid("id"), version=body.version, title=body.title, body=body.body
    )
    return ReplyAnswer.of(changed)


@api.delete("/api/v1/saved-replies/{id}", status=204, roles=ANSWERING, summary="Forget a saved reply")
async def delete_saved_reply(call: Call[None]) -> None:
    """Remove it."""
    await call.app[SAVED_REPLIES].remove(call.caller, call.uuid("id"))
