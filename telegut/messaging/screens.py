"""The pages of messaging: the inbox, a thread, and the thread as a panel beside a call."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from aiohttp import web

from telegut.messaging.desk.rules import Part, Wanted, Whose, desk
from telegut.messaging.inbox import Conversation
from telegut.messaging.keys import MESSAGING
from telegut.messaging.ledger.bodies import TurnAnswer
from telegut.messaging.ledger.keys import REPLY_LEDGER
from telegut.messaging.ledger.whose_turn import Turn
from telegut.messaging.rules import Audience, Kind
from telegut.messaging.threads.page import opened_thread
from telegut.web.api import Call, Query
from telegut.web.identity import identify
from telegut.web.keys import PAGE_CONTEXT
from telegut.web.navigation import role_name
from telegut.web.pages import Pages
from telegut.web.render import render

pages = Pages("messaging")

TEAM = frozenset({"consultant", "nutritionist"})
WRITERS = TEAM | {"patient", "guardian"}


def install(app: web.Application) -> None:
    """Serve the pages, and give every page the number of unread conversations."""
    pages.install(app)
    app[PAGE_CONTEXT].append(_unread)


async def _unread(request: web.Request) -> dict[str, Any]:
    caller = await identify(request)
    if caller.account is None or caller.scope is not None or not caller.roles & WRITERS:
        return {}
    return {"unread": await request.app[MESSAGING].unread(caller)}


class InboxQuery(Query):
    """Which conversations the team's inbox lists; see `telegut.messaging.desk.rules`."""

    whose: Whose = Whose.ALL
    kind: Kind | None = None
    unread: Literal["yes"] | None = None
    whole: Part | None = None

    def wanted(self) -> Wanted:
        """As the rules take it."""
        return Wanted(self.whose, self.kind, self.unread is not None, self.whole)


class ListQuery(InboxQuery):
    """*opened*: the conversation beside it."""

    opened: UUID | None = None


@pages.get("/inbox/list", roles=TEAM, query=ListQuery)
async def get_list(call: Call[None]) -> web.StreamResponse:
    """The team's list alone, for a page that is open already."""
    caller, now = call.caller, call.app[MESSAGING].now()
    conversations = await call.app[MESSAGING].conversations(caller)
    turns = await _turns(call, conversations)
    context = {
        "desk": desk(conversations, turns, call.query.wanted(), me=caller.account, now=now, zone=caller.zone),
        "opened": next((one for one in conversations if one.id == call.query.opened), None),
        "now": now,
    }
    return await render(call.request, "messaging/inbox_list.html", context)


@pages.get("/messages", roles=WRITERS, query=InboxQuery)
async def get_messages(call: Call[None]) -> web.StreamResponse:
    """The inbox; somebody with one conversation goes straight there."""
    messaging = call.app[MESSAGING]
    conversations = await messaging.conversations(call.caller)
    if not call.caller.is_clinician and len(conversations) == 1:
        raise web.HTTPFound(f"/messages/{conversations[0].id}")
    return await _inbox(call, conversations, None)


@pages.get("/messages/{conversation}", roles=WRITERS, query=InboxQuery)
async def get_thread(call: Call[None]) -> web.StreamResponse:
    """One thread, with the inbox beside it where there is room."""
    messaging = call.app[MESSAGING]
    opened = await messaging.conversation(call.caller, call.uuid("conversation"))
    return await _inbox(call, await messaging.conversations(call.caller), opened)


async def _inbox(
    call: Call[None], conversations: list[Conversation], opened: Conversation | None
) -> web.StreamResponse:
    caller, now = call.caller, call.app[MESSAGING].now()
    context: dict[str, Any] = {
        "alone": opened is not None and len(conversations) == 1 and not caller.is_clinician,
        "opened": opened,
        "now": now,
        "thread": None if opened is None else await opened_thread(call, opened),
        "turn": None,
    }
    if not caller.is_clinician:
        context["conversations"] = sorted(conversations, key=_newest_first)
        return await render(call.request, "messaging/inbox.html", context)
    turns = await _turns(call, conversations)
    context["desk"] = desk(conversations, turns, call.query.wanted(), me=caller.account, now=now, zone=caller.zone)
    if opened is not None and opened.id in turns:
        context["turn"] = _turn(opened, turns[opened.id])
    return await render(call.request, "messaging/inbox.html", context)


async def _turns(call: Call[None], conversations: list[Conversation]) -> dict[UUID, Turn]:
    asked = [one.id for one in conversations if one.audience is Audience.EVERYONE]
    return await call.app[REPLY_LEDGER].ledger.turns(call.caller, asked)


def _newest_first(one: Conversation) -> tuple[bool, float, str]:
    """What the family's list is sorted by; conversations without words last."""
    spoken = one.created_at if one.last is None else one.last.sent_at
    return one.last is None, -spoken.timestamp(), str(one.id)


def _turn(opened: Conversation, turn: Turn) -> dict[str, Any]:
    """What the bar above a thread starts from: whose turn it is, and to whom it can be handed."""
    team = [one for one in opened.members if one.roles & TEAM]
    return {
        "turn": TurnAnswer.of(turn).model_dump(mode="json"),
        "patient_name": opened.patient_name,
        "team": [
            {"account": str(one.account), "name": one.name, "role": role_name(min(one.roles & TEAM))} for one in team
        ],
    }


@pages.get("/patients/{id}/panels/thread", visit_scope=True)
async def get_panel(call: Call[None]) -> web.StreamResponse:
    """The thread of a patient and their care team, for the side of a call or of the record."""
    messaging = call.app[MESSAGING]
    opened = await messaging.care_conversation(call.caller, call.uuid("id"))
    thread = None if opened is None else await opened_thread(call, opened)
    context = {"opened": opened, "thread": thread, "now": messaging.now()}
    return await render(call.request, "messaging/panel.html", context)
