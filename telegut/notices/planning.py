"""From something to be said to the rows that say it: one for each channel, with the time from which on it is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, select

from telegut.db.audit import entries
from telegut.db.engine import Transaction
from telegut.notices import deciding
from telegut.notices.choices import kept
from telegut.notices.choices.kept import Reader
from telegut.notices.deciding import AGAIN, MATTERS, Matter, Pace, Presence, QuietUntil
from telegut.notices.rules import Channel, Kind, MessageNotice, NewsNotice, State
from telegut.notices.tables import notice

_LOST: Final = (State.REFUSED.value, State.NOT_CONFIGURED.value)


@dataclass(frozen=True, slots=True)
class Planner:
    """texts: whether there is a gateway. staffed: when the clinic is, for whoever works there; None: not known."""

    texts: bool
    staffed: QuietUntil | None
    news_delay: timedelta

    async def reader(self, tx: Transaction, person: UUID) -> Reader | None:
        """What decides how *person* is told; None when there is nobody."""
        return await kept.reader(tx, person, texts=self.texts, staffed=self.staffed)

    async def due(self, tx: Transaction, new: MessageNotice | NewsNotice, now: datetime) -> dict[Channel, datetime]:
        """By which channels *new* goes, and from when on; empty: they do not want it."""
        found = await self.reader(tx, new.to)
        if found is None:
            return {}
        news = isinstance(new, NewsNotice)
        matter = MATTERS[new.kind if isinstance(new, NewsNotice) else Kind.MESSAGE]
        said_at = None if isinstance(new, NewsNotice) else await _said_at(tx, new.to, new.conversation)
        start = now + self.news_delay if news else now
        presence = Presence(found.active_at, said_at)
        return deciding.decide(matter, found.wishes, found.means, start, found.zone, found.quiet, presence)

    async def urgent(self, tx: Transaction, person: UUID) -> Sequence[Channel]:
        """By which channels *person* is told of what is urgent: one at least, at once, whatever the hour."""
        found = await self.reader(tx, person)
        return [] if found is None else sorted(deciding.channels(Matter.URGENT, found.wishes, found.means))

    async def still_at(self, tx: Transaction, row: Row[Any], now: datetime) -> datetime | None:
        """
        When a waiting notice leaves by what is so now: *now*, later, or None when it is not wanted any more.

        The reader may have changed their mind, come into telegut, or it has become night.
        """
        matter = MATTERS.get(Kind(row.kind))
        if matter is None:
            return now
        found = await self.reader(tx, row.recipient)
        if found is None or not await self._is_wanted(tx, row, matter, found):
            return None
        presence = Presence(found.active_at, waited=now - row.created_at)
        return deciding.not_before(matter, Channel(row.channel), now, found.quiet, presence)

    async def _is_wanted(self, tx: Transaction, row: Row[Any], matter: Matter, found: Reader) -> bool:
        if matter is Matter.MESSAGE and row.version > 0 and not found.wishes.again:
            return False
        if Channel(row.channel) in deciding.channels(matter, found.wishes, found.means):
            return True
        return row.channel == Channel.MAIL.value and await _lost_elsewhere(tx, row)

    async def again(self, tx: Transaction, row: Row[Any]) -> dict[str, Any] | None:
        """The row that says an unread message once more, after *row* was sent; None: it is not said again."""
        if row.kind != Kind.MESSAGE.value or row.seen_at is not None or row.version >= len(AGAIN):
            return None
        found = await self.reader(tx, row.recipient)
        if found is None or not found.wishes.again or found.wishes.pace is not Pace.AT_ONCE:
            return None
        same = {"recipient": row.recipient, "patient": row.patient, "kind": row.kind, "about": row.about}
        first_at = row.created_at
        due_at = first_at + AGAIN[row.version]
        return same | {"channel": row.channel, "version": row.version + 1, "created_at": first_at, "due_at": due_at}


async def _said_at(tx: Transaction, person: UUID, conversation: UUID) -> datetime | None:
    """When *person* was last told about a conversation, before they read it."""
    found: datetime | None = await tx.scalar(
        select(func.max(notice.c.settled_at)).where(
            notice.c.recipient == person,
            notice.c.about == conversation,
            notice.c.kind == Kind.MESSAGE.value,
            notice.c.state == State.SENT.value,
        )
    )
    return found


async def is_said(tx: Transaction, new: MessageNotice) -> bool:
    """Whether there is a notice about what they have not read yet: the cheap question, asked often."""
    query = select(notice.c.id).where(
        notice.c.recipient == new.to,
        notice.c.about == new.conversation,
        notice.c.kind == Kind.MESSAGE.value,
        notice.c.seen_at.is_(None),
    )
    return await tx.scalar(query.limit(1)) is not None


async def _lost_elsewhere(tx: Transaction, row: Row[Any]) -> bool:
    """Whether the same was refused by another channel: the mail goes in its place."""
    query = select(notice.c.id).where(
        notice.c.recipient == row.recipient,
        notice.c.about == row.about,
        notice.c.kind == row.kind,
        notice.c.version == row.version,
        notice.c.channel != row.channel,
        notice.c.state.in_(_LOST),
    )
    return await tx.scalar(query.limit(1)) is not None


async def was_read(tx: Transaction, row: Row[Any]) -> bool:
    """Whether the reader of news has opened in telegut, since then, what it is about: the audit trail knows."""
    what = {Kind.PLAN.value: "care plan", Kind.REPORT.value: "report"}[row.kind]
    query = select(entries.c.id).where(
        entries.c.patient == row.patient,
        entries.c.at >= row.created_at,
        entries.c.account == row.recipient,
        entries.c.action == "read",
        entries.c.what == what,
        entries.c.object == row.about,
    )
    return await tx.scalar(query.limit(1)) is not None
