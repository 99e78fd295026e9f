"""Search over HTTP."""

from __future__ import annotations

from uuid import UUID

from aiohttp import web
from pydantic import Field

from telegut.messaging.search.rules import QUERY_MAX_CHARACTERS
from telegut.messaging.search.service import Hit, Search
from telegut.web.api import Answer, Call, Endpoints, Instant, Query

api = Endpoints("messaging")
SEARCH: web.AppKey[Search] = web.AppKey("messaging_search")


def install(app: web.Application, search: Search) -> None:
    """Serve it in *app*."""
    app[SEARCH] = search
    api.install(app)


class SearchQuery(Query):
    """Words, all of which a message must have; *cursor* of the page before."""

    q: str = Field(max_length=QUERY_MAX_CHARACTERS)
    cursor: UUID | None = None


class HitAnswer(Answer):
    """A message, and a piece of it around the words. *path* opens the thread there."""

    conversation: UUID
    message: UUID
    seq: int
    sender: UUID
    sent_at: Instant
    snippet: str
    path: str

    @classmethod
    def of(cls, hit: Hit) -> HitAnswer:
        """Translate."""
        return cls(
            conversation=hit.conversation,
            message=hit.message,
            seq=hit.seq,
            sender=hit.sender,
            sent_at=hit.sent_at,
            snippet=hit.snippet,
            path=f"/messages/{hit.conversation}#{hit.seq}",
        )


class FoundAnswer(Answer):
    """Hits, the newest first. *complete* is false while a long log is still being read in."""

    items: list[HitAnswer]
    next: str | None
    complete: bool


@api.get(
    "/api/v1/patients/{id}/messages/search",
    query=SearchQuery,
    answer=FoundAnswer,
    summary="Find words in the messages about a patient",
)
async def get_search(call: Call[None]) -> FoundAnswer:
    """Only conversations in which the caller takes part."""
    found = await call.app[SEARCH].find(call.caller, call.uuid("id"), call.query.q, after=call.query.cursor)
    following = None if found.next is None else str(found.next)
    return FoundAnswer(items=[HitAnswer.of(hit) for hit in found.hits], next=following, complete=found.complete)
