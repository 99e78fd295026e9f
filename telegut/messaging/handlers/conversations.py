"""Conversations as they look, and opening one."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from telegut.messaging.inbox import Conversation
from telegut.messaging.keys import MESSAGING
from telegut.messaging.ledger.keys import REPLY_LEDGER
from telegut.messaging.ledger.whose_turn import Outlook
from telegut.messaging.rules import Audience, NobodyAnswers, NoCareTeam, NotInTheTeam
from telegut.web.api import Answer, Body, Call, Endpoints, Instant, Page

api = Endpoints("messaging")


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
