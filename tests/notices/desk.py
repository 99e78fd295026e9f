"""Notices with a mail server, a gateway and a push service of the test's own, a clock that is set, and one reader."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from telegut.accounts.tables import session
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.jobs.queue import Job, jobs
from telegut.notices import Kind, MessageNotice, NewsNotice, Notice, Notices
from telegut.notices.choices import kept
from telegut.notices.deciding import Wishes
from telegut.notices.push.sealing import DeviceKeys
from telegut.notices.push.vapid import decoded
from telegut.notices.service import SEND_JOB, build_notices
from telegut.notices.tables import contact, notice
from telegut.notices.work import jobs as handlers
from telegut.settings import Settings
from tests import build
from tests.build import Account
from tests.notices.post_office import PostOffice, post_office
from tests.notices.push_office import PushOffice, push_office
from tests.notices.text_office import TOKEN, TextOffice, text_office

SYSTEM = Caller.system("a test")
NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
"""12:00 in Berlin, a Tuesday."""


@dataclass
class Desk:
    """Everything that leaves, and the means to make it leave."""

    db: Database
    mails: PostOffice
    texts: TextOffice
    pushes: PushOffice
    reader: Account
    notices: Notices = field(init=False)
    now: datetime = NOON

    def open(self, settings: Settings) -> None:
        """Make the service, on the clock of this desk."""
        wanted = replace(
            settings,
            smtp_url=self.mails.url,
            sms_url=self.texts.url,
            sms_token=TOKEN,
            push_on_loopback=True,
            push_timeout_s=5.0,
            public_url="https://clinic.example",
            clinic_name="telegut",
        )
        self.notices = build_notices(self.db, build.VAULT, lambda: self.now, wanted)
        pusher = replace(self.notices.push.pusher, now=lambda: datetime.now(UTC))
        self.notices = replace(self.notices, push=replace(self.notices.push, pusher=pusher))

    async def wants(self, **changes: Any) -> None:
        """The reader chooses."""
        async with self.db.begin(SYSTEM) as tx:
            await kept.keep(tx, self.reader.id, replace(Wishes(), **changes))
            await self.notices.replan(tx, self.reader.id)

    async def has_device(self, name: str = "phone") -> None:
        """The reader turns push on."""
        subscription = self.pushes.browser(name)
        keys = DeviceKeys(decoded(subscription["keys"]["p256dh"]), decoded(subscription["keys"]["auth"]))
        await self.notices.push.turn_on(self.reader.caller, name, subscription["endpoint"], keys)

    async def has_number(self) -> None:
        """The reader showed a number to be theirs."""
        row = {"person": self.reader.id, "reminders": "mail", "changes_by_mail": False, "mobile": "+4915123456789"}
        async with self.db.begin(SYSTEM) as tx:
            await tx.execute(insert(contact).values(**row, verified_at=self.now, changed_at=self.now))

    async def is_here(self, at: datetime) -> None:
        """The reader did something in telegut."""
        async with self.db.begin(SYSTEM) as tx:
            await tx.execute(update(session).where(session.c.person == self.reader.id).values(seen_at=at))

    async def send(self, *new: Notice) -> None:
        """Have something said."""
        async with self.db.begin(SYSTEM) as tx:
            for one in new:
                await self.notices.send(tx, one)

    def message(self, conversation: UUID | None = None) -> MessageNotice:
        """Something to read, somewhere."""
        return MessageNotice(self.reader.id, self.reader.id, conversation or new_id())

    def news(self, kind: Kind = Kind.REPORT, about: UUID | None = None) -> NewsNotice:
        """Something new to look at."""
        return NewsNotice(self.reader.id, self.reader.id, kind, about or new_id(), 1)

    async def read(self, conversation: UUID) -> None:
        """The reader opens a conversation in telegut."""
        async with self.db.begin(SYSTEM) as tx:
            await self.notices.seen(tx, self.reader.id, conversation)

    async def passes(self, **time: float) -> None:
        """Time passes, and the worker does what is due at its end."""
        self.now += timedelta(**time)
        await self.work()

    async def work(self) -> None:
        """Every job that is due by this desk's clock, until there is none, each once."""
        done: set[UUID] = set()
        while True:
            async with self.db.begin(SYSTEM) as tx:
                due = (jobs.c.kind == SEND_JOB) & jobs.c.done_at.is_(None) & (jobs.c.id.not_in(done))
                rows = (await tx.execute(select(jobs).where(due).order_by(jobs.c.run_at, jobs.c.id))).all()
            rows = [row for row in rows if await self._is_due(UUID(row.payload["notice"]))]
            if not rows:
                return
            for row in rows:
                done.add(row.id)
                await handlers(self.notices)[SEND_JOB](Job(row.id, row.kind, row.payload, 1))

    async def _is_due(self, id: UUID) -> bool:
        async with self.db.begin(SYSTEM) as tx:
            due_at = await tx.scalar(select(notice.c.due_at).where(notice.c.id == id))
        return due_at is not None and due_at <= self.now

    async def states(self) -> list[tuple[str, str, str]]:
        """Kind, channel and state of every notice."""
        async with self.db.begin(SYSTEM) as tx:
            rows = await tx.execute(select(notice.c.kind, notice.c.channel, notice.c.state).order_by(notice.c.id))
            return sorted((row.kind, row.channel, row.state) for row in rows)


@asynccontextmanager
async def desk(db: Database, settings: Settings) -> AsyncIterator[Desk]:
    """Open for the length of the block."""
    reader = await build.person(db, "patient", "Lena Hartmann", zone="Europe/Berlin")
    async with post_office() as mails, text_office() as texts, push_office() as pushes:
        made = Desk(db, mails, texts, pushes, reader)
        made.open(settings)
        await made.is_here(NOON - timedelta(days=1))
        yield made
