"""What people can do with conversations. One method, one transaction; sends go through the writer instead."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, insert, or_, select, update

from telegut.accounts import care
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction, on_violation
from telegut.db.sealed import Vault
from telegut.errors import NotFound
from telegut.messaging import inbox, leaving, log, membership, rules
from telegut.messaging.events import MENTION, is_entry
from telegut.messaging.inbox import Conversation
from telegut.messaging.news import is_news
from telegut.messaging.promise import parse_staffed_hours
from telegut.messaging.replies import Replies, parse_helpline
from telegut.messaging.rules import AlreadyRetracted, Audience, EntryType
from telegut.messaging.tables import conversation, entry, member
from telegut.messaging.threads import following, opening
from telegut.notices import MessageNotice, Notices
from telegut.scheduling import zones
from telegut.settings import Settings

NOTICE_HORIZON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Appended:
    """An entry that was added: an edit or a retraction of *message*."""

    id: UUID
    seq: int
    conversation: UUID
    message: UUID
    sent_at: str


@dataclass(frozen=True, slots=True)
class Messaging:
    """
    Conversations of patients with their care teams.

    max_characters: of one message. notice_delay: how long something stays unread before a mail says so.
    """

    db: Database
    vault: Vault
    now: Clock
    notices: Notices
    replies: Replies
    max_characters: int
    notice_delay: timedelta

    async def conversations(self, caller: Caller) -> list[Conversation]:
        """
        Everything *caller* takes part in; for somebody on a personal link, of their visit's patient.

        A patient who has a care team and no place with it yet gets one here.
        """
        if caller.account is None:
            return []
        async with self.db.begin(caller) as tx:
            await self._follow_missing(tx, await self._patients(tx))
            found = await inbox.of(tx, self.vault, caller.account)
            if found:
                seen = [audit.row(tx, "list", "conversation", one.id, patient=one.patient) for one in found]
                await tx.execute(insert(audit.entries), seen)
        return found

    async def conversation(self, caller: Caller, conversation_id: UUID) -> Conversation:
        """
        One of them.

        Raises:
            NotFound: the caller does not take part.
        """
        async with self.db.begin(caller) as tx:
            return await self._conversation(tx, conversation_id)

    async def care_conversation(self, caller: Caller, patient: UUID) -> Conversation | None:
        """
        The place of *patient* and their care team, brought up to date; None while there is no team.

        Raises:
            NotFound: the patient is not in the caller's care.
        """
        async with self.db.begin(caller) as tx:
            await care.require(tx, patient)
            found = await membership.follow_care_team(tx, self.vault, patient, self.now())
            return None if found is None else await self._conversation(tx, found)

    async def follow_care_team(self, patient: UUID) -> None:
        """Bring the place of *patient*, and threads about them, up to date with their care team; for jobs."""
        async with self.db.begin(Caller.system("care team changed")) as tx:
            await membership.follow_care_team(tx, self.vault, patient, self.now())
        await following.follow(self.db, self.vault, patient, self.now())
        async with self.db.begin(Caller.system("care team changed")) as tx:
            await leaving.tell(tx, patient, self.now())

    async def create(
        self,
        caller: Caller,
        patient: UUID,
        subject: str,
        members: Collection[UUID],
        audience: Audience = Audience.EVERYONE,
    ) -> Conversation:
        """
        Open a conversation about *subject*; see `telegut.messaging.threads.opening`.

        Raises:
            NotFound: the patient is not in the caller's care, or the side thread would not be theirs.
            Invalid: the subject is empty or too long. NotInTheTeam: a member has no place there.
        """
        subject = rules.check_subject(subject)
        async with self.db.begin(caller) as tx:
            head = await opening.open_thread(tx, self.vault, patient, subject, members, audience, self.now())
            return await self._conversation(tx, head.id)

    async def log_page(self, caller: Caller, conversation_id: UUID, *, after: int, limit: int) -> list[dict[str, Any]]:
        """
        Up to *limit* entries behind number *after*, as everybody sees them.

        Raises:
            NotFound: the caller does not take part.
        """
        async with self.db.begin(caller) as tx:
            patient = await membership.require(tx, conversation_id)
            await audit.record(tx, "read", "conversation", conversation_id, patient=patient)
            return await log.page(tx, self.vault, conversation_id, patient, after=after, limit=limit)

    async def latest(self, caller: Caller, conversation_id: UUID, *, before: int, limit: int) -> list[dict[str, Any]]:
        """The last *limit* entries below number *before*; otherwise as `log_page`."""
        async with self.db.begin(caller) as tx:
            patient = await membership.require(tx, conversation_id)
            await audit.record(tx, "read", "conversation", conversation_id, patient=patient)
            return await log.latest(tx, self.vault, conversation_id, patient, before=before, limit=limit)

    async def post(
        self, caller: Caller, conversation_id: UUID, client_id: str, body: str, *, urgent: bool = False
    ) -> int:
        """
        Send one message in a transaction of its own and return its number, for work that has no writer beside it.

        The same *client_id* again is the same message; that the words are the same is not checked here.

        Raises:
            NotFound, Refused: not the caller's place. Invalid: see `rules.check_body`, `rules.check_client_id`.
        """
        new = log.NewEntry(
            type=EntryType.SENT,
            sender=caller.account,
            client_id=rules.check_client_id(client_id),
            body=rules.check_body(body, max_characters=self.max_characters),
            urgent=urgent,
        )
        async with self.db.begin(caller) as tx:
            await membership.require(tx, conversation_id, write=True)
            head = await log.lock(tx, conversation_id)
            before = await tx.scalar(
                select(entry.c.seq).where(
                    entry.c.conversation == conversation_id,
                    entry.c.sender == caller.account,
                    entry.c.client_id == client_id,
                )
            )
            if before is not None:
                return int(before)
            (added,) = await log.append(tx, self.vault, head, [new], self.now())
            await audit.record(tx, "write", "message", added.id, patient=head.patient)
            return added.seq

    async def edit(self, caller: Caller, conversation_id: UUID, message: UUID, body: str) -> Appended:
        """
        Append other words for *message*; the first ones stay in the log. The words that it has already change nothing.

        Raises:
            NotFound, Refused: not the caller's place. NotTheAuthor, AlreadyRetracted: see `rules.check_change`.
            Invalid: the words are empty, too long or not showable.
        """
        body = rules.check_body(body, max_characters=self.max_characters)
        new = log.NewEntry(type=EntryType.EDITED, sender=caller.account, about=message, body=body)
        return await self._change(caller, conversation_id, message, new)

    async def retract(self, caller: Caller, conversation_id: UUID, message: UUID) -> Appended:
        """
        Take *message* back: nobody is shown its words any more; they stay in the record.

        Raises:
            NotFound, Refused, NotTheAuthor, AlreadyRetracted: as for `edit`.
        """
        new = log.NewEntry(type=EntryType.RETRACTED, sender=caller.account, about=message)
        return await self._change(caller, conversation_id, message, new)

    async def _change(self, caller: Caller, conversation_id: UUID, message: UUID, new: log.NewEntry) -> Appended:
        async with self.db.begin(caller) as tx:
            await membership.require(tx, conversation_id, write=True)
            head = await log.lock(tx, conversation_id)
            await self._check_change(tx, conversation_id, message)
            if new.type is EntryType.EDITED and (said := await self._says(tx, head, message, new.body)) is not None:
                return said
            with on_violation(messaging_retracted_once=AlreadyRetracted):
                (added,) = await log.append(tx, self.vault, head, [new], self.now())
            await audit.record(tx, "write", new.type.value, message, patient=head.patient)
        return Appended(added.id, added.seq, conversation_id, message, log.instant(added.at))

    async def _says(self, tx: Transaction, head: log.Head, message: UUID, body: str | None) -> Appended | None:
        """The entry that says *body* for *message* already, when its newest words are these: nothing has changed."""
        newest = (
            select(entry.c.id, entry.c.seq, entry.c.at, entry.c.body)
            .where(
                entry.c.conversation == head.id,
                or_(entry.c.id == message, (entry.c.about == message) & (entry.c.type == EntryType.EDITED.value)),
            )
            .order_by(entry.c.seq.desc())
            .limit(1)
        )
        row = (await tx.execute(newest)).one()
        if row.body is None or log.unseal(self.vault, await self.vault.key(tx, head.patient), row.id, row.body) != body:
            return None
        return Appended(row.id, row.seq, head.id, message, log.instant(row.at))

    async def _check_change(self, tx: Transaction, conversation_id: UUID, message: UUID) -> None:
        rows = await tx.execute(
            select(entry.c.sender).where(
                entry.c.id == message, entry.c.conversation == conversation_id, entry.c.type == EntryType.SENT.value
            )
        )
        author: UUID | None = rows.scalar_one_or_none()
        if author is None or tx.caller.account is None:
            raise NotFound
        retracted = await tx.scalar(
            select(entry.c.seq).where(entry.c.about == message, entry.c.type == EntryType.RETRACTED.value)
        )
        rules.check_change(author=author, by=tx.caller.account, retracted=retracted is not None)

    async def read(self, caller: Caller, conversation_id: UUID, up_to: int) -> int:
        """
        Remember that *caller* has read up to number *up_to*; return the marker, which never goes back.

        Raises:
            NotFound: the caller does not take part. Invalid: *up_to* lies beyond the log.
        """
        async with self.db.begin(caller) as tx:
            await membership.require(tx, conversation_id)
            head = await log.lock(tx, conversation_id)
            mine = (member.c.conversation == conversation_id) & (member.c.account == caller.account)
            current = int(await tx.scalar(select(member.c.read_up_to).where(mine)) or 0)
            marker = rules.merge_marker(current, up_to, last=head.last_seq)
            if marker > current and caller.account is not None:
                await tx.execute(update(member).where(mine).values(read_up_to=marker))
                new = log.NewEntry(type=EntryType.READ, sender=caller.account, about=caller.account, up_to=marker)
                await log.append(tx, self.vault, head, [new], self.now())
                await self.notices.seen(tx, caller.account, conversation_id)
        return marker

    async def notice_unread(self) -> int:
        """
        Have a mail say that there is something to read, once for each person and conversation until they read it.

        For a periodic job. Looks at messages older than `notice_delay`, and at most a week old: what nobody read for a
        week is no news. Returns how many notices were new.
        """
        now = self.now()
        async with self.db.begin(Caller.system("unread messages")) as tx:
            rows = (await tx.execute(_unread_since(now - self.notice_delay, now - NOTICE_HORIZON))).all()
            made = 0
            for row in rows:
                made += await self.notices.send(tx, MessageNotice(row.account, row.patient, row.conversation))
        return made

    async def unread(self, caller: Caller) -> int:
        """In how many conversations something waits for *caller*."""
        async with self.db.begin(caller) as tx:
            mine = (member.c.account == caller.account) & member.c.until.is_(None)
            waiting = (
                select(entry.c.seq)
                .where(
                    entry.c.conversation == member.c.conversation,
                    is_news(entry, member.c.account),
                )
                .exists()
            )
            places = (
                select(func.count())
                .select_from(member)
                .join(conversation, conversation.c.id == member.c.conversation)
                .where(mine, member.c.read_up_to < conversation.c.last_message_seq, waiting)
            )
            return int(await tx.scalar(places) or 0)

    async def others(self, caller: Caller, conversation_id: UUID) -> list[UUID]:
        """
        Who takes part beside *caller*, and still may as of now.

        Raises:
            NotFound: the caller does not.
        """
        async with self.db.begin(caller) as tx:
            patient = await membership.require(tx, conversation_id)
            there = set(await log.taking_part(tx, conversation_id)) & set(await care.circle(tx, patient))
            return sorted(there - {caller.account})

    async def complete(self, tx: Transaction, events: Sequence[dict[str, Any]]) -> list[dict[str, Any] | None]:
        """
        For the feed: *events* with what the caller of *tx* may see as of now; None for what is not theirs.

        An event that is no entry of a conversation stays as it is: its type only begins like one. A mention names an
        entry, and is hidden with it.
        """
        places = {n: (UUID(one["conversation"]), int(one["seq"])) for n, one in enumerate(events) if is_entry(one)}
        mine = await self._open_to(tx, {place[0] for place in places.values()})
        found = await log.at(tx, self.vault, [place for place in places.values() if place[0] in mine])
        completed: list[dict[str, Any] | None] = list(events)
        for n, place in places.items():
            shown = {} if events[n]["type"] == MENTION else found.get(place, {})
            completed[n] = {**events[n], **shown} if place in found else None
        return completed

    async def _open_to(self, tx: Transaction, conversations: set[UUID]) -> set[UUID]:
        """Those of *conversations* in which the caller takes part; row-level security has asked the care team."""
        rows = await tx.execute(
            select(member.c.conversation)
            .join(conversation, conversation.c.id == member.c.conversation)
            .where(
                member.c.conversation.in_(conversations),
                member.c.account == tx.caller.account,
                member.c.until.is_(None),
            )
        )
        return set(rows.scalars())

    async def _patients(self, tx: Transaction) -> list[UUID]:
        caller = tx.caller
        if caller.scope is not None:
            return [caller.scope.patient] if caller.scope.admitted else []
        return await care.patients_of(tx, caller.account) if caller.account else []

    async def _follow_missing(self, tx: Transaction, patients: Collection[UUID]) -> None:
        """Make the places that *patients* do not have yet, or that do not know the caller yet."""
        rows = await tx.execute(
            select(conversation.c.patient)
            .join(member, member.c.conversation == conversation.c.id)
            .where(conversation.c.kind == "care", member.c.account == tx.caller.account, member.c.until.is_(None))
        )
        for patient in sorted(set(patients) - set(rows.scalars())):
            await membership.follow_care_team(tx, self.vault, patient, self.now())

    async def _conversation(self, tx: Transaction, conversation_id: UUID) -> Conversation:
        patient = await membership.require(tx, conversation_id)
        assert tx.caller.account is not None
        await audit.record(tx, "read", "conversation", conversation_id, patient=patient)
        (found,) = await inbox.of(tx, self.vault, tx.caller.account, only=conversation_id)
        return found


def _unread_since(before: datetime, after: datetime) -> Select[tuple[UUID, UUID, UUID]]:
    """Who has something unread that was sent between *after* and *before*, and where."""
    waiting = (
        select(entry.c.seq)
        .where(
            entry.c.conversation == member.c.conversation,
            is_news(entry, member.c.account),
            entry.c.at <= before,
        )
        .exists()
    )
    return (
        select(member.c.account, member.c.patient, member.c.conversation)
        .join(conversation, conversation.c.id == member.c.conversation)
        .where(
            conversation.c.last_message_at > after,
            member.c.until.is_(None),
            member.c.read_up_to < conversation.c.last_message_seq,
            waiting,
        )
        .order_by(member.c.conversation, member.c.account)
    )


def build_messaging(db: Database, vault: Vault, now: Clock, notices: Notices, settings: Settings) -> Messaging:
    """
    The service, as *settings* want it.

    Raises:
        Invalid: the staffed hours or their zone cannot be read.
    """
    replies = Replies(
        parse_staffed_hours(settings.staffed_hours),
        zones.load(settings.clinic_zone).key,
        timedelta(hours=settings.reply_hours),
        tuple(parse_helpline(one) for one in settings.emergency_numbers),
    )
    return Messaging(
        db,
        vault,
        now,
        notices,
        replies,
        settings.message_max_characters,
        timedelta(seconds=settings.message_notice_delay_s),
    )
