"""Choices about notices over HTTP, and the page for them."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from aiohttp import web
from pydantic import AfterValidator, Field

from telegut.errors import TooMany
from telegut.notices.choices.kept import STAFF
from telegut.notices.choices.service import Choices, Chosen, Wanted
from telegut.notices.deciding import Matter, Pace, QuietKind, Wishes
from telegut.notices.push.handlers import DeviceAnswer
from telegut.notices.reaching import NoTextMessages
from telegut.notices.rules import Channel
from telegut.web.api import Answer, Body, Call, Endpoints
from telegut.web.pages import Pages
from telegut.web.render import render

CHOICES = web.AppKey("notices_choices", Choices)
api = Endpoints("accounts")
pages = Pages("notices")
Way = Literal["mail", "sms", "push"]


def _once(ways: list[Way]) -> list[Way]:
    if len(set(ways)) < len(ways):
        raise ValueError("names each way once")
    return ways


Ways = Annotated[list[Way], AfterValidator(_once)]


def install(app: web.Application, choices: Choices) -> None:
    """Serve them in *app*."""
    app[CHOICES] = choices
    api.install(app)
    pages.install(app)


class ChoicesBody(Body):
    """
    How the caller wants to be told, by matter and channel.

    Push means every device on which it was turned on. What is urgent passes quiet hours, and goes by mail when nothing
    else is left. ``quiet``: ``usual`` is 21:00 to 8:00, for staff outside the staffed hours; times are on one's own
    wall. ``pace``: messages, plans and reports one by one, once an hour, or once a day at ``daily_at``. ``again``: a
    message that stays unread is said again after 5 and after 60 minutes.
    """

    message: Ways = Field(max_length=3)
    urgent: Ways = Field(default=["mail", "sms", "push"], max_length=3)
    visit: Ways = Field(max_length=3)
    plan: Ways = Field(max_length=3)
    report: Ways = Field(max_length=3)
    quiet: Literal["usual", "hours", "none"] = "usual"
    quiet_from: time = time(21)
    quiet_until: time = time(8)
    pace: Literal["at_once", "hourly", "daily"] = "at_once"
    daily_at: time = time(18)
    again: bool = False
    changes_by_mail: bool = False
    mobile: str | None = Field(default=None, max_length=40)

    def wanted(self) -> Wanted:
        """Translate."""
        wishes = Wishes(
            channels={matter: _channels(getattr(self, matter.value)) for matter in Matter},
            visit_push="push" in self.visit,
            quiet=QuietKind(self.quiet),
            quiet_from=_to_the_minute(self.quiet_from),
            quiet_until=_to_the_minute(self.quiet_until),
            pace=Pace(self.pace),
            daily_at=_to_the_minute(self.daily_at),
            again=self.again,
        )
        return Wanted(wishes, _channels(self.visit), self.changes_by_mail, self.mobile)


class ChoicesAnswer(Answer):
    """How the caller is told. ``texts``: whether this clinic sends text messages; ``key``: for turning push on."""

    message: Ways
    urgent: Ways
    visit: Ways
    plan: Ways
    report: Ways
    quiet: Literal["usual", "hours", "none"]
    quiet_from: str
    quiet_until: str
    pace: Literal["at_once", "hourly", "daily"]
    daily_at: str
    again: bool
    changes_by_mail: bool
    mobile: str | None
    verified: bool
    texts: bool
    devices: list[DeviceAnswer]

    @classmethod
    def of(cls, chosen: Chosen) -> ChoicesAnswer:
        """As an answer."""
        wishes, contact = chosen.wishes, chosen.reached.contact
        return cls(
            **{matter.value: _ways(wishes.channels[matter]) for matter in Matter},
            visit=_ways(chosen.visit),
            quiet=wishes.quiet.value,
            quiet_from=f"{wishes.quiet_from:%H:%M}",
            quiet_until=f"{wishes.quiet_until:%H:%M}",
            pace=wishes.pace.value,
            daily_at=f"{wishes.daily_at:%H:%M}",
            again=wishes.again,
            changes_by_mail=contact.changes_by_mail,
            mobile=contact.mobile,
            verified=contact.verified,
            texts=chosen.reached.texts,
            devices=[DeviceAnswer.of(one) for one in chosen.devices],
        )


def _channels(ways: Ways) -> frozenset[Channel]:
    return frozenset(Channel(way) for way in ways)


def _ways(channels: frozenset[Channel]) -> Ways:
    return [channel.value for channel in Channel if channel in channels]


def _to_the_minute(clock: time) -> time:
    return clock.replace(second=0, microsecond=0, tzinfo=None)


@api.get("/api/v1/me/notices", answer=ChoicesAnswer, summary="How I am told")
async def get_choices(call: Call[None]) -> ChoicesAnswer:
    """What the caller chose, or has by default."""
    return ChoicesAnswer.of(await call.app[CHOICES].mine(call.caller))


@api.put(
    "/api/v1/me/notices",
    body=ChoicesBody,
    answer=ChoicesAnswer,
    summary="Choose how I am told",
    refusals=[NoTextMessages, TooMany],
)
async def put_choices(call: Call[ChoicesBody]) -> ChoicesAnswer:
    """Kept at once; a new number gets a code by text message, and text messages once the code was shown."""
    return ChoicesAnswer.of(await call.app[CHOICES].choose(call.caller, call.body.wanted()))


@pages.get("/account/notices")
async def get_page(call: Call[None]) -> web.Response:
    """One form for everything, and this device."""
    chosen = await call.app[CHOICES].mine(call.caller)
    context = {
        "chosen": ChoicesAnswer.of(chosen),
        "staff": bool(call.caller.roles & STAFF),
        "practitioner": call.caller.is_clinician,
        "family": bool(call.caller.roles & {"patient", "guardian"}),
        "push_key": call.app[CHOICES].push.pusher.vapid.public,
    }
    return await render(call.request, "notices/notices.html", context)


@pages.get("/account/reminders")
async def get_reminders_page(call: Call[None]) -> web.Response:
    """The former address of the same page."""
    raise web.HTTPFound("/account/notices")
