"""Giving a mail to a mail server. Knows nothing of patients or notices beyond the words it is handed."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib

from telegut.errors import Invalid
from telegut.notices.answers import Away, Refused
from telegut.notices.subjects import Invitation
from telegut.notices.words import Text

_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Server:
    """
    A mail server: where it is, and who we are to it.

    tls: from the first byte on; otherwise STARTTLS is used as soon as the server offers it, and always when there is a
    password to protect. one_by_one: held from handing a mail's text over until the server's yes is written down, so
    that whoever kills the process doubles one mail at most, however many are on their way.
    """

    host: str
    port: int
    tls: bool
    user: str | None
    password: str | None
    sender: str
    timeout_s: float
    one_by_one: asyncio.Lock = field(default_factory=asyncio.Lock, compare=False, repr=False)

    @classmethod
    def parse(cls, url: str, *, sender: str, timeout_s: float) -> Server | None:
        """
        The server at *url* (``smtp://user:password@host:587`` or ``smtps://…``); None when *url* is empty.

        Raises:
            Invalid: it is not such an address.
        """
        if not url:
            return None
        parts = urlsplit(url)
        try:
            port = parts.port or _PORTS[parts.scheme]
        except (KeyError, ValueError) as exc:
            raise Invalid("TELEGUT_SMTP_URL is written like smtp://user:password@host:587.") from exc
        if not parts.hostname:
            raise Invalid("TELEGUT_SMTP_URL names no host.")
        user = unquote(parts.username) if parts.username else None
        password = unquote(parts.password) if parts.password else None
        return cls(parts.hostname, port, parts.scheme == "smtps", user, password, sender, timeout_s)

    def letter(
        self, to: str, text: Text, *, message_id: str, written_at: datetime, invitation: Invitation | None = None
    ) -> EmailMessage:
        """
        The mail. The same *message_id* again is the same mail, so that a second delivery can be recognised.

        ``Auto-Submitted`` keeps out-of-office answers away (RFC 3834). An invitation stands beside the words with its
        method in the MIME type, where calendars look (RFC 6047, 2.4), and as a file for everybody else.
        """
        mail = EmailMessage()
        mail["From"] = self.sender
        mail["To"] = to
        mail["Subject"] = text.subject
        mail["Date"] = format_datetime(written_at)
        mail["Message-ID"] = f"<{message_id}@{self.sender.rpartition('@')[2].rstrip('>')}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(text.body)
        if invitation is not None:
            method = {"method": invitation.method}
            mail.add_alternative(invitation.file.decode(), subtype="calendar", charset="utf-8", params=method)
            mail.add_attachment(invitation.file, "application", "ics", filename="appointment.ics")
        return mail

    async def deliver(self, mail: EmailMessage, taken: Callable[[], Awaitable[None]]) -> None:
        """
        Hand *mail* over, and have it noted by *taken* as soon as the server has said yes.

        Raises:
            Refused: the server answered with a permanent no. Away: no, or not now.
        """
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            use_tls=self.tls,
            start_tls=(True if self.password else None) if not self.tls else False,
            tls_context=ssl.create_default_context() if self.tls or self.password else None,
            timeout=self.timeout_s,
        )
        try:
            async with client:
                await client.mail(parseaddr(self.sender)[1])
                await client.rcpt(mail["To"])
                async with self.one_by_one:
                    await client.data(mail.as_bytes(policy=SMTP))
                    await taken()
        except aiosmtplib.SMTPResponseException as exc:
            raise _judged(exc.code) from exc
        except (aiosmtplib.SMTPException, OSError) as exc:
            raise Away from exc


def _judged(code: int) -> Refused | Away:
    """500 and above is for good, 4xx is for now. A wrong password is ours to mend, so the mail is kept."""
    return Refused(code) if code >= 500 and code not in (530, 534, 535, 538) else Away()
