"""Keeping notices and having them sent: once each, again when the server was away, never with a word too much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from telegut.clock import Clock
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import Vault
from telegut.jobs import queue
from telegut.notices import delivery
from telegut.notices.answers import Refused
from telegut.notices.delivery import Ready
from telegut.notices.mail import Server
from telegut.notices.rules import (
    AppointmentNotice,
    Channel,
    Kind,
    MessageNotice,
    Notice,
    OfferNotice,
    State,
    UrgentNotice,
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

_SENDER = Caller.system("notices")


@dataclass(frozen=True, slots=True)
class Notices:
    """
    Everything telegut says outside of itself.

    server, gateway: None when none is configured. origin: how people reach telegut. clinic: its neutral name. subjects:
    who is asked right before a notice of a kind leaves; a kind without one always holds.
    """

    db: Database
    vault: Vault
    now: Clock
    server: Server | None
    origin: str
    clinic: str
    gateway: Gateway | None = None
    subjects: Mapping[Kind, Subject] = field(default_factory=dict)

    async def send(self, tx: Transaction, new: Notice) -> bool:
        """
        Have *new* sent once *tx* holds. False when it is said already.

        A message's notice is said once for each conversation until its reader has seen it; an appointment's once for
        each of its revisions and channels, a reminder's also once for each time before; an offer's once.
        """
        row = await self._row(tx, new)
        made = await tx.scalar(insert(notice).values(row).on_conflict_do_nothing().returning(notice.c.id))
        if made is None:
            return False
        await queue.enqueue(tx, SEND_JOB, {"notice": str(made)}, unique=str(made))
        return True

    async def _row(self, tx: Transaction, new: Notice) -> dict[str, Any]:
        row: dict[str, Any] = {
            "id": new_id(),
            "recipient": new.to,
            "patient": new.patient,
            "created_at": self.now(),
        }
        if isinstance(new, MessageNotice):
            return row | {"kind": Kind.MESSAGE.value, "about": new.conversation}
        if isinstance(new, UrgentNotice):
            said = {"kind": Kind.URGENT.value, "about": new.message, "version": new.step}
            return row | said | {"channel": new.channel.value}
        key = await self.vault.key(tx, new.patient)
        row |= {
            "channel": new.channel.value,
            "starts_at": new.start,
            "zone": new.zone,
            "link": self.vault.seal(notice.c.link, key, row["id"], new.link.path),
        }
        return row | _particulars(new)

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
            found = await delivery.prepare(tx, self.vault, notice_id, self.subjects)
        if isinstance(found, State):
            await self._settle(notice_id, found)
        elif found is not None:
            await self._hand_over(found)

    async def _hand_over(self, ready: Ready) -> None:
        try:
            if ready.channel is Channel.SMS:
                await self._text(ready)
            else:
                await self._mail(ready)
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

    async def _refused(self, ready: Ready, refusal: Refused | None) -> None:
        """For good. A text message that nobody takes goes by mail instead, once."""
        async with self.db.begin(_SENDER) as tx:
            state = State.REFUSED if refusal else State.NOT_CONFIGURED
            await self._note(tx, ready.id, state, problem=str(refusal.code) if refusal else None)
            instead = None if ready.channel is Channel.MAIL else ready.by_mail()
            if instead is not None:
                await self.send(tx, instead)

    async def _settle(self, notice_id: UUID, state: State) -> None:
        async with self.db.begin(_SENDER) as tx:
            await self._note(tx, notice_id, state)

    async def _note(self, tx: Transaction, notice_id: UUID, state: State, *, problem: str | None = None) -> None:
        await tx.execute(
            update(notice)
            .where(notice.c.id == notice_id, notice.c.state == State.WAITING.value)
            .values(state=state.value, settled_at=self.now(), problem=problem, link=None)
        )

    async def sweep(self) -> None:
        """Try again what a long absence of a server left behind, and give up on what is a day old."""
        now = self.now()
        turn = int(now.timestamp() // SWEEP_PERIOD_S)
        waiting = notice.c.state == State.WAITING.value
        async with self.db.begin(_SENDER) as tx:
            await tx.execute(
                update(notice)
                .where(waiting, notice.c.created_at < now - GIVE_UP)
                .values(state=State.REFUSED.value, settled_at=now, problem="gave up", link=None)
            )
            left = await tx.execute(
                select(notice.c.id).where(waiting, notice.c.created_at < now - timedelta(seconds=SWEEP_PERIOD_S))
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


def _particulars(new: AppointmentNotice | OfferNotice) -> dict[str, Any]:
    if isinstance(new, OfferNotice):
        return {"kind": Kind.WAITLIST_OFFER.value, "about": new.offer, "expires_at": new.expires_at}
    return {
        "kind": new.kind.value,
        "about": new.appointment,
        "version": new.version,
        "minutes_before": new.minutes_before,
        "ready": new.ready,
    }


def sender_address(mail_from: str, origin: str) -> str:
    """Who mails come from: *mail_from*, or telegut at the public host."""
    host = origin.split("://", 1)[-1].split("/", 1)[0].rsplit(":", 1)[0].strip("[]")
    return mail_from or f"telegut@{host}"


def build_notices(
    db: Database, vault: Vault, now: Clock, settings: Settings, subjects: Mapping[Kind, Subject] | None = None
) -> Notices:
    """
    The service, as *settings* want it.

    Raises:
        Invalid: the address of the mail server or of the gateway cannot be read.
    """
    sender = sender_address(settings.mail_from, settings.origin)
    server = Server.parse(settings.smtp_url, sender=sender, timeout_s=settings.smtp_timeout_s)
    gateway = Gateway.parse(settings.sms_url, settings.sms_token, timeout_s=settings.sms_timeout_s)
    return Notices(db, vault, now, server, settings.origin, settings.clinic_name, gateway, subjects or {})
