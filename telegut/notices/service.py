"""Keeping notices and having them sent: once each, again when the mail server was away, never with a word too much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from telegut.accounts import people
from telegut.clock import Clock
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import Vault
from telegut.jobs import queue
from telegut.notices import rules
from telegut.notices.mail import Refused, Server
from telegut.notices.rules import AppointmentNotice, Kind, Link, Notice, State
from telegut.notices.tables import notice
from telegut.settings import Settings

MAIL_JOB = "notice.mail"
SWEEP_JOB = "notice.sweep"
SWEEP_PERIOD_S = 300.0
GIVE_UP = timedelta(hours=24)
"""A notice that could not be sent for a day is no news any more."""

_SENDER = Caller.system("notices")
_DEFAULT_LINK = Link("/messages")


@dataclass(frozen=True, slots=True)
class Notices:
    """
    Everything telegut says by mail.

    server: None when no mail server is configured. origin: how people reach telegut. clinic: its neutral name.
    """

    db: Database
    vault: Vault
    now: Clock
    server: Server | None
    origin: str
    clinic: str

    async def send(self, tx: Transaction, new: Notice) -> bool:
        """
        Have *new* sent once *tx* holds. False when it is said already.

        A message's notice is said once for each conversation until its reader has seen it; an appointment's once for
        each of its versions.
        """
        row = await self._row(tx, new)
        made = await tx.scalar(insert(notice).values(row).on_conflict_do_nothing().returning(notice.c.id))
        if made is None:
            return False
        await queue.enqueue(tx, MAIL_JOB, {"notice": str(made)}, unique=str(made))
        return True

    async def _row(self, tx: Transaction, new: Notice) -> dict[str, Any]:
        row: dict[str, Any] = {
            "id": new_id(),
            "recipient": new.to,
            "patient": new.patient,
            "created_at": self.now(),
        }
        if not isinstance(new, AppointmentNotice):
            return row | {"kind": Kind.MESSAGE.value, "about": new.conversation}
        key = await self.vault.key(tx, new.patient)
        return row | {
            "kind": new.kind.value,
            "about": new.appointment,
            "version": new.version,
            "starts_at": new.start,
            "zone": new.zone,
            "link": self.vault.seal(notice.c.link, key, row["id"], new.link.path),
        }

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
        Give a waiting notice to the mail server. Twice does no harm: what is not waiting is left alone.

        A crash between the server's yes and our note of it sends the mail again, under the same Message-ID.

        Raises:
            Away: the server takes nothing at this moment.
        """
        async with self.db.begin(_SENDER) as tx:
            row = await _waiting(tx, notice_id)
            if row is None:
                return
            address = await people.mail_address(tx, row.recipient)
            link = await self._link(tx, row)
        if self.server is None:
            await self._settle(notice_id, State.NOT_CONFIGURED)
        elif address is None:
            await self._settle(notice_id, State.SETTLED)
        else:
            await self._deliver(self.server, row, address, link)

    async def _deliver(self, server: Server, row: Row[Any], address: str, link: Link) -> None:
        when = None if row.starts_at is None else rules.spoken(row.starts_at, row.zone)
        text = rules.words(Kind(row.kind), clinic=self.clinic, url=self.origin + link.path, when=when)
        try:
            await server.deliver(server.letter(address, text, message_id=str(row.id), written_at=row.created_at))
        except Refused as exc:
            await self._settle(row.id, State.REFUSED, problem=str(exc.code))
        else:
            await self._settle(row.id, State.SENT)

    async def _link(self, tx: Transaction, row: Row[Any]) -> Link:
        if row.link is None:
            return _DEFAULT_LINK
        key = await self.vault.key(tx, row.patient)
        return Link(self.vault.open(notice.c.link, key, row.id, row.link))

    async def _settle(self, notice_id: UUID, state: State, *, problem: str | None = None) -> None:
        async with self.db.begin(_SENDER) as tx:
            await tx.execute(
                update(notice)
                .where(notice.c.id == notice_id, notice.c.state == State.WAITING.value)
                .values(state=state.value, settled_at=self.now(), problem=problem, link=None)
            )

    async def sweep(self) -> None:
        """Try again what a long absence of the mail server left behind, and give up on what is a day old."""
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
                await queue.enqueue(tx, MAIL_JOB, {"notice": str(one)}, unique=f"{one} {turn}")

    async def counts(self, *, since: datetime) -> Mapping[State, int]:
        """How many notices since *since* are in which state; for ``telegut doctor``."""
        async with self.db.begin(_SENDER) as tx:
            rows = await tx.execute(
                select(notice.c.state, func.count().label("number"))
                .where(notice.c.created_at >= since)
                .group_by(notice.c.state)
            )
            return {State(row.state): row.number for row in rows}


async def _waiting(tx: Transaction, notice_id: UUID) -> Row[Any] | None:
    rows = await tx.execute(select(notice).where(notice.c.id == notice_id, notice.c.state == State.WAITING.value))
    return rows.one_or_none()


def sender_address(mail_from: str, origin: str) -> str:
    """Who mails come from: *mail_from*, or telegut at the public host."""
    host = origin.split("://", 1)[-1].split("/", 1)[0].rsplit(":", 1)[0].strip("[]")
    return mail_from or f"telegut@{host}"


def build_notices(db: Database, vault: Vault, now: Clock, settings: Settings) -> Notices:
    """
    The service, as *settings* want it.

    Raises:
        Invalid: the address of the mail server cannot be read.
    """
    sender = sender_address(settings.mail_from, settings.origin)
    server = Server.parse(settings.smtp_url, sender=sender, timeout_s=settings.smtp_timeout_s)
    return Notices(db, vault, now, server, settings.origin, settings.clinic_name)
