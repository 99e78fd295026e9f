"""How one is reminded of visits, over HTTP. The page for all choices: `telegut.notices.choices`."""

from __future__ import annotations

from typing import Literal

from aiohttp import web
from pydantic import Field

from telegut.errors import TooMany
from telegut.notices.contacts import Choice, WrongCode
from telegut.notices.reaching import NoTextMessages, Reached, Reaching
from telegut.web.api import Answer, Body, Call, Endpoints

REACHING = web.AppKey("reaching", Reaching)
api = Endpoints("accounts")


def install(app: web.Application, reaching: Reaching) -> None:
    """Serve them in *app*."""
    app[REACHING] = reaching
    api.install(app)


class ReachedAnswer(Answer):
    """
    How the caller is reached. *reminders* is null when they never chose. *changes_by_mail*: of practitioners, a mail
    for every booking, move and cancellation. *texts*: whether this clinic sends text messages.
    """

    reminders: Literal["mail", "sms", "both", "none"] | None
    changes_by_mail: bool
    mobile: str | None
    verified: bool
    texts: bool

    @classmethod
    def of(cls, found: Reached) -> ReachedAnswer:
        """As an answer."""
        one = found.contact
        return cls(
            reminders=one.reminders.value if one.reminders else None,
            changes_by_mail=one.changes_by_mail,
            mobile=one.mobile,
            verified=one.verified,
            texts=found.texts,
        )


class ReachedBody(Body):
    """How the caller wants to be reached. *mobile*: with its country code, however it is written."""

    reminders: Literal["mail", "sms", "both", "none"]
    changes_by_mail: bool = False
    mobile: str | None = Field(default=None, max_length=40)


class CodeBody(Body):
    """The code that came by text message."""

    code: str = Field(min_length=1, max_length=16)


@api.get("/api/v1/me/reminders", answer=ReachedAnswer, summary="How I am reminded")
async def get_reminders(call: Call[None]) -> ReachedAnswer:
    """What the caller chose."""
    return ReachedAnswer.of(await call.app[REACHING].mine(call.caller))


@api.put(
    "/api/v1/me/reminders",
    body=ReachedBody,
    answer=ReachedAnswer,
    summary="Choose how I am reminded",
    refusals=[NoTextMessages, TooMany],
)
async def put_reminders(call: Call[ReachedBody]) -> ReachedAnswer:
    """A new number gets a code by text message; text messages go to it once the code was shown."""
    body = call.body
    found = await call.app[REACHING].choose(
        call.caller, Choice(body.reminders), changes_by_mail=body.changes_by_mail, mobile=body.mobile
    )
    return ReachedAnswer.of(found)


@api.post(
    "/api/v1/me/mobile-code",
    body=CodeBody,
    answer=ReachedAnswer,
    summary="Show that a number is mine",
    own_transaction=True,  # a wrong code counts, whatever becomes of the request
    refusals=[WrongCode],
)
async def post_mobile_code(call: Call[CodeBody]) -> ReachedAnswer:
    """By the code that was sent to it."""
    code = "".join(call.body.code.split())
    return ReachedAnswer.of(await call.app[REACHING].verify(call.caller, code))
