"""
Taking the steps of unread urgent messages: a job that looks at what is so now.

A step is one transaction: its row (unique by message and number), the notices (unique by recipient, message, number and
channel), the event, the audit entry. A worker that is killed has done all of it or nothing. Due times and the question
whether it is due are by the database's clock.

Who is on call and away is stood in for by their cover (`urgency.there`). Who is told and not in the care team joins it
as a cover for a while, and a topic opens to the whole care team: without seeing the message they could not help.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from telegut.accounts import care, covering, family, people
from telegut.accounts.covering import CARE_ROLES, Cover
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.sealed import Vault
from telegut.messaging import membership
from telegut.messaging.ledger import on_call, rosters, urgency
from telegut.messaging.ledger.events import escalated
from telegut.messaging.ledger.tables import escalation
from telegut.messaging.ledger.urgency import Pace
from telegut.messaging.rules import EntryType, Kind
from telegut.messaging.scheduled.marks import sent_later
from telegut.messaging.tables import conversation, entry, member
from telegut.messaging.threads import following
from telegut.notices import Notices
from telegut.notices.rules import UrgentNotice
from telegut.notices.subjects import Later, Still, Told
from telegut.realtime import outbox

LOOKED_BACK = timedelta(days=2)
"""Urgent messages older than this are not begun with: their time to escalate is long over."""
_ESCALATOR = Caller.system("urgent messages")


@dataclass(frozen=True, slots=True)
class Escalations:
    """zone: of the clinic, on whose wall on-call hours are. cover_for: how long who is on call can see the record."""

    db: Database
    vault: Vault
    notices: Notices
    pace: Pace
    zone: str
    cover_for: timedelta

    async def look(self) -> int:
        """Take every step that is due; for a job. Returns how many were taken."""
        async with self.db.begin(_ESCALATOR) as tx:
            rows = (await tx.execute(unread())).all()
        taken = 0
        for row in rows:
            taken += await self.db.run(_ESCALATOR, lambda tx, one=row: self._step(tx, one.id))  # type: ignore[misc]
        return taken

    async def _step(self, tx: Transaction, message: UUID) -> bool:
        """The next step of one message, if it is due and still needed."""
        row = (await tx.execute(unread(message))).one_or_none()
        if row is None:
            return False
        following = urgency.next_step(row.at, row.done, row.last_at, self.pace)
        if following is None or following[1] > row.now:
            return False
        step, _ = following
        person = urgency.whose(step, await self._there(tx, row.now))
        values = {
            "message": row.id,
            "step": step,
            "conversation": row.conversation,
            "patient": row.patient,
            "person": person,
            "at": row.now,
        }
        made = await tx.scalar(insert(escalation).values(values).on_conflict_do_nothing().returning(escalation.c.step))
        if made is None:
            return False
        await self._tell(tx, row, step, person)
        return True

    async def _there(self, tx: Transaction, now: datetime) -> Sequence[UUID]:
        listed = (await on_call.read(tx)).people
        if not listed:
            return ()
        aways = await rosters.absences(tx, {one.person for one in listed}, now)
        working = {one.id for one in await people.with_role(tx, *CARE_ROLES)}
        return urgency.there(listed, aways, working, now, self.zone)

    async def _tell(self, tx: Transaction, row: Row[Any], step: int, person: UUID | None) -> None:
        if person is not None:
            cover = Cover(person, row.now + self.cover_for)
            if new := await covering.join(tx, [row.patient], cover, row.now):
                await covering.tell(tx, new)
                await membership.follow_care_team(tx, self.vault, row.patient, row.now)
        if row.kind == Kind.TOPIC.value:
            await following.open_to_team(tx, self.vault, row.conversation, row.now)
        team = [one.account for one in await care.team(tx, row.patient)]
        for to in team if person is None else [person]:
            await self._notice(tx, to, row, step)
        await outbox.append(tx, escalated(row.patient, row.conversation, row.id, step), to=team)
        await audit.record(tx, "escalate", "urgent_message", row.id, patient=row.patient)

    async def _notice(self, tx: Transaction, to: UUID, row: Row[Any], step: int) -> None:
        for channel in await self.notices.planner.urgent(tx, to):
            await self.notices.send(tx, UrgentNotice(to, row.patient, row.id, step, channel))


@dataclass(frozen=True, slots=True)
class StillUnread:
    """Asked right before an urgent notice leaves: has somebody of the team read it meanwhile?"""

    async def look(self, tx: Transaction, told: Told) -> Still | Later | None:
        """None once somebody has; quiet hours do not count here."""
        found = (await tx.execute(unread(told.about))).one_or_none()
        return None if found is None else Still()


def unread(message: UUID | None = None) -> Select[Any]:
    """
    Urgent messages of patients' sides that nobody of the team has read, answered or seen taken back.

    What the clock sends is no answer to them: who wrote it has read none of this. Nor is an answer that was taken back.
    """
    reader = member.alias("reader")
    read = exists().where(
        reader.c.conversation == entry.c.conversation,
        reader.c.read_up_to >= entry.c.seq,
        ~family.includes(reader.c.patient, reader.c.account),
    )
    back = entry.alias("back")
    retracted = exists().where(back.c.about == entry.c.id, back.c.type == EntryType.RETRACTED.value)
    answer, unsaid = entry.alias("answer"), entry.alias("unsaid")
    answered = exists().where(
        answer.c.conversation == entry.c.conversation,
        answer.c.seq > entry.c.seq,
        answer.c.type.in_((EntryType.SENT.value, EntryType.SETTLED.value, EntryType.WAITING.value)),
        ~family.includes(answer.c.patient, answer.c.sender),
        ~sent_later(answer),
        ~exists().where(unsaid.c.about == answer.c.id, unsaid.c.type == EntryType.RETRACTED.value),
    )
    steps = (
        select(func.count().label("done"), func.max(escalation.c.at).label("last_at"))
        .where(escalation.c.message == entry.c.id)
        .lateral("steps")
    )
    now = func.statement_timestamp()
    statement = (
        select(
            entry.c.id,
            entry.c.conversation,
            conversation.c.kind,
            entry.c.patient,
            entry.c.seq,
            entry.c.at,
            steps.c.done,
            steps.c.last_at,
            now.label("now"),
        )
        .join(conversation, conversation.c.id == entry.c.conversation)
        .join(steps, steps.c.done >= 0)
        .where(entry.c.urgent, entry.c.type == EntryType.SENT.value, conversation.c.kind != Kind.TEAM.value)
        .where(
            family.includes(entry.c.patient, entry.c.sender),
            ~read,
            ~answered,
            ~retracted,
            entry.c.at > now - LOOKED_BACK,
        )
        .order_by(entry.c.at, entry.c.id)
    )
    return statement if message is None else statement.where(entry.c.id == message)
