"""
Many sends, one transaction: the inner part of the message writer, over raw asyncpg.

In order: lock the conversations (sorted, so that two processes never wait for each other in a circle), ask who may
write as of now, find what was sent before, number and seal the rest, insert everything, append to the mailboxes,
commit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

import asyncpg

from telegut.db.caller import Caller
from telegut.db.chained import chained
from telegut.db.ids import new_ids
from telegut.db.sealed import Erased, PatientKey, Vault
from telegut.errors import NotFound, TelegutError
from telegut.messaging import ground, log
from telegut.messaging.events import MENTION, facts
from telegut.messaging.extras import NOTHING, Extras, NotInThisConversation, check_mentions
from telegut.messaging.rules import ClientIdReused, EntryType, Key, place
from telegut.messaging.storing import New, store
from telegut.messaging.telling import Telling
from telegut.messaging.uploads import attaching
from telegut.messaging.uploads.attaching import Attached, Found
from telegut.realtime import outbox
from telegut.realtime.outbox import Appended, Audience
from telegut.web.idempotency import Attempt, IdempotencyKeyReused

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

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
    """The outcomes, in the order of the sends, and what was told to whom."""

    outcomes: list[Outcome]
    told: Telling


async def commit(
    connection: Connection, vault: Vault, sends: Sequence[Send], now: datetime, more: Callable[[], bool]
) -> Committed:
    """
    Store *sends* in one transaction. Refusals are among the outcomes; an exception means that nothing was stored.

    *more*: whether other sends are waiting already, see `chained`.
    """
    async with chained(connection, more):
        batch = _Batch(connection, vault, sends, now)
        await batch.lock()
        await batch.refuse()
        await batch.recognise()
        await batch.claim()
        batch.number()
        await batch.write()
        appended = await batch.tell()
    return Committed(batch.settled(), Telling(appended, batch.fresh_entries(), batch.ground.seeing))


class _Batch:
    """One transaction's worth of sends on its way. ``outcomes`` has a place for each send."""

    def __init__(self, connection: Connection, vault: Vault, sends: Sequence[Send], now: datetime) -> None:
        self.connection = connection
        self.vault = vault
        self.sends = sends
        self.now = now
        self.names = [send.key for send in sends]
        self.outcomes: list[Outcome | None] = [None] * len(sends)
        self.keys: dict[UUID, PatientKey] = {}
        self.fresh: list[int] = []
        self.attached: dict[UUID, tuple[UUID, ...]] = {}
        self.files: dict[UUID, Found] = {}

    async def lock(self) -> None:
        """Take the conversations' rows; from here on nobody else adds to them."""
        self.ground = await ground.ask(self.connection, self.names)

    async def refuse(self) -> None:
        """Settle the sends of people who may not write there (any more), and keys that were used for something else."""
        for position, send in enumerate(self.sends):
            if not self._may_write(send):
                self.outcomes[position] = NotFound()
            elif send.extras.mentions:
                self._refuse_strangers(position, send)
        await self._refuse_reused_keys()

    def _may_write(self, send: Send) -> bool:
        scope, account = send.caller.scope, send.caller.account
        if scope is None:
            return (send.conversation, account) in self.ground.writing
        inside = scope.admitted and self.ground.patients.get(send.conversation) == scope.patient
        return inside and account in self.ground.members.get(send.conversation, ())

    def _refuse_strangers(self, position: int, send: Send) -> None:
        try:
            check_mentions(send.extras.mentions, self.ground.members.get(send.conversation, ()))
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
        known = await self._known([self.names[position] for position in open_ones]) if self.ground.known else {}
        await self._open_patient_keys({self._patient(position) for position in open_ones})
        for position in open_ones:
            patient = self._patient(position)
            if patient not in self.keys:
                self.outcomes[position] = Erased()
            elif (row := known.get(self.names[position]) if known else None) is not None:
                self.outcomes[position] = self._again(self.sends[position], row, self.keys[patient])

    async def _known(self, names: Sequence[Key]) -> dict[Key, asyncpg.Record]:
        rows = await self.connection.fetch(
            KNOWN, [one.conversation for one in names], [one.sender for one in names], [one.client_id for one in names]
        )
        self.attached = await attaching.of_messages(self.connection, [row["id"] for row in rows if row["attachments"]])
        return {Key(row["conversation"], row["sender"], row["client_id"]): row for row in rows}

    def _patient(self, position: int) -> UUID:
        return self.ground.patients[self.sends[position].conversation]

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
            self.outcomes[position] = attaching.claim(
                self.files, claimed, send.attachments, self.names[position], self._patient(position)
            )

    async def _open_patient_keys(self, patients: set[UUID]) -> None:
        self.keys = {patient: key for patient in patients if (key := self.vault.cached(patient)) is not None}
        missing = sorted(patients - self.keys.keys())
        for row in await self.connection.fetch(PATIENT_KEYS, missing) if missing else ():
            if row["wrapped"] is not None:
                self.keys[row["patient"]] = self.vault.unwrap(row["patient"], row["wrapped"])

    def number(self) -> None:
        """Give every send that is left its place in its log."""
        open_ones = self._open()
        ids = new_ids(len(open_ones))
        placed = place([self.names[position] for position in open_ones], self.ground.heads)
        for position, here, id in zip(open_ones, placed, ids, strict=True):
            send, owner = self.sends[position], open_ones[here.owner]
            first = self.outcomes[owner]
            if owner == position:
                self.fresh.append(position)
                self.outcomes[position] = Sent(id, here.seq, self.names[position], self.now)
            elif self.sends[owner].content != send.content:
                self.outcomes[position] = ClientIdReused()
            elif isinstance(first, Sent):
                self.outcomes[position] = replace(first, again=True)

    def fresh_entries(self) -> list[tuple[Send, Sent, UUID]]:
        """What is new in the logs, in order: the send, where it went, and its patient."""
        return [
            (self.sends[position], sent, self._patient(position))
            for position in self.fresh
            if isinstance(sent := self.outcomes[position], Sent)
        ]

    async def write(self) -> None:
        """Store the messages with their audit, the new ends of the logs, and the keys that were used."""
        new = self.fresh_entries()
        if new:
            await store(self.connection, [self._sealed(*one) for one in new], self.now)
            await self._attach(new)
        await self._keep_attempts()

    def _sealed(self, send: Send, sent: Sent, patient: UUID) -> New:
        key = self.keys[patient]
        return New(
            sent.id,
            sent.seq,
            send.conversation,
            patient,
            send.caller,
            send.client_id,
            log.seal(self.vault, key, sent.id, send.body),
            send.urgent,
            log.seal_extras(self.vault, key, sent.id, send.extras),
            len(send.attachments),
        )

    async def _attach(self, new: Sequence[tuple[Send, Sent, UUID]]) -> None:
        taking = [
            Attached(sent.id, send.conversation, self.keys[patient], send.attachments)
            for send, sent, patient in new
            if send.attachments
        ]
        await attaching.attach(self.connection, self.vault, taking, self.files)

    async def tell(self) -> Appended:
        """Put the new messages into the mailboxes of everybody who takes part."""
        audiences: dict[UUID, int] = {}
        groups: list[Audience] = []
        told: list[tuple[int, str]] = []
        mentions: list[tuple[int, str]] = []
        for send, sent, patient in self.fresh_entries():
            what = facts(send.conversation, sent.seq)
            number = audiences.get(send.conversation)
            if number is None:
                number = audiences[send.conversation] = len(groups)
                members = self.ground.members.get(send.conversation, ())
                groups.append(Audience(EntryType.SENT.value, patient, members))
            told.append((number, json.dumps(what)))
            if send.extras.mentions:
                mentions.append((len(groups), json.dumps({**what, "message": str(sent.id)})))
                groups.append(Audience(MENTION, patient, send.extras.mentions))
        # Mentions come behind the messages: what `Telling` holds is at the same places as what was told.
        return await outbox.append_many(self.connection, groups, told + mentions)

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
