"""What people do with the ledger: claim, hand over, put aside, look at the inbox, ask when an answer comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, insert, select

from telegut.accounts import care, people
from telegut.accounts.people import Person
from telegut.accounts.rules import Relation
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.metadata import Id
from telegut.db.sealed import Vault
from telegut.errors import Refused
from telegut.messaging import log, membership
from telegut.messaging.ledger import noting, order, report, rosters, standings
from telegut.messaging.ledger.hours import answering
from telegut.messaging.ledger.order import Group, Place
from telegut.messaging.ledger.report import Report
from telegut.messaging.ledger.rosters import Hours
from telegut.messaging.ledger.rules import LedgerChanged, NotTheirs, Standing, State, check_reason, check_says_why
from telegut.messaging.ledger.tables import away, handover
from telegut.messaging.news import is_news
from telegut.messaging.replies import Helpline, Replies
from telegut.messaging.rules import EntryType, Kind
from telegut.messaging.tables import conversation, entry, member
from telegut.scheduling import zones

_NOTER = Caller.system("reply ledger")
_NEWS = (
    select(1)
    .where(
        entry.c.conversation == conversation.c.id,
        entry.c.seq > member.c.read_up_to,
        is_news(entry, member.c.account),
    )
    .correlate_except(entry)
)
_MINE = (
    select(conversation, _NEWS.exists().label("unread"))
    .join(member, member.c.conversation == conversation.c.id)
    .where(
        member.c.account == bindparam("me", type_=Id),
        member.c.until.is_(None),
        conversation.c.kind != Kind.TEAM.value,
    )
)


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
class Line:
    """One conversation in the inbox."""

    turn: Turn
    group: Group
    place: Place
    patient_name: str
    kind: str
    subject: str | None
    last_message_at: datetime | None
    unread: bool


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of the inbox, how many conversations stand in each group, and where the next page begins."""

    lines: Sequence[Line]
    counts: Mapping[Group, int]
    next: str | None


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
    answers here is at work now. next_work: when the next one is. answer_by: of a message written
    now, or of the first one that still waits. late: that one should have been answered already; answer_by then counts
    from now.
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


@dataclass(frozen=True, slots=True)
class Handover:
    """Why somebody handed over or put aside."""

    entry: UUID
    author: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ReplyLedger:
    """Who owes the next answer, and by when. One method, one transaction."""

    db: Database
    vault: Vault
    now: Clock
    replies: Replies

    # --- changing hands

    async def claim(self, caller: Caller, conversation_id: UUID, version: int) -> Turn:
        """
        "I answer this." Saying so again changes nothing.

        Raises:
            NotFound, Refused: not the caller's to answer. LedgerChanged: something happened since *version*.
        """
        return await self.assign(caller, conversation_id, version, to=caller.account)

    async def assign(
        self, caller: Caller, conversation_id: UUID, version: int, *, to: UUID | None, reason: str | None = None
    ) -> Turn:
        """
        Hand a conversation to *to*, or back to the team (None). Everybody reads to whom; *reason* is for the team.

        Raises:
            NotFound, Refused, LedgerChanged: as for `claim`. NotTheirs: *to* is not in the team here. Invalid: see
            `check_reason`; whoever answers tells the next one why.
        """
        said = check_reason(reason)
        async with self.db.begin(caller) as tx:
            head, before = await self._locked(tx, conversation_id, version)
            if to is not None:
                await _take_part(tx, head, to)
                check_says_why(before.owner, to, by=caller.account, reason=said)
            if before.owner != to:
                kind = EntryType.UNASSIGNED if to is None else EntryType.ASSIGNED
                await self._say(tx, head, kind, about=to or before.owner or head.patient, reason=said)
            return await self._turn(tx, head)

    async def wait(self, caller: Caller, conversation_id: UUID, version: int, reason: str | None = None) -> Turn:
        """
        "It is the patient's turn."

        Raises:
            NotFound, Refused, LedgerChanged, Invalid: as for `assign`.
        """
        return await self._put_aside(caller, conversation_id, version, EntryType.WAITING, reason)

    async def settle(self, caller: Caller, conversation_id: UUID, version: int, reason: str | None = None) -> Turn:
        """
        "No answer is needed."

        Raises:
            NotFound, Refused, LedgerChanged, Invalid: as for `assign`.
        """
        return await self._put_aside(caller, conversation_id, version, EntryType.SETTLED, reason)

    async def _put_aside(
        self, caller: Caller, conversation_id: UUID, version: int, kind: EntryType, reason: str | None
    ) -> Turn:
        said = check_reason(reason)
        async with self.db.begin(caller) as tx:
            head, before = await self._locked(tx, conversation_id, version)
            if before.state is not (State.WAITING if kind is EntryType.WAITING else State.SETTLED):
                about = head.patient if kind is EntryType.WAITING else caller.account or head.patient
                await self._say(tx, head, kind, about=about, reason=said)
            return await self._turn(tx, head)

    async def _locked(self, tx: Transaction, conversation_id: UUID, version: int) -> tuple[log.Head, Standing]:
        """The conversation, taken for somebody of its team who knows where it stands."""
        patient = await membership.require(tx, conversation_id, write=True)
        if await care.relation_to(tx, patient) is not Relation.CARE_TEAM:
            raise Refused("The care team says who answers.")
        head = await log.lock(tx, conversation_id)
        standing = await standings.one(tx, conversation_id)
        if standing.version != version:
            raise LedgerChanged(current=(await self._turn(tx, head)).as_json())
        return head, standing

    async def _say(self, tx: Transaction, head: log.Head, kind: EntryType, *, about: UUID, reason: str | None) -> None:
        new = log.NewEntry(type=kind, sender=tx.caller.account, about=about)
        (added,) = await log.append(tx, self.vault, head, [new], self.now())
        await audit.record(tx, "write", f"conversation_{kind.value}", head.id, patient=head.patient)
        if reason is not None:
            key = await self.vault.key(tx, head.patient)
            values = {
                "entry": added.id,
                "conversation": head.id,
                "patient": head.patient,
                "author": tx.caller.account,
                "at": added.at,
                "reason": self.vault.seal(handover.c.reason, key, added.id, reason),
            }
            await tx.execute(insert(handover).values(values))

    async def handovers(self, caller: Caller, conversation_id: UUID) -> list[Handover]:
        """
        Why this conversation changed hands, the latest first; for the care team only.

        Raises:
            NotFound: the caller does not take part. Refused: they are not of the team.
        """
        async with self.db.begin(caller) as tx:
            patient = await membership.require(tx, conversation_id)
            if await care.relation_to(tx, patient) is not Relation.CARE_TEAM:
                raise Refused("This is for the care team.")
            rows = await tx.execute(
                select(handover).where(handover.c.conversation == conversation_id).order_by(handover.c.at.desc())
            )
            found = rows.all()
            await audit.record(tx, "read", "handovers", conversation_id, patient=patient)
            named = await people.named(tx, {row.author for row in found})
            key = await self.vault.key(tx, patient)
            return [
                Handover(
                    row.entry,
                    named[row.author].name,
                    row.at,
                    self.vault.open(handover.c.reason, key, row.entry, row.reason),
                )
                for row in found
            ]

    # --- looking

    async def turn(self, caller: Caller, conversation_id: UUID) -> Turn:
        """
        Whose turn it is in one conversation.

        Raises:
            NotFound: the caller does not take part.
        """
        async with self.db.begin(caller) as tx:
            patient = await membership.require(tx, conversation_id)
            turn = await self._turn(tx, log.Head(conversation_id, patient, 0))
            return turn if await care.team(tx, patient) else replace(turn, due=None)

    async def turns(self, caller: Caller, conversations: Collection[UUID]) -> dict[UUID, Turn]:
        """Whose turn it is in those of *conversations* that are open to the caller."""
        async with self.db.begin(caller) as tx:
            found, _ = await self._turns(tx, conversations)
        return found

    async def inbox(self, caller: Caller, *, group: Group | None, cursor: str | None, limit: int) -> Inbox:
        """
        The conversations that the caller takes part in, by promise; of one *group* only if named.

        Raises:
            Invalid: *cursor* is none of ours.
        """
        behind = None if cursor is None else order.from_cursor(cursor)
        async with self.db.begin(caller) as tx:
            lines = await self._lines(tx)
            counts = Counter(one.group for one in lines)
            wanted = [one for one in lines if group is None or one.group is group]
            rest = [one for one in wanted if behind is None or one.place > behind]
            shown = rest[:limit]
            if shown:
                seen = [
                    audit.row(tx, "list", "conversation", one.turn.conversation, patient=one.turn.patient)
                    for one in shown
                ]
                await tx.execute(insert(audit.entries), seen)
        following = order.as_cursor(shown[-1].place) if len(rest) > limit else None
        return Inbox(shown, {one: counts.get(one, 0) for one in Group}, following)

    async def _lines(self, tx: Transaction) -> list[Line]:
        rows = (await tx.execute(_MINE, {"me": tx.caller.account})).all()
        turns, _ = await self._turns(tx, [row.id for row in rows])
        named = await people.named(tx, {row.patient for row in rows})
        lines = [await self._line(tx, row, turns[row.id], named[row.patient].name) for row in rows if row.id in turns]
        return sorted(lines, key=lambda one: one.place)

    async def _line(self, tx: Transaction, row: Row[Any], turn: Turn, patient_name: str) -> Line:
        standing = turn.standing
        group = order.group_of(standing.state, turn.due, self.now(), tx.caller.zone)
        spoken = row.last_message_at or row.created_at
        subject = None
        if row.subject is not None:
            key = await self.vault.key(tx, row.patient)
            subject = self.vault.open(conversation.c.subject, key, row.id, row.subject)
        here = order.place(group, standing.urgent, turn.due, spoken, row.id)
        return Line(turn, group, here, patient_name, row.kind, subject, row.last_message_at, row.unread)

    async def outlook(self, caller: Caller, conversation_id: UUID) -> Outlook:
        """
        Who answers here, by when, and whom to call instead.

        Raises:
            NotFound: the caller does not take part.
        """
        async with self.db.begin(caller) as tx:
            patient = await membership.require(tx, conversation_id)
            turns, hours = await self._turns(tx, [conversation_id])
            turn = turns[conversation_id]
            if not await care.team(tx, patient):
                return self._nobody(replace(turn, due=None, owner=None, answers=None))
            return self._outlook(turn, hours, await self._absent(tx, turn))

    def _nobody(self, turn: Turn) -> Outlook:
        return Outlook(
            cared_for=False,
            staffed=False,
            next_work=None,
            answer_by=None,
            late=False,
            answers=None,
            absent=None,
            turn=turn,
            helplines=self.replies.helplines,
        )

    def _outlook(self, turn: Turn, hours: Hours, absent: Absent | None) -> Outlook:
        now = self.now()
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
            helplines=self.replies.helplines,
        )

    async def _absent(self, tx: Transaction, turn: Turn) -> Absent | None:
        if turn.owner is None or turn.answers == turn.owner:
            return None
        now = self.now()
        until = await tx.scalar(
            select(away.c.until_day).where(
                away.c.person == turn.owner.id, away.c.ended_at.is_(None), away.c.from_at <= now, away.c.until_at > now
            )
        )
        return None if until is None else Absent(turn.owner, until)

    async def _turn(self, tx: Transaction, head: log.Head) -> Turn:
        found, _ = await self._turns(tx, [head.id])
        return found[head.id]

    async def _turns(self, tx: Transaction, conversations: Collection[UUID]) -> tuple[dict[UUID, Turn], Hours]:
        """Whose turn it is in many conversations, with what it was counted with."""
        now = self.now()
        found = await standings.of(tx, conversations)
        since = min((one.standing.since for one in found.values() if one.standing.since), default=now)
        owners = {owner for one in found.values() for _, owner in one.standing.hands if owner}
        owners |= {one.standing.owner for one in found.values() if one.standing.owner}
        hours = await rosters.load(tx, self.replies, owners, since=min(since, now), now=now)
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

    # --- keeping count

    async def note(self) -> int:
        """Read on in every conversation that has news; for a job. Returns in how many there was some."""
        total = 0
        while True:
            done = await self.db.run(_NOTER, lambda tx: noting.note(tx, self.replies, self.now()))
            total += done
            if done < noting.AT_ONCE:
                return total

    async def promises(self, caller: Caller, since: datetime, until: datetime) -> Report:
        """
        How the promises made in ``[since, until)`` were kept. Numbers and names of staff only.

        Raises:
            Refused: not for the caller. Invalid: *until* is not after *since*.
        """
        if not caller.roles & report.READERS:
            raise Refused("This is for coordinators and administrators.")
        report.check_period(since, until)
        await self.note()
        async with self.db.begin(caller) as tx:
            await audit.record(tx, "read", "promises_report", None, patient=None)
        async with self.db.begin(_NOTER) as tx:
            return await report.read(tx, since, until, self.now(), caller.zone)


async def _take_part(tx: Transaction, head: log.Head, to: UUID) -> None:
    """
    Whoever answers is in the conversation for themselves from now on, if they are in the team for good: who came along
    as a cover of somebody stays when that one is back.

    Raises:
        NotTheirs: they are not in the team, or not in this conversation.
    """
    team = {one.account: one for one in await care.team(tx, head.patient)}
    present = await membership.present(tx, head.id)
    if to not in team or to not in present:
        raise NotTheirs
    if present[to] is not None and team[to].ends_at is None:
        await membership.stand_in(tx, head.id, to, None)
