"""
Messages sent later: written down sealed, changed and cancelled by their writer, sent once by the worker.

A message leaves through the log as any other, under its ``client_id`` and in the transaction that settles it here: a
crash between the two cannot be, and two workers find one row. Lock order: the scheduled message, then its conversation.

Words that were not sent belong to who wrote them: whoever has left the conversation reads and removes them, and changes
nothing (the policies of ``messaging_scheduled``).

A ``client_id`` means one message here as it does for sends: the same words for the same moment are kept once, and what
was sent by hand under it meanwhile stays as it is and is never said twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from telegut.accounts import people
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.errors import NotFound, Refused
from telegut.jobs.queue import enqueue
from telegut.messaging import log, membership, rules
from telegut.messaging.rules import ClientIdReused
from telegut.messaging.scheduled.rules import (
    ChangedElsewhere,
    KeptOtherwise,
    NotWaiting,
    SentAlready,
    State,
    Why,
    check_moment,
    is_quiet,
)
from telegut.messaging.scheduled.tables import scheduled
from telegut.messaging.service import Messaging
from telegut.messaging.tables import entry
from telegut.realtime import outbox
from telegut.realtime.events import Event

SEND_JOB = "messaging.send_later"
REFUSED_EVENT = "scheduled.refused"
SENT_EVENT = "scheduled.sent"
SHOWN = 200
"""Scheduled messages of one person that are listed."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """
    A message that waits, or what became of it. *body* is None once it is in the log or was cancelled.

    quiet: it would arrive in the patient's evening or night. why: of one that was refused, or will be.
    """

    id: UUID
    conversation: UUID
    client_id: str
    version: int
    state: State
    urgent: bool
    body: str | None
    send_at: datetime
    seq: int | None
    quiet: bool
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants sent at *send_at*."""

    client_id: str
    body: str
    send_at: datetime
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """The service. horizon: how far ahead a message can be."""

    messaging: Messaging
    horizon: timedelta

    async def write(self, caller: Caller, conversation: UUID, draft: Draft) -> Scheduled:
        """
        Keep *draft* until its moment. The same one again, as after an answer that was lost, is the one that is kept.

        Raises:
            NotFound, Refused: not the caller's place. Invalid: the words or the moment cannot be.
            KeptOtherwise: the ``client_id`` was scheduled with something else. SentAlready: it is in the log.
            NotWaiting: the one that was kept under it is settled.
        """
        self._check(draft.body, draft.send_at)
        rules.check_client_id(draft.client_id)
        async with self.messaging.db.begin(caller) as tx:
            patient = await membership.require(tx, conversation, write=True)
            made = new_id()
            values = {
                "id": made,
                "patient": patient,
                "conversation": conversation,
                "sender": caller.account,
                "client_id": draft.client_id,
                "state": State.WAITING.value,
                "urgent": draft.urgent,
                "body": await self._sealed(tx, patient, made, draft.body),
                "send_at": draft.send_at,
                "made_at": self.messaging.now(),
            }
            new = insert(scheduled).values(values).on_conflict_do_nothing(constraint="messaging_scheduled_once")
            if await tx.scalar(new.returning(scheduled.c.id)) is None:
                return await self._again(tx, conversation, draft)
            if await self._said(tx, conversation, draft.client_id) is not None:
                raise SentAlready
            await self._arrange(tx, made, 1, draft.send_at)
            await audit.record(tx, "write", "scheduled message", made, patient=patient)
            return await self._shown(tx, await self._own(tx, made))

    async def _again(self, tx: Transaction, conversation: UUID, draft: Draft) -> Scheduled:
        named = (scheduled.c.conversation == conversation) & (scheduled.c.client_id == draft.client_id)
        row = (await tx.execute(select(scheduled).where(named, scheduled.c.sender == tx.caller.account))).one()
        _check_waits(row)
        if (row.urgent, row.send_at, await self._clear(tx, row)) != (draft.urgent, draft.send_at, draft.body):
            raise KeptOtherwise
        return await self._shown(tx, row)

    async def _said(self, tx: Transaction, conversation: UUID, client_id: str) -> Row[Any] | None:
        """What the caller has sent under *client_id*, if anything."""
        named = (entry.c.conversation == conversation) & (entry.c.client_id == client_id)
        return (await tx.execute(select(entry).where(named, entry.c.sender == tx.caller.account))).one_or_none()

    async def mine(self, caller: Caller) -> list[Scheduled]:
        """What *caller* has waiting, and what was refused, the next one first."""
        async with self.messaging.db.begin(caller) as tx:
            rows = await tx.execute(
                select(scheduled)
                .where(
                    scheduled.c.sender == caller.account,
                    scheduled.c.state.in_([State.WAITING.value, State.REFUSED.value]),
                )
                .order_by(scheduled.c.send_at, scheduled.c.id)
                .limit(SHOWN)
            )
            found = rows.all()
            for row in found:
                await audit.record(tx, "read", "scheduled message", row.id, patient=row.patient)
            return [await self._shown(tx, row) for row in found]

    async def waiting(self, caller: Caller) -> int:
        """How many messages `mine` would list."""
        async with self.messaging.db.begin(caller) as tx:
            listed = scheduled.c.state.in_([State.WAITING.value, State.REFUSED.value])
            mine = select(func.count()).where(scheduled.c.sender == caller.account, listed)
            return int(await tx.scalar(mine) or 0)

    async def change(
        self, caller: Caller, message: UUID, *, version: int, body: str | None, send_at: datetime | None
    ) -> Scheduled:
        """
        Other words or another moment.

        Raises:
            NotFound: not the caller's, or they have left. NotWaiting: it is too late. ChangedElsewhere: *version* is an
            older one.
        """
        async with self.messaging.db.begin(caller) as tx:
            row = await self._own(tx, message, lock=True)
            await membership.require(tx, row.conversation, write=True)
            _check_waits(row)
            if row.version != version:
                raise ChangedElsewhere(current={"version": row.version})
            words = body if body is not None else await self._clear(tx, row)
            moment = send_at if send_at is not None else row.send_at
            self._check(words or "", moment)
            sealed = await self._sealed(tx, row.patient, row.id, words or "")
            values = {"body": sealed, "send_at": moment, "version": version + 1}
            if body is not None:
                values["made_at"] = self.messaging.now()
            await tx.execute(update(scheduled).where(scheduled.c.id == message).values(values))
            await self._arrange(tx, message, version + 1, moment)
            await audit.record(tx, "write", "scheduled message", message, patient=row.patient)
            return await self._shown(tx, await self._own(tx, message))

    async def cancel(self, caller: Caller, message: UUID) -> None:
        """
        Do not send it; its words are gone. Twice is once.

        Raises:
            NotFound: not the caller's. NotWaiting: it was sent.
        """
        async with self.messaging.db.begin(caller) as tx:
            row = await self._own(tx, message, lock=True)
            if row.state == State.CANCELLED.value:
                return
            if row.state == State.SENT.value:
                raise NotWaiting
            values = {"state": State.CANCELLED.value, "body": None, "settled_at": self.messaging.now()}
            await tx.execute(update(scheduled).where(scheduled.c.id == message).values(values))
            await audit.record(tx, "cancel", "scheduled message", message, patient=row.patient)

    async def send(self, message: UUID, version: int) -> None:
        """
        For the worker: send what waits as *version*, once. A sender who has left meanwhile is told that it was not.
        """
        async with self.messaging.db.begin(Caller.system("scheduled message")) as tx:
            row = (await tx.execute(select(scheduled).where(scheduled.c.id == message))).one_or_none()
            sender = None if row is None else (await people.named(tx, [row.sender]))[row.sender]
        if row is None or sender is None or row.state != State.WAITING.value or row.version != version:
            return
        caller = Caller(account=sender.id, roles=sender.roles, name=sender.name, zone=sender.zone)
        try:
            await self._send_as(caller, message, version)
        except ClientIdReused:
            await self._refuse(message, version, Why.CLIENT_ID)
        except (NotFound, Refused):
            await self._refuse(message, version, Why.LEFT)

    async def _send_as(self, caller: Caller, message: UUID, version: int) -> None:
        async with self.messaging.db.begin(caller) as tx:
            row = await self._own(tx, message, lock=True)
            if row.state != State.WAITING.value or row.version != version:
                return
            words = await self._clear(tx, row) or ""
            await log.lock(tx, row.conversation)
            said = await self._said(tx, row.conversation, row.client_id)
            values: dict[str, Any] = {"body": None, "settled_at": self.messaging.now()}
            if said is None:
                seq = await self.messaging.post(
                    caller.within(tx), row.conversation, row.client_id, words, urgent=row.urgent
                )
                values |= {"state": State.SENT.value, "seq": seq}
            else:
                # Its writer was quicker, by hand. That message says that they were there: it stays no message of the
                # clock, so that nothing here may name its number.
                seq = await self._the_same(tx, said, words, row.urgent)
                values |= {"state": State.CANCELLED.value}
            await tx.execute(update(scheduled).where(scheduled.c.id == message).values(values))
            facts = {"scheduled": str(message), "conversation": str(row.conversation), "seq": seq}
            await outbox.append(tx, Event(SENT_EVENT, row.patient, facts), to=[row.sender])

    async def _the_same(self, tx: Transaction, said: Row[Any], words: str, urgent: bool) -> int:
        """
        The number of *said*, which has these *words* and nothing more.

        Raises:
            ClientIdReused: it is another message.
        """
        vault = self.messaging.vault
        # Of a message whose words were removed, nobody can say any more whether these were other ones: as for sends.
        if said.body is not None:
            body = log.unseal(vault, await vault.key(tx, said.patient), said.id, said.body)
            if (body, said.urgent, said.attachments, said.extras) != (words, urgent, 0, None):
                raise ClientIdReused
        return int(said.seq)

    async def _refuse(self, message: UUID, version: int, why: Why) -> None:
        async with self.messaging.db.begin(Caller.system("scheduled message")) as tx:
            mine = (scheduled.c.id == message) & (scheduled.c.version == version)
            gone = await tx.execute(
                update(scheduled)
                .where(mine, scheduled.c.state == State.WAITING.value)
                .values(state=State.REFUSED.value, settled_at=self.messaging.now())
                .returning(scheduled.c.sender, scheduled.c.patient)
            )
            row = gone.one_or_none()
            if row is not None:
                # Without the patient: whoever left the care team learns nothing more about them.
                facts = {"scheduled": str(message), "why": why.value}
                await outbox.append(tx, Event(REFUSED_EVENT, None, facts), to=[row.sender])
                await audit.record(tx, "refuse", "scheduled message", message, patient=row.patient)

    def _check(self, body: str, send_at: datetime) -> None:
        rules.check_body(body, max_characters=self.messaging.max_characters)
        check_moment(send_at, now=self.messaging.now(), horizon=self.horizon)

    async def _own(self, tx: Transaction, message: UUID, *, lock: bool = False) -> Row[Any]:
        statement = select(scheduled).where(scheduled.c.id == message, scheduled.c.sender == tx.caller.account)
        found = (await tx.execute(statement.with_for_update() if lock else statement)).one_or_none()
        if found is None:
            raise NotFound
        return found

    async def _arrange(self, tx: Transaction, message: UUID, version: int, at: datetime) -> None:
        payload = {"message": str(message), "version": version}
        await enqueue(tx, SEND_JOB, payload, run_at=at, unique=f"{message}:{version}")

    async def _sealed(self, tx: Transaction, patient: UUID, message: UUID, body: str) -> bytes:
        vault = self.messaging.vault
        return vault.seal(scheduled.c.body, await vault.key(tx, patient), message, body)

    async def _clear(self, tx: Transaction, row: Row[Any]) -> str | None:
        if row.body is None:
            return None
        vault = self.messaging.vault
        return vault.open(scheduled.c.body, await vault.key(tx, row.patient), row.id, row.body)

    async def _shown(self, tx: Transaction, row: Row[Any]) -> Scheduled:
        patient = (await people.named(tx, [row.patient]))[row.patient]
        return Scheduled(
            id=row.id,
            conversation=row.conversation,
            client_id=row.client_id,
            version=row.version,
            state=State(row.state),
            urgent=row.urgent,
            body=await self._clear(tx, row),
            send_at=row.send_at,
            seq=row.seq,
            quiet=row.sender != row.patient and is_quiet(row.send_at, patient.zone),
            why=await self._why(tx, row),
        )

    async def _why(self, tx: Transaction, row: Row[Any]) -> Why | None:
        match State(row.state):
            case State.WAITING:
                return None if await _may_send(tx, row.conversation) else Why.LEFT
            case State.REFUSED:
                return Why.LEFT if await self._said(tx, row.conversation, row.client_id) is None else Why.CLIENT_ID
            case _:
                return None


async def _may_send(tx: Transaction, conversation: UUID) -> bool:
    try:
        await membership.require(tx, conversation, write=True)
    except (NotFound, Refused):
        return False
    return True


def _check_waits(row: Row[Any]) -> None:
    if row.state != State.WAITING.value:
        raise NotWaiting(current={"state": row.state, "version": row.version})
