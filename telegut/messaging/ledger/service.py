"""What people do with the ledger: claim, hand over, put aside, look at the inbox, ask when an answer comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select

from telegut.accounts import care, people
from telegut.accounts.rules import Relation
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.sealed import Vault
from telegut.errors import Refused
from telegut.messaging import log, membership
from telegut.messaging.ledger import listing, noting, order, report, standings, whose_turn
from telegut.messaging.ledger.listing import Inbox
from telegut.messaging.ledger.order import Group
from telegut.messaging.ledger.report import Report
from telegut.messaging.ledger.rules import LedgerChanged, NotTheirs, Standing, State, check_reason, check_says_why
from telegut.messaging.ledger.tables import handover
from telegut.messaging.ledger.whose_turn import Outlook, Turn
from telegut.messaging.replies import Replies
from telegut.messaging.rules import EntryType

_NOTER = Caller.system("reply ledger")


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
            return await self._turn(tx, head.id)

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
            return await self._turn(tx, head.id)

    async def _locked(self, tx: Transaction, conversation_id: UUID, version: int) -> tuple[log.Head, Standing]:
        """The conversation, taken for somebody of its team who knows where it stands."""
        patient = await membership.require(tx, conversation_id, write=True)
        if await care.relation_to(tx, patient) is not Relation.CARE_TEAM:
            raise Refused("The care team says who answers.")
        head = await log.lock(tx, conversation_id)
        standing = await standings.one(tx, conversation_id)
        if standing.version != version:
            raise LedgerChanged(current=(await self._turn(tx, head.id)).as_json())
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
            await membership.require(tx, conversation_id)
            return await self._turn(tx, conversation_id)

    async def turns(self, caller: Caller, conversations: Collection[UUID]) -> dict[UUID, Turn]:
        """Whose turn it is in those of *conversations* that are open to the caller."""
        async with self.db.begin(caller) as tx:
            found, _ = await whose_turn.of(tx, self.replies, conversations, self.now())
        return found

    async def inbox(self, caller: Caller, *, group: Group | None, cursor: str | None, limit: int) -> Inbox:
        """
        The conversations that the caller takes part in, by promise; of one *group* only if named.

        Raises:
            Invalid: *cursor* is none of ours.
        """
        behind = None if cursor is None else order.from_cursor(cursor)
        async with self.db.begin(caller) as tx:
            lines = await listing.lines(tx, self.vault, self.replies, self.now())
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

    async def outlook(self, caller: Caller, conversation_id: UUID) -> Outlook:
        """
        Who answers here, by when, and whom to call instead.

        Raises:
            NotFound: the caller does not take part.
        """
        async with self.db.begin(caller) as tx:
            await membership.require(tx, conversation_id)
            return await whose_turn.outlook(tx, self.replies, conversation_id, self.now())

    async def _turn(self, tx: Transaction, conversation_id: UUID) -> Turn:
        return await whose_turn.one(tx, self.replies, conversation_id, self.now())

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
