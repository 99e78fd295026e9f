"""What a waiting notice needs before it can leave: where to, with which words, and whether it still holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from telegut.accounts import people
from telegut.db.engine import Transaction
from telegut.db.sealed import Vault
from telegut.notices import contacts, words
from telegut.notices.rules import (
    ABOUT_APPOINTMENTS,
    AppointmentNotice,
    Channel,
    Kind,
    Link,
    OfferNotice,
    State,
    UrgentNotice,
)
from telegut.notices.subjects import Invitation, Later, Still, Subject, Told
from telegut.notices.tables import notice

_DEFAULT_LINK = Link("/messages")


@dataclass(frozen=True, slots=True)
class Ready:
    """A notice that holds, with everything its server needs. *address*: of mail, or a number in E.164."""

    row: Row[Any]
    address: str
    link: Link
    still: Still

    @property
    def id(self) -> UUID:
        """The notice's id, from which the Message-ID is made."""
        found: UUID = self.row.id
        return found

    @property
    def channel(self) -> Channel:
        """How it goes."""
        return Channel(self.row.channel)

    @property
    def written_at(self) -> datetime:
        """When it was made: the date of the mail, the same each time."""
        found: datetime = self.row.created_at
        return found

    @property
    def invitation(self) -> Invitation | None:
        """The calendar file that goes with it."""
        return self.still.invitation

    def text(self, clinic: str, origin: str) -> words.Text:
        """The mail's words."""
        return words.words(Kind(self.row.kind), self._said(clinic, origin, beside=self.still.zone))

    def short(self, clinic: str, origin: str) -> str:
        """The text message's words: the reader's own zone is enough."""
        return words.short(Kind(self.row.kind), self._said(clinic, origin, beside=None))

    def _said(self, clinic: str, origin: str, *, beside: str | None) -> words.Said:
        row = self.row
        when = "" if row.starts_at is None else words.spoken(row.starts_at, row.zone, beside)
        until = "" if row.expires_at is None else words.spoken(row.expires_at, row.zone)
        return words.Said(clinic, origin + self.link.path, when, until, row.ready)

    def by_mail(self) -> AppointmentNotice | OfferNotice | UrgentNotice:
        """The same notice as a mail, for when no gateway takes it."""
        row, kind = self.row, Kind(self.row.kind)
        if kind is Kind.URGENT:
            return UrgentNotice(row.recipient, row.patient, row.about, row.version)
        if kind not in ABOUT_APPOINTMENTS:
            return OfferNotice(
                row.recipient, row.patient, row.about, row.starts_at, row.expires_at, row.zone, self.link
            )
        return AppointmentNotice(
            row.recipient,
            row.patient,
            kind,
            row.about,
            row.version,
            row.starts_at,
            row.zone,
            self.link,
            minutes_before=row.minutes_before,
            ready=row.ready,
        )


async def prepare(
    tx: Transaction, vault: Vault, notice_id: UUID, subjects: Mapping[Kind, Subject]
) -> Ready | State | None:
    """A waiting notice, ready to leave; the state it ends in when it is not to leave at all; None: not now."""
    row = await _waiting(tx, notice_id)
    if row is None:
        return None
    if row.expired:
        return State.SETTLED
    mail = await people.mail_address(tx, row.recipient)
    if mail is None:
        return State.SETTLED
    still = await _ask(tx, row, mail, subjects)
    if isinstance(still, Later):
        return None
    address = mail if row.channel == Channel.MAIL else (await contacts.of(tx, row.recipient)).number
    if still is None or address is None:
        return State.SETTLED
    return Ready(row, address, await _link(tx, vault, row), still)


async def _ask(tx: Transaction, row: Row[Any], mail: str, subjects: Mapping[Kind, Subject]) -> Still | Later | None:
    kind = Kind(row.kind)
    if kind not in subjects:
        return Still()
    told = Told(kind, row.about, row.version, row.recipient, mail, Channel(row.channel), row.minutes_before)
    return await subjects[kind].look(tx, told)


async def _link(tx: Transaction, vault: Vault, row: Row[Any]) -> Link:
    if row.link is None:
        return _DEFAULT_LINK
    key = await vault.key(tx, row.patient)
    return Link(vault.open(notice.c.link, key, row.id, row.link))


async def _waiting(tx: Transaction, notice_id: UUID) -> Row[Any] | None:
    expired = func.coalesce(notice.c.expires_at <= func.statement_timestamp(), False).label("expired")
    query = select(notice, expired).where(notice.c.id == notice_id, notice.c.state == State.WAITING.value)
    rows = await tx.execute(query)
    return rows.one_or_none()
