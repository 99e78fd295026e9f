"""Giving a text message to a gateway over HTTP. Knows nothing of patients or notices beyond the words it is handed."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from telegut.errors import Invalid
from telegut.notices.answers import Away, Refused

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_FOR_NOW = frozenset({401, 402, 403, 404, 405, 407, 408, 409, 421, 423, 425, 429})
"""Answers (RFC 9110, section 15.5) that are about us or about now, not about the number: the message is kept."""
_ANSWER_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Gateway:
    """
    An SMS gateway: where it is, and who we are to it.

    One message is one ``POST`` of ``{"to", "text", "id"}`` with a bearer token. The same *id* again is the same
    message, also named in ``Idempotency-Key``, so that a gateway can see that it has it already. 2xx: taken.
    """

    url: str
    token: str
    timeout_s: float

    @classmethod
    def parse(cls, url: str, token: str, *, timeout_s: float) -> Gateway | None:
        """
        The gateway at *url*; None when *url* is empty.

        Raises:
            Invalid: it is no such address, or what we say would travel unencrypted.
        """
        if not url:
            return None
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.fragment:
            raise Invalid("TELEGUT_SMS_URL is written like https://gateway.example/messages.")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise Invalid("TELEGUT_SMS_URL begins with https://: text messages go out encrypted.")
        if any(not "!" <= letter <= "~" for letter in token):
            raise Invalid("TELEGUT_SMS_TOKEN has a character that cannot stand in a header.")
        return cls(url, token, timeout_s)

    async def deliver(self, message_id: str, to: str, text: str) -> None:
        """
        Hand a message over; when this returns, the gateway has taken it.

        to: E.164. Redirects are not followed: the token is for the gateway alone.

        Raises:
            Refused: the gateway will never take it. Away: it cannot be reached, or not now.
        """
        headers = {"Idempotency-Key": message_id} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        message = {"to": to, "text": text, "id": message_id}
        limit = aiohttp.ClientTimeout(total=self.timeout_s)
        try:
            async with (
                aiohttp.ClientSession(timeout=limit, cookie_jar=aiohttp.DummyCookieJar()) as session,
                session.post(self.url, json=message, headers=headers, allow_redirects=False) as answer,
            ):
                await answer.content.read(_ANSWER_BYTES)
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            raise Away from exc
        if 200 <= status < 300:
            return
        raise Refused(status) if 400 <= status < 500 and status not in _FOR_NOW else Away()
