"""Words for tests of messaging: a clinic with its conversation, and the writer at work."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.messaging.batch import Send
from telegut.messaging.service import Messaging, build_messaging
from telegut.messaging.writer import Limits, Writer
from telegut.notices.service import build_notices
from telegut.settings import Settings
from tests import build
from tests.build import Account, Clinic

LIMITS = Limits(waiting=4096, batch=256, retry_s=5.0)


@dataclass(frozen=True, slots=True)
class Place:
    """A clinic whose patient has their conversation with the care team."""

    clinic: Clinic
    conversation: UUID
    messaging: Messaging

    async def log(self, reader: Account | None = None) -> list[dict[str, Any]]:
        """The whole log, as *reader* gets it (the patient unless said)."""
        entries: list[dict[str, Any]] = []
        while True:
            after = entries[-1]["seq"] if entries else 0
            who = (reader or self.clinic.patient).caller
            found = await self.messaging.log_page(who, self.conversation, after=after, limit=100)
            if not found:
                return entries
            entries += found

    async def messages(self) -> list[dict[str, Any]]:
        """The messages of the log."""
        return [one for one in await self.log() if one["type"] == "message.sent"]

    def send(self, sender: Account, client_id: str, body: str = "Hello") -> Send:
        """A wish of *sender* to say something here."""
        return Send(self.conversation, client_id, body, False, sender.caller)


def service(db: Database, settings: Settings) -> Messaging:
    """Messaging on *db*."""
    notices = build_notices(db, build.VAULT, utc_now, settings)
    return build_messaging(db, build.VAULT, utc_now, notices, settings)


async def place(db: Database, settings: Settings) -> Place:
    """A new clinic with its conversation."""
    clinic = await build.clinic(db)
    messaging = service(db, settings)
    made = await messaging.care_conversation(clinic.patient.caller, clinic.patient.id)
    assert made is not None
    return Place(clinic, made.id, messaging)


@asynccontextmanager
async def writing(url: str, limits: Limits = LIMITS) -> AsyncIterator[Writer]:
    """A writer at work for the length of the block."""
    writer = Writer(url, build.VAULT, now=utc_now, limits=limits, tell=lambda telling: None)
    writer.start()
    try:
        yield writer
    finally:
        await writer.stop()
