"""The history of a message over HTTP."""

from __future__ import annotations

from uuid import UUID

from aiohttp import web

from telegut.messaging.keys import MESSAGING
from telegut.messaging.threads import page
from telegut.messaging.threads.history import Version, history
from telegut.web.api import Answer, Call, Endpoints, Instant

api = Endpoints("messaging")


def install(app: web.Application) -> None:
    """Serve it in *app*, and the way to a patient's place."""
    api.install(app)
    page.pages.install(app)


class VersionAnswer(Answer):
    """
    What somebody did to a message: ``message.sent``, ``message.edited`` or ``message.retracted``.

    *body* is null once the message was taken back, or its words were removed after the clinic's years.
    """

    seq: int
    type: str
    at: Instant
    by: UUID
    by_name: str
    body: str | None

    @classmethod
    def of(cls, one: Version) -> VersionAnswer:
        """Translate."""
        return cls(seq=one.seq, type=one.type, at=one.at, by=one.by, by_name=one.by_name, body=one.body)


class HistoryAnswer(Answer):
    """Everything that happened to one message."""

    items: list[VersionAnswer]
    next: None = None


@api.get(
    "/api/v1/conversations/{id}/messages/{message}/history",
    answer=HistoryAnswer,
    summary="What a message said before, who changed it and when",
    visit_scope=True,
)
async def get_history(call: Call[None]) -> HistoryAnswer:
    """The first words first."""
    messaging = call.app[MESSAGING]
    found = await history(messaging.db, messaging.vault, call.caller, call.uuid("id"), call.uuid("message"))
    return HistoryAnswer(items=[VersionAnswer.of(one) for one in found])
