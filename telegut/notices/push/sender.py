"""Giving a sealed message to a push service (RFC 8030). Knows nothing of patients or notices."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import aiohttp

from telegut.clock import Clock
from telegut.errors import Invalid
from telegut.notices.answers import Away, Refused
from telegut.notices.push.rules import checked_endpoint
from telegut.notices.push.sealing import DeviceKeys, seal
from telegut.notices.push.vapid import Vapid
from telegut.web.outward import Gate

KEPT_S: Final = 24 * 3_600
"""How long a push service keeps a message for a device that is off (``TTL``)."""
NOT_ALLOWED: Final = 0
"""In place of an answer's code: we do not connect to where the address leads."""
_GONE: Final = frozenset({404, 410})
_FOR_NOW: Final = frozenset({401, 408, 425, 429})
"""Answers (RFC 9110, section 15.5) that are about us or about now: the message is tried again."""
_ANSWER_BYTES: Final = 4_096


class Gone(Exception):
    """The device does not take messages any more (RFC 8030, 7.3)."""


class Urgency(StrEnum):
    """Whether a device with little power is woken (RFC 8030, 5.3)."""

    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Pusher:
    """The way to push services. on_loopback: one on this machine over plain HTTP is allowed too, for tests."""

    vapid: Vapid
    now: Clock
    timeout_s: float
    on_loopback: bool = False

    async def deliver(self, endpoint: str, keys: DeviceKeys, content: bytes, *, topic: str, urgency: Urgency) -> None:
        """
        Hand a message over; when this returns, the service has taken it.

        topic: what a message replaces while the device is off (RFC 8030, 5.4), 32 characters of base64url at most.

        Raises:
            Gone: nobody is there any more. Refused: it will never be taken. Away: no answer, or not now.
        """
        self._check(endpoint)
        gate = Gate(on_loopback=self.on_loopback)
        headers = {
            "Authorization": self.vapid.authorization(endpoint, self.now()),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(KEPT_S),
            "Topic": topic,
            "Urgency": urgency.value,
        }
        limit = aiohttp.ClientTimeout(total=self.timeout_s)
        try:
            async with (
                aiohttp.ClientSession(
                    timeout=limit, connector=gate.connector(), cookie_jar=aiohttp.DummyCookieJar()
                ) as session,
                session.post(endpoint, data=seal(content, keys), headers=headers, allow_redirects=False) as answer,
            ):
                await answer.content.read(_ANSWER_BYTES)
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            if gate.refused or isinstance(exc, aiohttp.InvalidURL):
                raise Refused(NOT_ALLOWED) from exc
            raise Away from exc
        _judge(status)

    def _check(self, endpoint: str) -> None:
        try:
            checked_endpoint(endpoint, on_loopback=self.on_loopback)
        except Invalid as exc:
            raise Refused(NOT_ALLOWED) from exc


def _judge(status: int) -> None:
    if 200 <= status < 300:
        return
    if status in _GONE:
        raise Gone
    if 300 <= status < 500 and status not in _FOR_NOW:
        raise Refused(status)
    raise Away
