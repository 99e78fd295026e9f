"""Typing a document over HTTP, for the care team, and its page."""

from __future__ import annotations

from uuid import UUID

from aiohttp import web
from pydantic import Field

from telegut.accounts import people
from telegut.reports.bodies import ReceivedAnswer
from telegut.reports.confirming import NamesNotKnown
from telegut.reports.told import Told
from telegut.reports.typed.rules import MOST_CHARACTERS, MOST_LINES, Line, TypedRank
from telegut.reports.typed.service import LookedAlready, NothingToType, OwnTyping, Typing
from telegut.web.api import Answer, Body, Call, Endpoints, Instant
from telegut.web.keys import DATABASE
from telegut.web.pages import Pages
from telegut.web.render import render

api = Endpoints("reports")
pages = Pages("reports")
TYPING: web.AppKey[Typing] = web.AppKey("reports_typing")
TEAM = {"consultant", "nutritionist"}


def install(app: web.Application, typing: Typing) -> None:
    """Serve them in *app*."""
    app[TYPING] = typing
    api.install(app)
    pages.install(app)


class LineBody(Body):
    """One line of the document. confirmed: its name is not known here, and is that of a group of organisms."""

    name: str = Field(min_length=1, max_length=MOST_CHARACTERS)
    rank: TypedRank = "genus"
    percent: float = Field(ge=0, le=100, description="of the whole sample, as printed")
    confirmed: bool = False


class TypedBody(Body):
    """What stands in the document; *version* is that of the report."""

    version: int
    rows: list[LineBody] = Field(min_length=1, max_length=MOST_LINES)


class LookBody(Body):
    """Which typing was compared with the document."""

    number: int = Field(ge=1)


class TypedAnswer(Answer):
    """Who typed it, and who compared it with the document."""

    number: int
    typed_by: UUID | None
    typed_at: Instant
    looked_by: UUID | None
    looked_at: Instant | None

    @classmethod
    def of(cls, told: Told) -> TypedAnswer:
        """*told* for the wire."""
        return cls(
            number=told.number,
            typed_by=told.by,
            typed_at=told.at,
            looked_by=told.looked_by,
            looked_at=told.looked_at,
        )


@api.post(
    "/api/v1/reports/{id}/typed",
    body=TypedBody,
    answer=ReceivedAnswer,
    status=202,
    roles=TEAM,
    summary="Type what stands in a PDF or a photo",
    refusals=[NothingToType, NamesNotKnown],
)
async def post_typed(call: Call[TypedBody]) -> ReceivedAnswer:
    """Makes the report of what was typed; it is labelled so everywhere."""
    lines = [Line(" ".join(one.name.split()), one.rank, one.percent, one.confirmed) for one in call.body.rows]
    received = await call.app[TYPING].type(call.caller, call.uuid("id"), call.body.version, lines)
    return ReceivedAnswer(id=received.id, state=received.state, version=received.version)


@api.post(
    "/api/v1/reports/{id}/typed/look",
    body=LookBody,
    answer=TypedAnswer,
    roles=TEAM,
    summary="Say that what was typed is what stands in the document",
    refusals=[NothingToType, OwnTyping, LookedAlready],
)
async def post_look(call: Call[LookBody]) -> TypedAnswer:
    """The second pair of eyes."""
    return TypedAnswer.of(await call.app[TYPING].look(call.caller, call.uuid("id"), call.body.number))


@pages.get("/reports/{id}/typing", roles=TEAM)
async def get_typing(call: Call[None]) -> web.Response:
    """The document's files, and a table to type into."""
    document = await call.app[TYPING].document(call.caller, call.uuid("id"))
    async with call.app[DATABASE].begin(call.caller) as tx:
        names = await people.named(tx, [document.report.patient])
    context = {"document": document, "report": document.report, "patient": names[document.report.patient]}
    return await render(call.request, "reports/typing.html", context)
