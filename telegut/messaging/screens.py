"""The pages of messaging: the inbox, a thread, and the thread as a panel beside a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from aiohttp import web

from telegut.messaging.inbox import Conversation
from telegut.messaging.keys import MESSAGING
from telegut.messaging.ledger.keys import REPLY_LEDGER
from telegut.messaging.ledger.rules import State
from telegut.messaging.ledger.service import Turn
from telegut.messaging.rules import Audience
from telegut.messaging.threads.page import opened_thread
from telegut.web.api import Call
from telegut.web.identity import identify
from telegut.web.keys import PAGE_CONTEXT
from telegut.web.pages import Pages
from telegut.web.render import render

pages = Pages("messaging")

WRITERS = frozenset({"patient", "guardian", "consultant", "nutritionist"})


def install(app: web.Application) -> None:
    """Serve the pages, and give every page the number of unread conversations."""
    pages.install(app)
    app[PAGE_CONTEXT].append(_unread)


async def _unread(request: web.Request) -> dict[str, Any]:
    caller = await identify(request)
    if caller.account is None or caller.scope is not None or not caller.roles & WRITERS:
        return {}
    return {"unread": await request.app[MESSAGING].unread(caller)}


@dataclass(frozen=True, slots=True)
class Line:
    """
    One conversation in the inbox.

    answer_by: when an answer was promised, for the team alone. late: that moment has passed.
    """

    conversation: Conversation
    answer_by: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class Inbox:
    """
    Conversations by who has to speak next: the oldest promise first, then the newest words first.

    team: the care team's side threads, in which nobody owes an answer.
    """

    waiting: list[Line]
    answered: list[Line]
    silent: list[Line]
    team: list[Line]

    @property
    def is_empty(self) -> bool:
        """Whether there is no conversation at all."""
        return not (self.waiting or self.answered or self.silent or self.team)


def sorted_inbox(conversations: list[Conversation], turns: Mapping[UUID, Turn], *, now: datetime) -> Inbox:
    """The inbox at *now*; the reply ledger's *turns* say what is owed, and by when."""
    shared = [one for one in conversations if one.audience is Audience.EVERYONE]
    lines = [_line(one, turns.get(one.id), now) for one in shared]
    team = [_line(one, None, now) for one in conversations if one not in shared]
    owed = {one.conversation for one in turns.values() if one.standing.state is State.OWED}
    waiting = [one for one in lines if one.conversation.id in owed]
    answered = [one for one in lines if one.conversation.last and one.conversation.id not in owed]
    silent = [one for one in lines if one.conversation.last is None]
    waiting.sort(key=lambda one: (one.answer_by is None, one.answer_by or _spoken(one)))
    answered.sort(key=_spoken, reverse=True)
    silent.sort(key=lambda one: one.conversation.patient_name)
    team.sort(key=_spoken, reverse=True)
    return Inbox(waiting, answered, silent, team)


def _line(one: Conversation, turn: Turn | None, now: datetime) -> Line:
    promised = None if turn is None else turn.due
    return Line(one, promised, promised is not None and promised < now)


def _spoken(line: Line) -> datetime:
    last = line.conversation.last
    return line.conversation.created_at if last is None else last.sent_at


@pages.get("/messages", roles=WRITERS)
async def get_messages(call: Call[None]) -> web.StreamResponse:
    """The inbox; somebody with one conversation goes straight there."""
    messaging = call.app[MESSAGING]
    conversations = await messaging.conversations(call.caller)
    if not call.caller.is_clinician and len(conversations) == 1:
        raise web.HTTPFound(f"/messages/{conversations[0].id}")
    return await _inbox(call, conversations, None)


@pages.get("/messages/{conversation}", roles=WRITERS)
async def get_thread(call: Call[None]) -> web.StreamResponse:
    """One thread, with the inbox beside it where there is room."""
    messaging = call.app[MESSAGING]
    opened = await messaging.conversation(call.caller, call.uuid("conversation"))
    return await _inbox(call, await messaging.conversations(call.caller), opened)


async def _inbox(
    call: Call[None], conversations: list[Conversation], opened: Conversation | None
) -> web.StreamResponse:
    messaging = call.app[MESSAGING]
    now = messaging.now()
    turns = await call.app[REPLY_LEDGER].ledger.turns(call.caller, [one.id for one in conversations])
    context = {
        "inbox": sorted_inbox(conversations, turns, now=now),
        "alone": opened is not None and len(conversations) == 1 and not call.caller.is_clinician,
        "opened": opened,
        "now": now,
        "thread": None if opened is None else await opened_thread(call, opened),
    }
    return await render(call.request, "messaging/inbox.html", context)


@pages.get("/patients/{id}/panels/thread", visit_scope=True)
async def get_panel(call: Call[None]) -> web.StreamResponse:
    """The thread of a patient and their care team, for the side of a call or of the record."""
    messaging = call.app[MESSAGING]
    opened = await messaging.care_conversation(call.caller, call.uuid("id"))
    thread = None if opened is None else await opened_thread(call, opened)
    context = {"opened": opened, "thread": thread, "now": messaging.now()}
    return await render(call.request, "messaging/panel.html", context)


def others(opened: Conversation, me: UUID | None) -> list[str]:
    """The names of those who take part beside *me*."""
    return [one.name for one in opened.members if one.account != me]
