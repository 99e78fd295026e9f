"""A real mail server on a free port of loopback, that tests can read and put in a bad mood."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class PostOffice:
    """What it took, and what it answers: *moods* are answers to give first, one for each mail."""

    url: str = ""
    taken: list[tuple[str, Message]] = field(default_factory=list)
    moods: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a mail, or not."""
        if self.moods:
            return self.moods.pop(0)
        self.taken.append((str(envelope.rcpt_tos[0]), message_from_bytes(bytes(envelope.original_content or b""))))
        return "250 OK"

    @property
    def bodies(self) -> list[str]:
        """The words of every mail."""
        return [str(mail.get_payload()) for _, mail in self.taken]


@asynccontextmanager
async def post_office() -> AsyncIterator[PostOffice]:
    """Open for the length of the block."""
    office = PostOffice()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(office), "127.0.0.1", 0)
    office.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield office
    finally:
        server.close()
