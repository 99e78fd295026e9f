"""What a waiting notice needs before it can leave: where to, with which words, and whether it still holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from telegut.accounts import people
from telegut.db.engine import Transaction
from telegut.db.sealed import Vault
from telegut.notices import contacts, planning, words
from telegut.notices.push.rules import content
from telegut.notices.rules import (
    ABOUT_APPOINTMENTS,
    NEWS,
    TOGETHER,
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

_MESSAGES = Link("/messages")
_TODAY = Link("/today")
_VISITS = Link("/visits")
_OPENED = {Kind.URGENT: _MESSAGES, Kind.PLAN: _TODAY, Kind.REPORT: _TODAY}
"""
Where those without a link of their own lead; a message's leads into its conversation, and a visit's to all visits once
its personal link was removed.
"""


@dataclass(frozen=True, slots=True)
class Ready:
    """
    A notice that holds, with everything its server needs.

    address: of mail, a number in E.164, or the person whose devices it goes to. others: what goes with it.
    """

    row: Row[Any]
    address: str
    link: Link
    still: Still
    others: tuple[Row[Any], ...] = ()

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

    @property
    def several(self) -> bool:
        """Whether it stands for more than one thing."""
        return any(each.about != self.row.about for each in self.others)

    @property
    def kind(self) -> Kind:
        """What it is about; of several different things only that they are news."""
        kinds = {Kind(each.kind) for each in (self.row, *self.others)}
        return kinds.pop() if len(kinds) == 1 else Kind.PLAN

    @property
    def target(self) -> Link:
        """Where it leads: of several things to the page that shows them all."""
        if not self.several:
            return self.link
        return _MESSAGES if self.kind is Kind.MESSAGE else _TODAY

    def with_others(self, others: Sequence[Row[Any]]) -> Ready:
        """The same, saying *others* too."""
        return replace(self, others=tuple(others))

    def text(self, clinic: str, origin: str) -> words.Text:
        """The mail's words."""
        said = self._said(clinic, origin, beside=self.still.zone)
        return words.words(self.kind, said, several=self.several)

    def short(self, clinic: str, origin: str) -> str:
        """The text message's words: the reader's own zone is enough."""
        return words.short(self.kind, self._said(clinic, origin, beside=None), several=self.several)

    def pushed(self, clinic: str, origin: str, topic: str) -> bytes:
        """What a device is sent."""
        said = self._said(clinic, origin, beside=None)
        return content(self.kind, said, self.target, topic, several=self.several)

    def _said(self, clinic: str, origin: str, *, beside: str | None) -> words.Said:
        row = self.row
        when = "" if row.starts_at is None else words.spoken(row.starts_at, row.zone, beside)
        until = "" if row.expires_at is None else words.spoken(row.expires_at, row.zone)
        return words.Said(clinic, origin + self.target.path, when, until, row.ready)

    def by_mail(self) -> AppointmentNotice | OfferNotice | UrgentNotice | None:
        """The same notice as a mail, for when nobody takes it; None: of kinds that `Notices` has a plain row for."""
        row, kind = self.row, Kind(self.row.kind)
        if kind in TOGETHER:
            return None
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
    tx: Transaction, vault: Vault, row: Row[Any], subjects: Mapping[Kind, Subject]
) -> Ready | State | None:
    """A waiting notice, ready to leave; the state it ends in when it is not to leave at all; None: not now."""
    if row.expired:
        return State.SETTLED
    mail = await people.mail_address(tx, row.recipient)
    if mail is None:
        return State.SETTLED
    still = await _ask(tx, row, mail, subjects)
    if isinstance(still, Later):
        return None
    address = await _address(tx, row, mail)
    if still is None or address is None:
        return State.SETTLED
    return Ready(row, address, await _link(tx, vault, row), still)


async def _address(tx: Transaction, row: Row[Any], mail: str) -> str | None:
    """Where it goes: a mail address, a verified number; of a push message the person, whose devices are asked then."""
    if row.channel == Channel.SMS.value:
        return (await contacts.of(tx, row.recipient)).number
    return mail if row.channel == Channel.MAIL.value else str(row.recipient)


async def _ask(tx: Transaction, row: Row[Any], mail: str, subjects: Mapping[Kind, Subject]) -> Still | Later | None:
    kind = Kind(row.kind)
    if kind in NEWS and await planning.was_read(tx, row):
        return None
    if kind not in subjects:
        return Still()
    told = Told(kind, row.about, row.version, row.recipient, mail, Channel(row.channel), row.minutes_before)
    return await subjects[kind].look(tx, told)


async def _link(tx: Transaction, vault: Vault, row: Row[Any]) -> Link:
    if row.link is None:
        return (
            Link(f"/messages/{row.about}") if row.kind == Kind.MESSAGE.value else _OPENED.get(Kind(row.kind), _VISITS)
        )
    key = await vault.key(tx, row.patient)
    return Link(vault.open(notice.c.link, key, row.id, row.link))


def _opened(kind: Kind, about: UUID) -> Link:
    return Link(f"/messages/{about}") if kind is Kind.MESSAGE else _OPENED.get(kind, _VISITS)
