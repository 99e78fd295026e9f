"""Messages, over HTTP and on ``/events``: sending, other words, taking back, reading, and the log that holds it all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from aiohttp import web
from pydantic import Field

from telegut.db.caller import Caller
from telegut.messaging import rules
from telegut.messaging.anchors import NoSuchPlace
from telegut.messaging.batch import Send
from telegut.messaging.events import TYPING
from telegut.messaging.extras import Cite, CiteKind, Extras, NotInThisConversation
from telegut.messaging.handlers.doors import DOORS, Doors
from telegut.messaging.keys import MESSAGING
from telegut.messaging.rules import AlreadyRetracted, ClientIdReused, NotTheAuthor
from telegut.messaging.sends import answer
from telegut.messaging.service import Appended
from telegut.messaging.uploads.rules import NoSuchUpload, UploadPending, UploadRefused, UploadUsed, check_list
from telegut.messaging.urgent import UrgentUnconfirmed, check_urgent
from telegut.messaging.writer import Busy
from telegut.realtime.handlers import command
from telegut.web.api import Answer, Body, Call, Endpoints, Query, validated
from telegut.web.sockets import Socket

api = Endpoints("messaging")


def install(app: web.Application, doors: Doors) -> None:
    """Serve them in *app*, through *doors*."""
    api.install(app)
    command(app, "send", lambda socket, message: _send_command(doors, socket, message))
    command(app, TYPING, lambda socket, message: _typing_command(doors, socket, message))


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
