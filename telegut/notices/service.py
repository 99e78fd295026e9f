"""Keeping notices and having them sent: once each, again when the server was away, never with a word too much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from telegut.clock import Clock
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import Vault
from telegut.jobs import queue
from telegut.notices import delivery, gathering, planning
from telegut.notices.answers import Refused
from telegut.notices.deciding import QuietUntil, next_round
from telegut.notices.delivery import Ready
from telegut.notices.mail import Server
from telegut.notices.planning import Planner
from telegut.notices.push.rules import topic_of
from telegut.notices.push.sender import Urgency
from telegut.notices.push.service import Push, build_push
from telegut.notices.rows import by_mail, rows_of
from telegut.notices.rules import (
    TOGETHER,
    Channel,
    Kind,
    MessageNotice,
    Notice,
    State,
)
from telegut.notices.sms import Gateway
from telegut.notices.subjects import Subject
from telegut.notices.tables import notice
from telegut.settings import Settings

SEND_JOB = "notice.mail"
SWEEP_JOB = "notice.sweep"
SWEEP_PERIOD_S = 300.0
GIVE_UP = timedelta(hours=24)
"""A notice that could not be sent for a day is no news any more."""

_AT_ONCE = timedelta(seconds=2)
"""What is due within this is not put off once more."""
_TOPICS = "telegut push topics v1"
_SENDER = Caller.system("notices")


@dataclass(frozen=True, slots=True)
class Notices:
    """
    Everything telegut says outside of itself.

    server, gateway: None when none is configured. origin: how people reach telegut. clinic: its neutral name. subjects:
    who is asked right before a notice of a kind leaves; a kind without one always holds. planner: by which channel and
    when each reader is told.
    """

    db: Database
    vault: Vault
    now: Clock
    server: Server | None
    origin: str
    clinic: str
    gateway: Gateway | None
    push: Push
    planner: Planner
    subjects: Mapping[Kind, Subject] = field(default_factory=dict)

    async def send(self, tx: Transaction, new: Notice) -> bool:
        """
        Have *new* sent once *tx* holds. False when it is said already, or its reader does not want to be told.

        A message's notice is said once for each conversation until its reader has seen it; an appointment's once for
        each of its revisions and channels, a reminder's also once for each time before; an offer's once. How messages,
        plans and reports are told, and when, their reader chose; *tx* is of telegut's own work then.
        """
        if isinstance(new, MessageNotice) and await planning.is_said(tx, new):
            return False
        made = [await self._keep(tx, row) for row in await rows_of(tx, new, self.planner, self.vault, self.now())]
        return any(made)

    async def _keep(self, tx: Transaction, row: dict[str, Any]) -> bool:
        """Keep a notice, with the job that sends it when it is due; False: there is one like it."""
        made = await tx.scalar(insert(notice).values(row).on_conflict_do_nothing().returning(notice.c.id))
        if made is None or row.get("state") == State.SETTLED.value:
            return False
        run_at = row["due_at"] if row["due_at"] > self.now() else None
        await queue.enqueue(tx, SEND_JOB, {"notice": str(made)}, run_at=run_at, unique=str(made))
        return True

    async def seen(self, tx: Transaction, recipient: UUID, conversation: UUID) -> None:
        """*recipient* has read *conversation* in telegut: a waiting notice is not sent, and the next one may be."""
        open_ones = (
            (notice.c.recipient == recipient)
            & (notice.c.about == conversation)
            & (notice.c.kind == Kind.MESSAGE.value)
            & notice.c.seen_at.is_(None)
        )
        waiting = notice.c.state == State.WAITING.value
        await tx.execute(
            update(notice)
            .where(open_ones & waiting)
            .values(state=State.SETTLED.value, settled_at=self.now(), seen_at=self.now())
        )
        await tx.execute(update(notice).where(open_ones).values(seen_at=self.now()))

    async def mail(self, notice_id: UUID) -> None:
        """
        Give a waiting notice to its server. Twice does no harm: what is not waiting is left alone.

        Whether it still holds is asked right before. A crash between the server's yes and our note of it sends the
        notice again, under the same Message-ID.

        Raises:
            Away: the server takes nothing at this moment.
        """
        async with self.db.begin(_SENDER) as tx:
            found = await self._prepared(tx, notice_id)
        if isinstance(found, State):
            await self._settle(notice_id, found)
        elif found is not None:
            await self._hand_over(found)

    async def _prepared(self, tx: Transaction, notice_id: UUID) -> Ready | State | None:
        """What leaves now; the state of what never does; None: nothing, or not yet."""
        row = await gathering.lead(tx, notice_id)
        if row is None:
            await self._free(tx, notice_id)
            return None
        at = await self.planner.still_at(tx, row, self.now())
        if at is None:
            return State.SETTLED
        if max(at, row.due_at) > self.now() + _AT_ONCE:
            await self._postpone(tx, row, max(at, row.due_at))
            return None
        found = await delivery.prepare(tx, self.vault, row, self.subjects)
        return found.with_others(await gathering.gather(tx, row, self.now())) if isinstance(found, Ready) else found

    async def _postpone(self, tx: Transaction, row: Row[Any], at: datetime) -> None:
        await tx.execute(update(notice).where(notice.c.id == row.id).values(due_at=at))
        unique = f"{row.id} {at.isoformat()}"
        await queue.enqueue(tx, SEND_JOB, {"notice": str(row.id)}, run_at=at, unique=unique)

    async def _free(self, tx: Transaction, notice_id: UUID) -> None:
        """What waited to go with a notice that is over goes by itself."""
        if await tx.scalar(select(notice.c.state).where(notice.c.id == notice_id)) == State.WAITING.value:
            return
        for each in await gathering.part(tx, notice_id):
            await queue.enqueue(tx, SEND_JOB, {"notice": str(each)}, unique=f"{each} without {notice_id}")

    async def _hand_over(self, ready: Ready) -> None:
        ways = {Channel.MAIL: self._mail, Channel.SMS: self._text, Channel.PUSH: self._push}
        try:
            await ways[ready.channel](ready)
        except Refused as exc:
            await self._refused(ready, exc)

    async def _mail(self, ready: Ready) -> None:
        if self.server is None:
            await self._settle(ready.id, State.NOT_CONFIGURED)
            return
        text = ready.text(self.clinic, self.origin)
        letter = self.server.letter(
            ready.address, text, message_id=str(ready.id), written_at=ready.written_at, invitation=ready.invitation
        )
        await self.server.deliver(letter, lambda: self._settle(ready.id, State.SENT))

    async def _text(self, ready: Ready) -> None:
        if self.gateway is None:
            await self._refused(ready, None)
            return
        await self.gateway.deliver(str(ready.id), ready.address, ready.short(self.clinic, self.origin))
        await self._settle(ready.id, State.SENT)

    async def _push(self, ready: Ready) -> None:
        topic = topic_of(self.vault.root.derive(_TOPICS), ready.kind, ready.row.about)
        urgency = Urgency.HIGH if ready.kind is Kind.URGENT else Urgency.NORMAL
        content = ready.pushed(self.clinic, self.origin, topic)
        await self.push.deliver(ready.row.recipient, content, topic=topic, urgency=urgency)
        await self._settle(ready.id, State.SENT)

    async def _refused(self, ready: Ready, refusal: Refused | None) -> None:
        """For good. What no gateway and no device takes goes by mail instead, once."""
        async with self.db.begin(_SENDER) as tx:
            state = State.REFUSED if refusal else State.NOT_CONFIGURED
            await self._note(tx, ready.id, state, problem=str(refusal.code) if refusal else None)
            if ready.channel is Channel.MAIL:
                return
            instead = ready.by_mail()
            if instead is not None:
                await self.send(tx, instead)
                return
            for row in (ready.row, *ready.others):
                await self._keep(tx, by_mail(row, self.now()))

    async def _settle(self, notice_id: UUID, state: State) -> None:
        async with self.db.begin(_SENDER) as tx:
            await self._note(tx, notice_id, state)

    async def _note(self, tx: Transaction, notice_id: UUID, state: State, *, problem: str | None = None) -> None:
        """What became of a notice, and of those that went with it."""
        if state is State.SETTLED:
            mine = notice.c.id == notice_id
        else:
            mine = or_(notice.c.id == notice_id, notice.c.sent_with == notice_id)
        noted = await tx.execute(
            update(notice)
            .where(mine, notice.c.state == State.WAITING.value)
            .values(state=state.value, settled_at=self.now(), problem=problem, link=None)
            .returning(*notice.c)
        )
        rows = noted.all()
        if state is State.SETTLED:
            await self._free(tx, notice_id)
        for row in rows if state is State.SENT else ():
            again = await self.planner.again(tx, row)
            if again is not None:
                await self._keep(tx, again | {"id": new_id()})

    async def replan(self, tx: Transaction, person: UUID) -> None:
        """*person* changed how they are told: what waits for them is due as they want it now."""
        found = await self.planner.reader(tx, person)
        if found is None:
            return
        at = next_round(self.now(), found.wishes, found.zone)
        waiting = select(notice).where(
            notice.c.recipient == person,
            notice.c.kind.in_([kind.value for kind in TOGETHER]),
            notice.c.state == State.WAITING.value,
            notice.c.version == 0,
        )
        for row in (await tx.execute(waiting)).all():
            await self._postpone(tx, row, at)

    async def sweep(self) -> None:
        """Try again what a long absence of a server left behind, and give up on what is a day old."""
        now = self.now()
        turn = int(now.timestamp() // SWEEP_PERIOD_S)
        waiting = notice.c.state == State.WAITING.value
        async with self.db.begin(_SENDER) as tx:
            await tx.execute(
                update(notice)
                .where(waiting, notice.c.due_at < now - GIVE_UP)
                .values(state=State.REFUSED.value, settled_at=now, problem="gave up", link=None)
            )
            left = await tx.execute(
                select(notice.c.id).where(waiting, notice.c.due_at < now - timedelta(seconds=SWEEP_PERIOD_S))
            )
            for one in left.scalars():
                await queue.enqueue(tx, SEND_JOB, {"notice": str(one)}, unique=f"{one} {turn}")

    async def counts(self, *, since: datetime) -> Mapping[State, int]:
        """How many notices since *since* are in which state; for ``telegut doctor``."""
        async with self.db.begin(_SENDER) as tx:
            rows = await tx.execute(
                select(notice.c.state, func.count().label("number"))
                .where(notice.c.created_at >= since)
                .group_by(notice.c.state)
            )
            return {State(row.state): row.number for row in rows}


def sender_address(mail_from: str, origin: str) -> str:
    """Who mails come from: *mail_from*, or telegut at the public host."""
    host = origin.split("://", 1)[-1].split("/", 1)[0].rsplit(":", 1)[0].strip("[]")
    return mail_from or f"telegut@{host}"


def build_notices(
    db: Database,
    vault: Vault,
    now: Clock,
    settings: Settings,
    subjects: Mapping[Kind, Subject] | None = None,
    staffed: QuietUntil | None = None,
) -> Notices:
    """
    The service, as *settings* want it. staffed: from which instant on devices of people who work here may ring.

    Raises:
        Invalid: the address of the mail server or of the gateway cannot be read.
    """
    sender = sender_address(settings.mail_from, settings.origin)
    server = Server.parse(settings.smtp_url, sender=sender, timeout_s=settings.smtp_timeout_s)
    gateway = Gateway.parse(settings.sms_url, settings.sms_token, timeout_s=settings.sms_timeout_s)
    planner = Planner(gateway is not None, staffed, timedelta(seconds=settings.message_notice_delay_s))
    push = build_push(db, vault.root, now, settings, sender)
    return Notices(
        db, vault, now, server, settings.origin, settings.clinic_name, gateway, push, planner, subjects or {}
    )
