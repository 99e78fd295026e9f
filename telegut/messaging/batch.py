"""
Many sends, one transaction: the inner part of the message writer, over raw asyncpg.

In order: lock the conversations (sorted, so that two processes never wait for each other in a circle), ask who may
write as of now, find what was sent before, number and seal the rest, insert everything, append to the mailboxes,
commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

import asyncpg

from telegut.db.caller import Caller
from telegut.db.ids import new_id
from telegut.db.sealed import Erased, PatientKey, Vault
from telegut.errors import NotFound, TelegutError
from telegut.messaging import log
from telegut.messaging.events import MENTION, facts
from telegut.messaging.extras import NOTHING, Extras, NotInThisConversation, check_mentions
from telegut.messaging.rules import ClientIdReused, EntryType, Key, place
from telegut.messaging.uploads import attaching
from telegut.messaging.uploads.attaching import Attached, Found
from telegut.realtime import outbox
from telegut.realtime.events import Event
from telegut.web.idempotency import Attempt, IdempotencyKeyReused

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

LOCK = """
    select id, patient, last_seq from messaging_conversation
    where id = any($1::uuid[]) order by id for no key update
"""
WRITERS = "select conversation, account from messaging_writers($1::uuid[], $2::uuid[])"
MEMBERS = "select conversation, account from messaging_member where conversation = any($1::uuid[]) and until is null"
KNOWN = """
    select e.conversation, e.sender, e.client_id, e.id, e.seq, e.at, e.urgent, e.body, e.extras,
        e.attachments
    from unnest($1::uuid[], $2::uuid[], $3::text[]) as wanted (conversation, sender, client_id)
    join messaging_entry as e using (conversation, sender, client_id)
"""
PATIENT_KEYS = "select patient, wrapped from db_patient_key where patient = any($1::uuid[])"
ATTEMPTS = """
    select w.account, w.target, w.key, w.fingerprint
    from unnest($1::uuid[], $2::text[], $3::text[]) as wanted (account, target, key)
    join web_idempotency as w using (account, target, key)
"""
KEEP_ATTEMPTS = """
    insert into web_idempotency (account, target, key, fingerprint, status)
    select account, target, key, fingerprint, 201
    from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[]) as used (account, target, key, fingerprint)
    on conflict do nothing
"""
WRITE = """
    with written as (
        insert into messaging_entry (conversation, seq, id, patient, type, sender, client_id, urgent, body, extras,
            attachments, at)
        select conversation, seq, id, patient, 'message.sent', sender, client_id, urgent, body, extras,
            attachments, $9
        from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::bool[], $8::bytea[],
                    $14::bytea[], $15::smallint[])
            as new (conversation, seq, id, patient, sender, client_id, urgent, body, extras, attachments)
    ), counted as (
        update messaging_conversation as c
        set last_seq = heads.seq, last_message_seq = heads.seq, last_message_at = $9
        from (select conversation, max(seq) as seq from unnest($1::uuid[], $2::bigint[]) as n (conversation, seq)
              group by conversation) as heads
        where c.id = heads.conversation
    )
    insert into db_audit (id, account, actor, patient, action, what, object, session, visit, request_id)
    select audit, sender, 'person', patient, 'write', 'message', id, session, visit, request_id
    from unnest($10::uuid[], $5::uuid[], $4::uuid[], $3::uuid[], $11::uuid[], $12::uuid[], $13::text[])
        as done (audit, sender, patient, id, session, visit, request_id)
"""


Content: TypeAlias = tuple[str, bool, Extras, tuple[UUID, ...]]
"""Words, whether it is urgent, what it carries beside them, and its files."""


@dataclass(frozen=True, slots=True)
class Send:
    """Somebody's wish to send a message. *attempt*: their ``Idempotency-Key``, if they gave one."""

    conversation: UUID
    client_id: str
    body: str
    urgent: bool
    caller: Caller
    attempt: Attempt | None = None
    extras: Extras = NOTHING
    attachments: tuple[UUID, ...] = ()

    @property
    def content(self) -> Content:
        """What the same send says again."""
        return self.body, self.urgent, self.extras, self.attachments

    @property
    def key(self) -> Key:
        """What makes another send the same one."""
        sender = self.caller.account
        if sender is None:
            raise NotFound
        return Key(self.conversation, sender, self.client_id)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that is stored for good. *again*: it had been stored by an earlier try."""

    id: UUID
    seq: int
    key: Key
    sent_at: datetime
    again: bool = False


Outcome = Sent | TelegutError


@dataclass(frozen=True, slots=True)
class Committed:
    """The outcomes, in the order of the sends, and whose mailboxes have something new."""

    outcomes: list[Outcome]
    woken: set[UUID]


async def commit(connection: Connection, vault: Vault, sends: Sequence[Send], now: datetime) -> Committed:
    """Store *sends* in one transaction. Refusals are among the outcomes; an exception means that nothing was stored."""
    async with connection.transaction():
        batch = _Batch(connection, vault, sends, now)
        await batch.lock()
        await batch.refuse()
        await batch.recognise()
        await batch.claim()
        batch.number()
        await batch.write()
        woken = await batch.tell()
    return Committed(batch.settled(), woken)


class _Batch:
    """One transaction's worth of sends on its way. ``outcomes`` has a place for each send."""

    def __init__(self, connection: Connection, vault: Vault, sends: Sequence[Send], now: datetime) -> None:
        self.connection = connection
        self.vault = vault
        self.sends = sends
        self.now = now
        self.outcomes: list[Outcome | None] = [None] * len(sends)
        self.patients: dict[UUID, UUID] = {}
        self.heads: dict[UUID, int] = {}
        self.members: dict[UUID, list[UUID]] = {}
        self.keys: dict[UUID, PatientKey] = {}
        self.fresh: list[int] = []
        self.attached: dict[UUID, tuple[UUID, ...]] = {}
        self.files: dict[UUID, Found] = {}

    async def lock(self) -> None:
        """Take the conversations' rows; from here on nobody else adds to them."""
        wanted = sorted({send.conversation for send in self.sends})
        for row in await self.connection.fetch(LOCK, wanted):
            self.patients[row["id"]] = row["patient"]
            self.heads[row["id"]] = row["last_seq"]
        for row in await self.connection.fetch(MEMBERS, wanted):
            self.members.setdefault(row["conversation"], []).append(row["account"])

    async def refuse(self) -> None:
        """Settle the sends of people who may not write there (any more), and keys that were used for something else."""
        pairs = {(send.conversation, send.key.sender) for send in self.sends}
        rows = await self.connection.fetch(WRITERS, [one for one, _ in pairs], [two for _, two in pairs])
        writers = {(row["conversation"], row["account"]) for row in rows}
        for position, send in enumerate(self.sends):
            if not self._may_write(send, writers):
                self.outcomes[position] = NotFound()
            elif send.extras.mentions:
                self._refuse_strangers(position, send)
        await self._refuse_reused_keys()

    def _may_write(self, send: Send, writers: set[tuple[UUID, UUID]]) -> bool:
        scope = send.caller.scope
        if scope is None:
            return (send.conversation, send.key.sender) in writers
        inside = scope.admitted and self.patients.get(send.conversation) == scope.patient
        return inside and send.key.sender in self.members.get(send.conversation, ())

    def _refuse_strangers(self, position: int, send: Send) -> None:
        try:
            check_mentions(send.extras.mentions, self.members.get(send.conversation, ()))
        except NotInThisConversation as refusal:
            self.outcomes[position] = refusal

    async def _refuse_reused_keys(self) -> None:
        attempts = [send.attempt for send in self.sends if send.attempt is not None]
        if not attempts:
            return
        rows = await self.connection.fetch(
            ATTEMPTS, [one.account for one in attempts], [one.target for one in attempts], [one.key for one in attempts]
        )
        used = {(row["account"], row["target"], row["key"]): row["fingerprint"] for row in rows}
        for position, send in enumerate(self.sends):
            this = send.attempt
            if this is None or self.outcomes[position] is not None:
                continue
            if used.setdefault((this.account, this.target, this.key), this.fingerprint) != this.fingerprint:
                self.outcomes[position] = IdempotencyKeyReused()

    async def recognise(self) -> None:
        """Settle the sends that the log holds already, and open the keys of the patients of the others."""
        open_ones = self._open()
        keys = [self.sends[position].key for position in open_ones]
        rows = await self.connection.fetch(
            KNOWN, [one.conversation for one in keys], [one.sender for one in keys], [one.client_id for one in keys]
        )
        known = {Key(row["conversation"], row["sender"], row["client_id"]): row for row in rows}
        await self._open_patient_keys({self.patients[key.conversation] for key in keys})
        with_files = [row["id"] for row in rows if row["attachments"]]
        self.attached = await attaching.of_messages(self.connection, with_files)
        for position in open_ones:
            send = self.sends[position]
            patient = self.patients[send.conversation]
            if patient not in self.keys:
                self.outcomes[position] = Erased()
            elif (row := known.get(send.key)) is not None:
                self.outcomes[position] = self._again(send, row, self.keys[patient])

    def _again(self, send: Send, row: asyncpg.Record, key: PatientKey) -> Outcome:
        # Of a message whose words were removed, nobody can say any more whether these were other ones.
        if row["body"] is not None and self._content(row, key) != send.content:
            return ClientIdReused()
        return Sent(row["id"], row["seq"], send.key, row["at"], again=True)

    def _content(self, row: asyncpg.Record, key: PatientKey) -> Content:
        body = log.unseal(self.vault, key, row["id"], row["body"])
        extras = log.unseal_extras(self.vault, key, row["id"], row["extras"])
        return body, row["urgent"], extras, self.attached.get(row["id"], ())

    async def claim(self) -> None:
        """Hold the files that are to be sent, and settle the sends that may not have theirs."""
        wanting = [position for position in self._open() if self.sends[position].attachments]
        self.files = await attaching.lock(
            self.connection, (id for position in wanting for id in self.sends[position].attachments)
        )
        claimed: dict[UUID, Key] = {}
        for position in wanting:
            send = self.sends[position]
            patient = self.patients[send.conversation]
            self.outcomes[position] = attaching.claim(self.files, claimed, send.attachments, send.key, patient)

    async def _open_patient_keys(self, patients: set[UUID]) -> None:
        self.keys = {patient: key for patient in patients if (key := self.vault.cached(patient)) is not None}
        missing = sorted(patients - self.keys.keys())
        for row in await self.connection.fetch(PATIENT_KEYS, missing) if missing else ():
            if row["wrapped"] is not None:
                self.keys[row["patient"]] = self.vault.unwrap(row["patient"], row["wrapped"])

    def number(self) -> None:
        """Give every send that is left its place in its log."""
        open_ones = self._open()
        placed = place([self.sends[position].key for position in open_ones], self.heads)
        for position, here in zip(open_ones, placed, strict=True):
            send, owner = self.sends[position], open_ones[here.owner]
            first = self.outcomes[owner]
            if owner == position:
                self.fresh.append(position)
                self.outcomes[position] = Sent(new_id(), here.seq, send.key, self.now)
            elif self.sends[owner].content != send.content:
                self.outcomes[position] = ClientIdReused()
            elif isinstance(first, Sent):
                self.outcomes[position] = replace(first, again=True)

    async def write(self) -> None:
        """Store the messages with their audit, the new ends of the logs, and the keys that were used."""
        new = [
            (self.sends[position], sent) for position in self.fresh if isinstance(sent := self.outcomes[position], Sent)
        ]
        if new:
            patients = [self.patients[send.conversation] for send, _ in new]
            bodies = [
                log.seal(self.vault, self.keys[patient], sent.id, send.body)
                for (send, sent), patient in zip(new, patients, strict=True)
            ]
            extras = [
                log.seal_extras(self.vault, self.keys[patient], sent.id, send.extras)
                for (send, sent), patient in zip(new, patients, strict=True)
            ]
            await self.connection.execute(
                WRITE,
                [send.conversation for send, _ in new],
                [sent.seq for _, sent in new],
                [sent.id for _, sent in new],
                patients,
                [sent.key.sender for _, sent in new],
                [send.client_id for send, _ in new],
                [send.urgent for send, _ in new],
                bodies,
                self.now,
                [new_id() for _ in new],
                [send.caller.session for send, _ in new],
                [send.caller.scope.visit if send.caller.scope else None for send, _ in new],
                [send.caller.request_id for send, _ in new],
                extras,
                [len(send.attachments) for send, _ in new],
            )
            await self._attach(new)
        await self._keep_attempts()

    async def _attach(self, new: Sequence[tuple[Send, Sent]]) -> None:
        taking = [
            Attached(sent.id, send.conversation, self.keys[self.patients[send.conversation]], send.attachments)
            for send, sent in new
            if send.attachments
        ]
        await attaching.attach(self.connection, self.vault, taking, self.files)

    async def tell(self) -> set[UUID]:
        """Put the new messages into the mailboxes of everybody who takes part; return whose."""
        told = [
            one
            for position in self.fresh
            if isinstance(sent := self.outcomes[position], Sent)
            for one in self._told(self.sends[position], sent)
        ]
        return await outbox.append_many(self.connection, told)

    def _told(self, send: Send, sent: Sent) -> list[tuple[UUID, Event]]:
        conversation = sent.key.conversation
        patient, what = self.patients[conversation], facts(conversation, sent.seq)
        event = Event(EntryType.SENT.value, patient, what)
        told = [(account, event) for account in self.members.get(conversation, ())]
        if send.extras.mentions:
            mention = Event(MENTION, patient, {**what, "message": str(sent.id)})
            told += [(account, mention) for account in send.extras.mentions]
        return told

    async def _keep_attempts(self) -> None:
        used = [
            send.attempt
            for send, outcome in zip(self.sends, self.outcomes, strict=True)
            if send.attempt is not None and isinstance(outcome, Sent)
        ]
        if used:
            await self.connection.execute(
                KEEP_ATTEMPTS,
                [one.account for one in used],
                [one.target for one in used],
                [one.key for one in used],
                [one.fingerprint for one in used],
            )

    def _open(self) -> list[int]:
        """The positions of the sends that are not settled yet."""
        return [position for position, outcome in enumerate(self.outcomes) if outcome is None]

    def settled(self) -> list[Outcome]:
        """An outcome for each send."""
        return [outcome for outcome in self.outcomes if outcome is not None]
