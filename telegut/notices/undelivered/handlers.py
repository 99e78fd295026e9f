"""What could not be sent, over HTTP and as a page; an administrator's, who reads no notice by it."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from aiohttp import web

from telegut.errors import NotFound
from telegut.notices.undelivered.service import Lost, Undelivered
from telegut.web.api import Answer, Call, Endpoints, Instant, Page
from telegut.web.pages import Pages
from telegut.web.render import render

UNDELIVERED = web.AppKey("notices_undelivered", Undelivered)
api = Endpoints("notices")
pages = Pages("notices")
ADMIN = {"admin"}


def install(app: web.Application, undelivered: Undelivered) -> None:
    """Serve them in *app*."""
    app[UNDELIVERED] = undelivered
    api.install(app)
    pages.install(app)


class LostAnswer(Answer):
    """
    A notice that did not leave: for whom, by which channel, and what the server there answered.

    ``waiting``: its server is away, and it is tried again for a day. ``not_configured``: there is no server.
    """

    id: UUID
    name: str
    channel: Literal["mail", "sms", "push"]
    state: Literal["waiting", "refused", "not_configured"]
    problem: str | None
    due_at: Instant
    settled_at: Instant | None

    @classmethod
    def of(cls, lost: Lost) -> LostAnswer:
        """Translate."""
        return cls.model_validate(
            {
                "id": lost.id,
                "name": lost.name,
                "channel": lost.channel.value,
                "state": lost.state.value,
                "problem": lost.problem,
                "due_at": lost.due_at,
                "settled_at": lost.settled_at,
            }
        )


@api.get("/api/v1/notices/undelivered", answer=Page[LostAnswer], roles=ADMIN, summary="Notices that could not be sent")
async def get_undelivered(call: Call[None]) -> Page[LostAnswer]:
    """Of the last two weeks, the newest first."""
    found = await call.app[UNDELIVERED].recent(call.caller)
    return Page(items=[LostAnswer.of(one) for one in found], next=None)


@api.post("/api/v1/notices/{id}/again", roles=ADMIN, summary="Try to send a notice again", refusals=[NotFound])
async def post_again(call: Call[None]) -> None:
    """What is no longer so is still not sent."""
    await call.app[UNDELIVERED].again(call.caller, call.uuid("id"))


@pages.get("/undelivered", roles=ADMIN)
async def get_page(call: Call[None]) -> web.Response:
    """A list, with a button for what can be tried again."""
    found = await call.app[UNDELIVERED].recent(call.caller)
    return await render(call.request, "notices/undelivered.html", {"lost": found})
