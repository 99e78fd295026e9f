"""Conversations over HTTP and on ``/events``: parse, call, answer. No rules live here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from aiohttp import web
from pydantic import Field

from telegut.db.caller import Caller
from telegut.messaging import rules, screens
from telegut.messaging.anchors import Anchors, NoSuchPlace
from telegut.messaging.batch import Send
from telegut.messaging.events import PREFIXES, TYPING
from telegut.messaging.extras import Cite, CiteKind, Extras, NotInThisConversation
from telegut.messaging.inbox import Conversation
from telegut.messaging.keys import MESSAGING
from telegut.messaging.ledger.keys import REPLY_LEDGER
from telegut.messaging.ledger.service import Outlook
from telegut.messaging.rules import (
    AlreadyRetracted,
    Audience,
    ClientIdReused,
    NobodyAnswers,
    NoCareTeam,
    NotInTheTeam,
    NotTheAuthor,
)
from telegut.messaging.sends import SocketSends, answer
from telegut.messaging.service import Appended, Messaging
from telegut.messaging.telling import Telling
from telegut.messaging.typing_hints import Typing
from telegut.messaging.uploads.rules import NoSuchUpload, UploadPending, UploadRefused, UploadUsed, check_list
from telegut.messaging.urgent import UrgentUnconfirmed, check_urgent
from telegut.messaging.writer import Busy, Limits, Writer
from telegut.realtime.handlers import BUS, FEED, HUB, command
from telegut.web import keys
from telegut.web.api import Answer, Body, Call, Endpoints, Instant, Page, Query, validated
from telegut.web.sockets import Socket

api = Endpoints("messaging")


@dataclass(frozen=True, slots=True)
class Doors:
    """What the handlers of one web process work with."""

    messaging: Messaging
    writer: Writer
    sends: SocketSends
    typing: Typing
    anchors: Anchors
    page: int
    files: int


DOORS: web.AppKey[Doors] = web.AppKey("messaging_doors")


def install(app: web.Application, messaging: Messaging, anchors: Anchors) -> None:
    """Serve conversations in *app*, and run its message writer."""
    app[MESSAGING] = messaging
    doors = app[DOORS] = _doors(app, messaging, anchors)
    api.install(app)
    screens.install(app)
    for prefix in PREFIXES:
        app[FEED].reader(prefix, messaging.complete)
    command(app, "send", lambda socket, message: _send_command(doors, socket, message))
    command(app, TYPING, lambda socket, message: _typing_command(doors, socket, message))
    app.cleanup_ctx.append(lambda _: _writing(doors.writer))


def _doors(app: web.Application, messaging: Messaging, anchors: Anchors) -> Doors:
    settings = app[keys.SETTINGS]
    limits = Limits(settings.message_queue, settings.message_batch, settings.message_retry_s)
    writer = Writer(settings.database_url, app[keys.VAULT], now=app[keys.NOW], limits=limits, tell=partial(_tell, app))
    sends = SocketSends(writer, in_flight=settings.message_in_flight)
    typing = Typing(messaging, app[BUS], app[HUB], now=app[keys.NOW])
    return Doors(messaging, writer, sends, typing, anchors, settings.message_page, settings.upload_message_files)


def _tell(app: web.Application, telling: Telling) -> None:
    """Open feeds of this process get what was stored at once; those of the others are woken."""
    app[HUB].deliver(telling.appended, telling.event)
    app[BUS].wake_elsewhere(telling.appended.ends)


async def _writing(writer: Writer) -> AsyncIterator[None]:
    writer.start()
    yield
    await writer.stop()


# --- what conversations look like


class MemberAnswer(Answer):
    """
    Somebody who takes part. The numbers are those of the last entry they have read, and that has reached one of their
    devices (null in lists).
    """

    account: UUID
    name: str
    roles: list[str]
    read_up_to: int
    delivered_up_to: int | None


class LastAnswer(Answer):
    """The newest message; *body* is null when it was taken back."""

    seq: int
    sender: UUID
    sent_at: Instant
    body: str | None
    urgent: bool


class HelplineAnswer(Answer):
    """Somebody to call when it cannot wait."""

    label: str
    number: str
    dialled: str


class AbsentAnswer(Answer):
    """Who usually answers and is away, the day *until* included."""

    name: str
    until: date


class OutlookAnswer(Answer):
    """
    What somebody who writes now may expect. *late*: the owed answer should have come; *answer_by* counts from now.

    *answers*: the name of who answers now, null: the team. *away*: whoever usually does is away. *cared_for*: false
    while the patient has no care team; then nobody answers, and nothing is promised.
    """

    cared_for: bool
    staffed: bool
    answer_by: Instant | None
    late: bool
    answers: str | None
    away: AbsentAnswer | None
    helplines: list[HelplineAnswer]

    @classmethod
    def of(cls, outlook: Outlook) -> OutlookAnswer:
        """Translate."""
        helplines = [
            HelplineAnswer(label=one.label, number=one.number, dialled=one.dialled) for one in outlook.helplines
        ]
        absent = outlook.absent
        return cls(
            cared_for=outlook.cared_for,
            staffed=outlook.staffed,
            answer_by=outlook.answer_by,
            late=outlook.late,
            answers=None if outlook.answers is None else outlook.answers.name,
            away=None if absent is None else AbsentAnswer(name=absent.person.name, until=absent.until_day),
            helplines=helplines,
        )


class ConversationAnswer(Answer):
    """
    A conversation as the caller sees it.

    *subject* is null for the one place of the patient and their care team, *outlook* in lists.
    *answer_due*: by when the team answers what was written last; null when nothing is owed, and in lists.
    """

    id: UUID
    patient: UUID
    patient_name: str
    kind: str
    audience: Audience
    subject: str | None
    last_seq: int
    created_at: Instant
    read_up_to: int
    unread: int
    last: LastAnswer | None
    members: list[MemberAnswer]
    outlook: OutlookAnswer | None = None
    answer_due: Instant | None = None

    @classmethod
    def of(
        cls, one: Conversation, outlook: Outlook | None = None, answer_due: datetime | None = None
    ) -> ConversationAnswer:
        """Translate."""
        last = one.last
        return cls(
            id=one.id,
            patient=one.patient,
            patient_name=one.patient_name,
            kind=one.kind,
            audience=one.audience,
            subject=one.subject,
            last_seq=one.last_seq,
            created_at=one.created_at,
            read_up_to=one.read_up_to,
            unread=one.unread,
            outlook=None if outlook is None else OutlookAnswer.of(outlook),
            answer_due=answer_due,
            last=None
            if last is None
            else LastAnswer(seq=last.seq, sender=last.sender, sent_at=last.sent_at, body=last.body, urgent=last.urgent),
            members=[
                MemberAnswer(
                    account=member.account,
                    name=member.name,
                    roles=sorted(member.roles),
                    read_up_to=member.read_up_to,
                    delivered_up_to=member.delivered_up_to,
                )
                for member in one.members
            ],
        )


@api.get("/api/v1/conversations", answer=Page[ConversationAnswer], summary="My conversations", visit_scope=True)
async def get_conversations(call: Call[None]) -> Page[ConversationAnswer]:
    """Everything the caller takes part in."""
    found = await call.app[MESSAGING].conversations(call.caller)
    return Page[ConversationAnswer](items=[ConversationAnswer.of(one) for one in found])


@api.get("/api/v1/conversations/{id}", answer=ConversationAnswer, summary="One conversation", visit_scope=True)
async def get_conversation(call: Call[None]) -> ConversationAnswer:
    """Who takes part, and how far each of them is."""
    found = await call.app[MESSAGING].conversation(call.caller, call.uuid("id"))
    expected = await call.app[REPLY_LEDGER].ledger.outlook(call.caller, found.id)
    return ConversationAnswer.of(found, expected, expected.turn.due)


class ConversationBody(Body):
    """
    A new conversation about a subject; the patient and the caller always take part. *audience* ``team``: a side
    thread of the whole care team, which the patient and their guardians cannot open or find.
    """

    patient: UUID
    subject: str = Field(max_length=1_000)
    members: list[UUID] = Field(default_factory=list, max_length=100)
    audience: Audience = Audience.EVERYONE


@api.post(
    "/api/v1/conversations",
    body=ConversationBody,
    answer=ConversationAnswer,
    status=201,
    summary="Open a conversation about a subject",
    refusals=[NotInTheTeam, NobodyAnswers, NoCareTeam],
)
async def post_conversation(call: Call[ConversationBody]) -> ConversationAnswer:
    """Open one."""
    body = call.body
    made = await call.app[MESSAGING].create(call.caller, body.patient, body.subject, body.members, body.audience)
    return ConversationAnswer.of(made)


# --- messages


class CiteBody(Body):
    """A place in the patient's record that a message points at; see `telegut.messaging.extras`."""

    kind: CiteKind
    id: str = Field(min_length=1, max_length=64)
    patient: UUID | None = None
    place: str | None = Field(default=None, max_length=200)


class MessageBody(Body):
    """A message. *client_id* is the sender's own id for it; the same one again is the same message.

    *urgent_confirmed*: the patient's side has read whom to call in danger. *mentions*: accounts that take part.
    *attachments*: clean uploads of the sender's own; with some, *body* may be empty.
    """

    client_id: str
    body: str
    urgent: bool = False
    urgent_confirmed: bool | None = None
    attachments: list[str] = Field(default_factory=list, max_length=100)
    mentions: list[UUID] = Field(default_factory=list, max_length=50)
    cites: list[CiteBody] = Field(default_factory=list, max_length=20)

    @property
    def extras(self) -> Extras:
        """What it carries beside its words."""
        cites = [Cite(one.kind, one.id, one.place) for one in self.cites]
        return Extras(tuple(dict.fromkeys(self.mentions)), tuple(dict.fromkeys(cites)))


class MessageAnswer(Answer):
    """Where a message is stored, for good."""

    id: UUID
    conversation: UUID
    seq: int
    client_id: str
    sender: UUID
    sent_at: str


@api.post(
    "/api/v1/conversations/{id}/messages",
    body=MessageBody,
    answer=MessageAnswer,
    status=201,
    summary="Send a message",
    refusals=[
        ClientIdReused,
        NotInThisConversation,
        NoSuchPlace,
        UrgentUnconfirmed,
        NoSuchUpload,
        UploadPending,
        UploadRefused,
        UploadUsed,
        Busy,
    ],
    own_transaction=True,
    visit_scope=True,
)
async def post_message(call: Call[MessageBody]) -> MessageAnswer:
    """Answered once it is stored."""
    doors = call.app[DOORS]
    send = await _send(doors, call.uuid("id"), call.body, call.caller)
    sent = await doors.writer.send(replace(send, attempt=call.attempt))
    return MessageAnswer.model_validate(answer(sent))


async def _send(doors: Doors, conversation: UUID, body: MessageBody, caller: Caller) -> Send:
    """*body* as a wish for the writer: everything was checked that needs neither locks nor the log."""
    check_urgent(body.urgent, body.urgent_confirmed, caller, doors.messaging.replies.helplines)
    extras = body.extras
    for whose in dict.fromkeys(one.patient for one in body.cites):
        await doors.anchors.check(caller, conversation, extras.cites, whose)
    return Send(
        conversation,
        rules.check_client_id(body.client_id),
        _words(doors, body),
        body.urgent,
        caller,
        extras=extras,
        attachments=check_list(body.attachments, most=doors.files),
    )


def _words(doors: Doors, body: MessageBody) -> str:
    if body.attachments and not body.body:
        return ""  # a picture can speak for itself
    return rules.check_body(body.body, max_characters=doors.messaging.max_characters)


class EditBody(Body):
    """Other words for a message."""

    body: str


class AppendedAnswer(Answer):
    """The entry that says so."""

    id: UUID
    seq: int
    conversation: UUID
    message: UUID
    sent_at: str

    @classmethod
    def of(cls, added: Appended) -> AppendedAnswer:
        """Translate."""
        return cls(
            id=added.id,
            seq=added.seq,
            conversation=added.conversation,
            message=added.message,
            sent_at=added.sent_at,
        )


@api.post(
    "/api/v1/conversations/{id}/messages/{message}/edit",
    body=EditBody,
    answer=AppendedAnswer,
    summary="Say a message in other words; the first ones stay in the log",
    refusals=[NotTheAuthor, AlreadyRetracted],
    visit_scope=True,
)
async def post_edit(call: Call[EditBody]) -> AppendedAnswer:
    """Append an edit."""
    messaging = call.app[MESSAGING]
    return AppendedAnswer.of(await messaging.edit(call.caller, call.uuid("id"), call.uuid("message"), call.body.body))


@api.post(
    "/api/v1/conversations/{id}/messages/{message}/retract",
    answer=AppendedAnswer,
    summary="Take a message back; it is hidden and stays in the record",
    refusals=[NotTheAuthor, AlreadyRetracted],
    visit_scope=True,
)
async def post_retract(call: Call[None]) -> AppendedAnswer:
    """Append a retraction."""
    messaging = call.app[MESSAGING]
    return AppendedAnswer.of(await messaging.retract(call.caller, call.uuid("id"), call.uuid("message")))


class ReadBody(Body):
    """Up to which number the caller has read."""

    up_to: int = Field(ge=0, lt=2**63)


class ReadAnswer(Answer):
    """The caller's marker, which never goes back."""

    conversation: UUID
    up_to: int


@api.post(
    "/api/v1/conversations/{id}/read",
    body=ReadBody,
    answer=ReadAnswer,
    summary="Say up to where I have read",
    visit_scope=True,
)
async def post_read(call: Call[ReadBody]) -> ReadAnswer:
    """Merge by maximum."""
    conversation = call.uuid("id")
    marker = await call.app[MESSAGING].read(call.caller, conversation, call.body.up_to)
    return ReadAnswer(conversation=conversation, up_to=marker)


class LogQuery(Query):
    """Which part of the log: behind *after*, or (for reading backwards) the last ones below *before*."""

    after: int = Field(default=0, ge=0, lt=2**63)
    before: int | None = Field(default=None, ge=1, lt=2**63)
    cursor: int | None = Field(default=None, ge=0, lt=2**63)
    limit: int = Field(default=200, ge=1)


class LogAnswer(Answer):
    """Entries of the log, the same for everyone; *next* is the number to go on behind. PROTOCOL.md shows each type."""

    items: list[dict[str, Any]]
    next: str | None = None


@api.get(
    "/api/v1/conversations/{id}/events",
    query=LogQuery,
    answer=LogAnswer,
    summary="The log of a conversation",
    visit_scope=True,
)
async def get_log(call: Call[None]) -> LogAnswer:
    """One page of it, in order."""
    doors, query, conversation = call.app[DOORS], call.query, call.uuid("id")
    limit = min(query.limit, doors.page)
    if query.before is not None:
        found = await doors.messaging.latest(call.caller, conversation, before=query.before, limit=limit)
        return LogAnswer(items=found)
    after = query.after if query.cursor is None else query.cursor
    found = await doors.messaging.log_page(call.caller, conversation, after=after, limit=limit)
    return LogAnswer(items=found, next=str(found[-1]["seq"]) if len(found) == limit else None)


# --- on the socket


class SendCommand(MessageBody):
    """``send``: a message, on ``/events``."""

    type: str
    conversation: UUID


class TypingCommand(Body):
    """``typing``: the caller is writing. Nobody keeps it."""

    type: str
    conversation: UUID


async def _send_command(doors: Doors, socket: Socket, message: dict[str, Any]) -> None:
    wish = validated(SendCommand, message)
    assert isinstance(wish, SendCommand)
    send = await _send(doors, wish.conversation, wish, socket.caller)
    await doors.sends.take(socket, send)


async def _typing_command(doors: Doors, socket: Socket, message: dict[str, Any]) -> None:
    wish = validated(TypingCommand, message)
    assert isinstance(wish, TypingCommand)
    await doors.typing.say(socket.caller, wish.conversation)
