"""What somebody's conversations look like from outside: the last line, what is unread, who waits for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, exists, func, literal, select, true

from telegut.accounts import people
from telegut.db.engine import Transaction
from telegut.db.sealed import Vault
from telegut.messaging import log
from telegut.messaging.news import is_news
from telegut.messaging.rules import Audience, EntryType, Kind
from telegut.messaging.tables import conversation, entry, member
from telegut.realtime.receipts import undelivered

UNREAD_SHOWN = 99
"""Nobody needs to know more exactly than "more than 99"."""


@dataclass(frozen=True, slots=True)
class Participant:
    """
    Somebody who takes part.

    read_up_to, delivered_up_to: numbers of the last entry they have read, and that has reached one of their devices;
    the latter is None where it was not asked for.
    """

    account: UUID
    name: str
    roles: frozenset[str]
    read_up_to: int
    delivered_up_to: int | None = None


@dataclass(frozen=True, slots=True)
class LastMessage:
    """
    The newest message. *body* is None when it was taken back.

    since: when its sender began to speak last, which is when waiting for the other side began.
    """

    seq: int
    sender: UUID
    sent_at: datetime
    since: datetime
    body: str | None
    urgent: bool


@dataclass(frozen=True, slots=True)
class Conversation:
    """
    A conversation as one person sees it.

    subject: None for the place of the patient and their care team.
    """

    id: UUID
    patient: UUID
    patient_name: str
    kind: str
    subject: str | None
    last_seq: int
    created_at: datetime
    read_up_to: int
    unread: int
    last: LastMessage | None
    members: tuple[Participant, ...]

    @property
    def audience(self) -> Audience:
        """Who may ever take part."""
        return Audience.TEAM if self.kind == Kind.TEAM else Audience.EVERYONE

    @property
    def waits_for_team(self) -> bool:
        """Whether the patient's side wrote last, so that the team owes an answer."""
        return self._between_both and self.last is not None and self.last.sender not in self._team

    @property
    def waits_for_patient(self) -> bool:
        """Whether the team wrote last."""
        return self._between_both and self.last is not None and self.last.sender in self._team

    @property
    def _between_both(self) -> bool:
        """Nobody owes the patient an answer in a thread that they do not see."""
        return self.audience is Audience.EVERYONE

    @property
    def _team(self) -> frozenset[UUID]:
        return frozenset(one.account for one in self.members if one.roles & {"consultant", "nutritionist"})

    def stands_as(self, one: Participant) -> list[str]:
        """The roles in which *one* takes part here: who is a patient too, of another record, is none in this one."""
        if one.account == self.patient:
            return ["patient"]
        return sorted(one.roles - {"patient"}) or ["guardian"]

    def name_of(self, account: UUID) -> str:
        """A participant's name; empty for somebody who has left."""
        return next((one.name for one in self.members if one.account == account), "")


async def of(tx: Transaction, vault: Vault, account: UUID, *, only: UUID | None = None) -> list[Conversation]:
    """The conversations in which *account* takes part and that are open to the caller of *tx*."""
    rows = (await tx.execute(_mine(account, only))).all()
    participants = await _participants(tx, [row.id for row in rows])
    if only is not None and rows:
        participants[only] = await _with_deliveries(tx, only, rows[0].last_seq, participants[only])
    named = await people.named(tx, {row.patient for row in rows})
    return [await _conversation(tx, vault, row, participants.get(row.id, ()), named[row.patient].name) for row in rows]


def _mine(account: UUID, only: UUID | None) -> Select[Any]:
    taken_back = entry.alias("taken_back")
    newest = (
        select(entry.c.id, entry.c.seq, entry.c.sender, entry.c.at, entry.c.urgent, entry.c.body)
        .add_columns(
            exists(
                select(1).where(taken_back.c.about == entry.c.id, taken_back.c.type == EntryType.RETRACTED.value)
            ).label("hidden")
        )
        .where(entry.c.conversation == conversation.c.id, entry.c.type == EntryType.SENT.value)
        .order_by(entry.c.seq.desc())
        .limit(1)
        .lateral("newest")
    )
    answer = entry.alias("answer")
    answered = (
        select(func.max(answer.c.seq))
        .where(
            answer.c.conversation == conversation.c.id,
            answer.c.type == EntryType.SENT.value,
            answer.c.sender != newest.c.sender,
        )
        .correlate(conversation, newest)
        .scalar_subquery()
    )
    turn = (
        select(func.min(entry.c.at).label("since"))
        .where(
            entry.c.conversation == conversation.c.id,
            entry.c.type == EntryType.SENT.value,
            entry.c.seq > func.coalesce(answered, 0),
        )
        .correlate(conversation, newest)
        .lateral("turn")
    )
    edit = entry.alias("edit")
    edited = (
        select(edit.c.id, edit.c.body)
        .where(edit.c.about == newest.c.id, edit.c.type == EntryType.EDITED.value)
        .order_by(edit.c.seq.desc())
        .limit(1)
        .lateral("edited")
    )
    unread = (
        select(literal(1).label("one"))
        .where(
            entry.c.conversation == conversation.c.id,
            is_news(entry, account),
        )
        .limit(UNREAD_SHOWN + 1)
        .correlate(conversation, member)
        .subquery()
        .lateral("unread_rows")
    )
    counted = select(func.count().label("unread")).select_from(unread).lateral("counted")
    statement = (
        select(
            conversation,
            member.c.read_up_to,
            counted.c.unread,
            turn.c.since,
            func.coalesce(edited.c.id, newest.c.id).label("newest_id"),
            newest.c.seq.label("newest_seq"),
            newest.c.sender.label("newest_sender"),
            newest.c.at.label("newest_at"),
            newest.c.urgent.label("newest_urgent"),
            func.coalesce(edited.c.body, newest.c.body).label("newest_body"),
            newest.c.hidden.label("newest_hidden"),
        )
        .select_from(conversation)
        .join(member, and_(member.c.conversation == conversation.c.id, member.c.account == account))
        .join(counted, true())
        .outerjoin(newest, true())
        .outerjoin(edited, true())
        .outerjoin(turn, true())
        .where(member.c.until.is_(None))
        .order_by(conversation.c.created_at, conversation.c.id)
    )
    return statement if only is None else statement.where(conversation.c.id == only)


async def _participants(tx: Transaction, conversations: Sequence[UUID]) -> dict[UUID, tuple[Participant, ...]]:
    rows = (
        await tx.execute(
            select(member.c.conversation, member.c.account, member.c.read_up_to)
            .where(member.c.conversation.in_(conversations), member.c.until.is_(None))
            .order_by(member.c.since, member.c.account)
        )
    ).all()
    named = await people.named(tx, {row.account for row in rows})
    found: dict[UUID, tuple[Participant, ...]] = {}
    for row in rows:
        person = named[row.account]
        one = Participant(row.account, person.name, person.roles, row.read_up_to)
        found[row.conversation] = (*found.get(row.conversation, ()), one)
    return found


async def _with_deliveries(
    tx: Transaction, conversation_id: UUID, last_seq: int, members: Sequence[Participant]
) -> tuple[Participant, ...]:
    """*members* with how far the log has reached each of them: up to the entry before the first that still waits."""
    waiting = await undelivered(tx, [one.account for one in members], "conversation", str(conversation_id), place="seq")
    reached = []
    for one in members:
        still = waiting.get(one.account)
        arrived = 0
        if still is not None and still.certain:
            arrived = last_seq if still.first is None else int(still.first["seq"]) - 1
        reached.append(replace(one, delivered_up_to=max(arrived, one.read_up_to)))
    return tuple(reached)


async def _conversation(
    tx: Transaction, vault: Vault, row: Row[Any], members: tuple[Participant, ...], patient_name: str
) -> Conversation:
    key = await vault.key(tx, row.patient)
    last = None
    if row.newest_seq is not None:
        gone = row.newest_hidden or row.newest_body is None
        body = None if gone else log.unseal(vault, key, row.newest_id, row.newest_body)
        last = LastMessage(row.newest_seq, row.newest_sender, row.newest_at, row.since, body, row.newest_urgent)
    subject = None if row.subject is None else vault.open(conversation.c.subject, key, row.id, row.subject)
    return Conversation(
        id=row.id,
        patient=row.patient,
        patient_name=patient_name,
        kind=row.kind,
        subject=subject,
        last_seq=row.last_seq,
        created_at=row.created_at,
        read_up_to=row.read_up_to,
        unread=row.unread,
        last=last,
        members=members,
    )
