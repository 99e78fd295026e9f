"""Words for tests of the ledger: a clinic with its conversation, its ledger, and a clock that tests turn."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from telegut.clock import utc_now
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.messaging.ledger.making import LedgerServices, build_ledger, subjects
from telegut.messaging.ledger.service import ReplyLedger
from telegut.messaging.scheduled.service import Draft, Later, Scheduled
from telegut.messaging.service import Messaging, build_messaging
from telegut.notices.rules import Kind
from telegut.notices.service import build_notices
from telegut.notices.subjects import Subject
from telegut.settings import Settings
from tests import build
from tests.build import Account, Clinic

ROOT = Caller.system("tests")


@dataclass(slots=True)
class Hands:
    """The hands of a clock, which stand where a test puts them."""

    at: datetime = field(default_factory=utc_now)

    def __call__(self) -> datetime:
        """What it shows."""
        return self.at

    def go_on(self, **length: float) -> None:
        """Turn it on, as `timedelta` has it."""
        self.at += timedelta(**length)


@dataclass(frozen=True, slots=True)
class Place:
    """A clinic whose patient has their conversation, and who owes what in it."""

    db: Database
    url: str
    clinic: Clinic
    conversation: UUID
    messaging: Messaging
    services: LedgerServices
    clock: Hands

    @property
    def ledger(self) -> ReplyLedger:
        """Who owes what."""
        return self.services.ledger

    @property
    def later(self) -> Later:
        """What is sent by the clock."""
        return Later(self.messaging, timedelta(days=30))

    async def say(self, who: Account, words: str = "Good morning", *, urgent: bool = False) -> int:
        """Somebody writes; returns the number."""
        seq = await self.messaging.post(who.caller, self.conversation, f"{who.id} {words} {self.clock.at}", words)
        if urgent:
            await self.sql("update messaging_entry set urgent = true where conversation = $1 and seq = $2", seq)
        return seq

    async def schedule(self, who: Account, words: str = "Good morning") -> Scheduled:
        """Somebody writes something that is sent in an hour."""
        draft = Draft(f"{who.id} {words} later", words, self.clock.at + timedelta(hours=1))
        return await self.later.write(who.caller, self.conversation, draft)

    async def version(self) -> int:
        """The ledger's version now."""
        return (await self.ledger.turn(self.clinic.consultant.caller, self.conversation)).standing.version

    async def log(self) -> list[dict[str, Any]]:
        """The log as the patient reads it."""
        return await self.messaging.log_page(self.clinic.patient.caller, self.conversation, after=0, limit=200)

    async def sql(self, statement: str, *values: Any) -> Any:
        """Change or count something below the application; ``$1`` is the conversation where a statement names it."""
        connection = await asyncpg.connect(self.url)
        try:
            given = (self.conversation, *values) if "$1" in statement else ()
            return await connection.fetchval(statement, *given)
        finally:
            await connection.close()


async def place(db: Database, url: str, settings: Settings, at: datetime | None = None) -> Place:
    """A new clinic with its conversation, when it is *at* (now, unless said)."""
    clock = Hands() if at is None else Hands(at)
    clinic = await build.clinic(db)
    asked: dict[Kind, Subject] = {**subjects()}
    notices = build_notices(db, build.VAULT, utc_now, settings, asked)
    messaging = build_messaging(db, build.VAULT, clock, notices, settings)
    made = await messaging.care_conversation(clinic.patient.caller, clinic.patient.id)
    assert made is not None
    services = build_ledger(db, build.VAULT, clock, notices, messaging.replies, settings)
    return Place(db, url, clinic, made.id, messaging, services, clock)
