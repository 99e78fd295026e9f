"""What the ledger's calls take and answer."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from telegut.accounts.people import Person
from telegut.messaging.ledger.absences import Absence
from telegut.messaging.ledger.calls import Call
from telegut.messaging.ledger.listing import Inbox, Line
from telegut.messaging.ledger.on_call import OnCallList
from telegut.messaging.ledger.order import Group
from telegut.messaging.ledger.report import Kept, Report
from telegut.messaging.ledger.service import Handover
from telegut.messaging.ledger.whose_turn import Outlook, Turn
from telegut.web.api import Answer, Body, Instant, Query

Version = Annotated[int, Field(ge=0, lt=2**63)]


class VersionBody(Body):
    """Based on which *version* of the ledger."""

    version: Version


class AssignBody(VersionBody):
    """
    To whom; null: back to the team. *reason* is for the team, never in the log; whoever answers now, and hands it to
    another person, gives one.
    """

    to: UUID | None
    reason: str | None = Field(None, max_length=10_000)


class AsideBody(VersionBody):
    """*reason* is for the team, never in the log."""

    reason: str | None = Field(None, max_length=10_000)


class WhoAnswer(Answer):
    """A person."""

    account: UUID
    name: str

    @classmethod
    def of(cls, one: Person | None) -> WhoAnswer | None:
        """Translate."""
        return None if one is None else cls(account=one.id, name=one.name)


class TurnAnswer(Answer):
    """
    Whose turn it is.

    *owner*: who answers this conversation, null: the team. *answers*: who does so now: the owner, or their cover while
    they are away. *since*: the first message that waits; *due*: by when it is answered. *version*: for the next change.
    """

    conversation: UUID
    state: str
    owner: WhoAnswer | None
    answers: WhoAnswer | None
    since: Instant | None
    due: Instant | None
    urgent: bool
    version: int

    @classmethod
    def of(cls, one: Turn) -> TurnAnswer:
        """Translate."""
        return cls(
            conversation=one.conversation,
            state=one.standing.state.value,
            owner=WhoAnswer.of(one.owner),
            answers=WhoAnswer.of(one.answers),
            since=one.standing.since,
            due=one.due,
            urgent=one.standing.urgent,
            version=one.standing.version,
        )


class LineAnswer(TurnAnswer):
    """One conversation of the inbox. *subject* is null for the place of the patient and their care team."""

    group: str
    patient: UUID
    patient_name: str
    kind: str
    subject: str | None
    last_message_at: Instant | None
    unread: bool

    @classmethod
    def of_line(cls, one: Line) -> LineAnswer:
        """Translate."""
        turn = TurnAnswer.of(one.turn)
        return cls(
            **{name: getattr(turn, name) for name in TurnAnswer.model_fields},
            group=one.group.value,
            patient=one.turn.patient,
            patient_name=one.patient_name,
            kind=one.kind,
            subject=one.subject,
            last_message_at=one.last_message_at,
            unread=one.unread,
        )


class InboxQuery(Query):
    """Which *group* (all when left out), and where the page begins."""

    group: Group | None = None
    cursor: str | None = Field(None, max_length=400)
    limit: int = Field(50, ge=1, le=200)


class InboxAnswer(Answer):
    """Conversations by promise; *counts* of each group, whatever was asked for."""

    items: list[LineAnswer]
    next: str | None
    counts: dict[str, int]

    @classmethod
    def of(cls, one: Inbox) -> InboxAnswer:
        """Translate."""
        counts = {group.value: number for group, number in one.counts.items()}
        return cls(items=[LineAnswer.of_line(line) for line in one.lines], next=one.next, counts=counts)


class HandoverAnswer(Answer):
    """Why somebody handed over or put aside; *entry* is the id of the log's entry."""

    entry: UUID
    author: str
    at: Instant
    reason: str

    @classmethod
    def of(cls, one: Handover) -> HandoverAnswer:
        """Translate."""
        return cls(entry=one.entry, author=one.author, at=one.at, reason=one.reason)


class CallAnswer(Answer):
    """Somebody to call when it cannot wait."""

    label: str
    number: str
    dialled: str


class AbsentAnswer(WhoAnswer):
    """Who answers otherwise; *until*: the last day on which they are away."""

    until: date


class ExpectedAnswer(Answer):
    """
    What somebody who writes now may expect.

    *cared_for*: false while the patient has no care team; then nobody answers, and nothing is promised. *staffed*: who
    answers here is at work now; *next_staffed*: when they are next. *answer_by*: of what waits already,
    or of a message written now. *late*: what waits should have been answered; *answer_by* then counts from now. *zone*:
    the reader's. *helplines*: to call when it cannot wait.
    """

    cared_for: bool
    staffed: bool
    next_staffed: Instant | None
    answer_by: Instant | None
    late: bool
    zone: str
    state: str
    answers: WhoAnswer | None
    away: AbsentAnswer | None
    helplines: list[CallAnswer]

    @classmethod
    def of(cls, one: Outlook, zone: str) -> ExpectedAnswer:
        """Translate."""
        absent = one.absent
        helplines = [CallAnswer(label=each.label, number=each.number, dialled=each.dialled) for each in one.helplines]
        return cls(
            cared_for=one.cared_for,
            staffed=one.staffed,
            next_staffed=one.next_work,
            answer_by=one.answer_by,
            late=one.late,
            zone=zone,
            state=one.turn.standing.state.value,
            answers=WhoAnswer.of(one.answers),
            away=None
            if absent is None
            else AbsentAnswer(account=absent.person.id, name=absent.person.name, until=absent.until_day),
            helplines=helplines,
        )


class UrgentCallAnswer(Answer):
    """
    An urgent message that nobody of the team has read.

    *step*: how many times somebody was told. *version*: of the ledger, for who takes it (``claim``).
    """

    conversation: UUID
    patient: UUID
    patient_name: str
    message: UUID
    sent_at: Instant
    step: int
    version: int

    @classmethod
    def of(cls, one: Call) -> UrgentCallAnswer:
        """Translate."""
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class AwayBody(Body):
    """Away *from* … *until*, both days included on the wall of one's zone; *version* null: nothing was said before."""

    from_day: date = Field(alias="from")
    until: date
    cover: UUID
    version: int | None = Field(None, ge=1)


class AwayQuery(Query):
    """Which *version* is ended; left out: whichever there is."""

    version: int | None = Field(None, ge=1)


class AwayAnswer(Answer):
    """An absence; *started*: it has begun. *on_call*: one is on that list too, so urgent calls go to the cover then."""

    model_config = ConfigDict(serialize_by_alias=True)

    from_day: date = Field(serialization_alias="from")
    until: date
    zone: str
    cover: WhoAnswer
    version: int
    started: bool
    on_call: bool

    @classmethod
    def of(cls, one: Absence, on_call: bool) -> AwayAnswer:
        """Translate."""
        return cls(
            from_day=one.from_day,
            until=one.until_day,
            zone=one.zone,
            cover=WhoAnswer(account=one.cover, name=one.cover_name),
            version=one.version,
            started=one.started,
            on_call=on_call,
        )


class OneAwayAnswer(Answer):
    """The caller's absence; null: none."""

    away: AwayAnswer | None


class OnCallItem(Body):
    """Somebody on the list; *hours* such as ``MO-FR 17:00-22:00`` on the clinic's wall, empty: always."""

    person: UUID
    hours: str = Field("", max_length=200)


class OnCallBody(Body):
    """The whole list, based on *version*."""

    version: int = Field(ge=0)
    items: list[OnCallItem] = Field(max_length=200)


class OnCallItemAnswer(Answer):
    """Somebody on the list."""

    person: UUID
    name: str
    hours: str


class OnCallAnswer(Answer):
    """Who is told about urgent messages that nobody reads, in this order."""

    version: int
    items: list[OnCallItemAnswer]

    @classmethod
    def of(cls, one: OnCallList) -> OnCallAnswer:
        """Translate."""
        items = [OnCallItemAnswer(person=each.person, name=each.name, hours=each.hours) for each in one.people]
        return cls(version=one.version, items=items)


class PromisesQuery(Query):
    """Promises made in ``[from, to)``."""

    since: Instant = Field(alias="from")
    until: Instant = Field(alias="to")


class KeptAnswer(Answer):
    """
    How promises were kept. *account* and *name* are null for the clinic, and for what nobody in particular had.

    *owed_late*: of those still owed, how many should have been answered. *put_aside*: no answer was needed. *median_s*,
    *p90_s*: seconds of working time until an answer.
    """

    account: UUID | None
    name: str | None
    promises: int
    in_time: int
    late: int
    owed: int
    owed_late: int
    put_aside: int
    median_s: int | None
    p90_s: int | None

    @classmethod
    def of(cls, one: Kept) -> KeptAnswer:
        """Translate."""
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class PromisesAnswer(Answer):
    """The report of promises kept."""

    model_config = ConfigDict(serialize_by_alias=True)

    since: Instant = Field(serialization_alias="from")
    until: Instant = Field(serialization_alias="to")
    clinic: KeptAnswer
    people: list[KeptAnswer]

    @classmethod
    def of(cls, one: Report) -> PromisesAnswer:
        """Translate."""
        people = [KeptAnswer.of(each) for each in one.people]
        return cls(since=one.since, until=one.until, clinic=KeptAnswer.of(one.clinic), people=people)
