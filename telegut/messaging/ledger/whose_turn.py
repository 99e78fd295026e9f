"""Whose turn it is in conversations, and what somebody who writes now may expect: read for a question."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from telegut.accounts import care, people
from telegut.accounts.people import Person
from telegut.db.engine import Transaction
from telegut.messaging import log
from telegut.messaging.ledger import rosters, standings
from telegut.messaging.ledger.hours import answering
from telegut.messaging.ledger.rosters import Hours
from telegut.messaging.ledger.rules import Standing, State
from telegut.messaging.ledger.tables import away
from telegut.messaging.replies import Helpline, Replies
from telegut.scheduling import zones


@dataclass(frozen=True, slots=True)
class Turn:
    """
    Whose turn it is in one conversation.

    owner: who answers it; None: the team. answers: who does so at this moment, the cover of an owner who is away.
    """

    conversation: UUID
    patient: UUID
    standing: Standing
    due: datetime | None
    owner: Person | None
    answers: Person | None

    def as_json(self) -> dict[str, Any]:
        """As it stands in a conflict's ``current``."""
        one = self.standing
        return {
            "state": one.state.value,
            "owner": None if self.owner is None else {"account": str(self.owner.id), "name": self.owner.name},
            "since": None if one.since is None else log.instant(one.since),
            "due": None if self.due is None else log.instant(self.due),
            "version": one.version,
        }


@dataclass(frozen=True, slots=True)
class Absent:
    """Who answers this otherwise, and the last day on which they are away."""

    person: Person
    until_day: date


@dataclass(frozen=True, slots=True)
class Outlook:
    """
    What somebody who writes now may expect.

    cared_for: the patient has a care team; without one nobody answers, and nothing is promised. staffed: somebody who
    answers here is at work now. next_work: when the next one is. answer_by: of a message written now, or of the first
    one that still waits. late: that one should have been answered already; answer_by then counts from now.
    """

    cared_for: bool
    staffed: bool
    next_work: datetime | None
    answer_by: datetime | None
    late: bool
    answers: Person | None
    absent: Absent | None
    turn: Turn
    helplines: tuple[Helpline, ...]


async def of(
    tx: Transaction, replies: Replies, conversations: Collection[UUID], now: datetime
) -> tuple[dict[UUID, Turn], Hours]:
    """Whose turn it is in many conversations, with what it was counted with."""
    found = await standings.of(tx, conversations)
    since = min((one.standing.since for one in found.values() if one.standing.since), default=now)
    owners = {owner for one in found.values() for _, owner in one.standing.hands if owner}
    owners |= {one.standing.owner for one in found.values() if one.standing.owner}
    hours = await rosters.load(tx, replies, owners, since=min(since, now), now=now)
    named = await people.named(tx, {*owners, *(one.cover for one in hours.aways)})
    turns = {}
    for one in found.values():
        standing = one.standing
        worker = answering(standing.owner, now, hours.aways)
        due = hours.promised(standing.hands) if standing.state is State.OWED else None
        owner = None if standing.owner is None else named.get(standing.owner)
        answers = None if worker is None else named.get(worker)
        turns[one.conversation] = Turn(one.conversation, one.patient, standing, due, owner, answers)
    return turns, hours


async def one(tx: Transaction, replies: Replies, conversation_id: UUID, now: datetime) -> Turn:
    """Whose turn it is in one conversation, for somebody who was let in. Without a care team nothing is promised."""
    found, _ = await of(tx, replies, [conversation_id], now)
    return await _in_team(tx, found[conversation_id]) or _of_nobody(found[conversation_id])


async def _in_team(tx: Transaction, turn: Turn) -> Turn | None:
    """*turn* as the care team has it: a cover who was taken out of it does not answer there. None: there is no team."""
    team = {one.account for one in await care.team(tx, turn.patient)}
    if not team:
        return None
    return turn if turn.answers is None or turn.answers.id in team else replace(turn, answers=None)


def _of_nobody(turn: Turn) -> Turn:
    return replace(turn, due=None, owner=None, answers=None)


async def outlook(tx: Transaction, replies: Replies, conversation_id: UUID, now: datetime) -> Outlook:
    """What somebody who writes in one conversation now may expect, for somebody who was let in."""
    found, hours = await of(tx, replies, [conversation_id], now)
    turn = await _in_team(tx, found[conversation_id])
    if turn is None:
        return _nobody(_of_nobody(found[conversation_id]), replies)
    return _expected(turn, hours, await _absent(tx, turn, now), replies, now)


def _nobody(turn: Turn, replies: Replies) -> Outlook:
    return Outlook(
        cared_for=False,
        staffed=False,
        next_work=None,
        answer_by=None,
        late=False,
        answers=None,
        absent=None,
        turn=turn,
        helplines=replies.helplines,
    )


def _expected(turn: Turn, hours: Hours, absent: Absent | None, replies: Replies, now: datetime) -> Outlook:
    at, worker = zones.seconds(now), None if turn.answers is None else turn.answers.id
    late = turn.due is not None and turn.due < now
    by = turn.due if turn.due is not None and not late else hours.due(((now, turn.standing.owner),))
    ahead = hours.roster.next_work(worker, at)
    return Outlook(
        cared_for=True,
        staffed=hours.roster.at_work(worker, at),
        next_work=None if ahead is None else zones.instant(ahead),
        answer_by=by,
        late=late,
        answers=turn.answers,
        absent=absent,
        turn=turn,
        helplines=replies.helplines,
    )


async def _absent(tx: Transaction, turn: Turn, now: datetime) -> Absent | None:
    if turn.owner is None or turn.answers == turn.owner:
        return None
    until = await tx.scalar(
        select(away.c.until_day).where(
            away.c.person == turn.owner.id, away.c.ended_at.is_(None), away.c.from_at <= now, away.c.until_at > now
        )
    )
    return None if until is None else Absent(turn.owner, until)
