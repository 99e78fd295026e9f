"""
Which STUN and TURN servers a browser is told to use. Pure: time is an argument.

Only our own: the media worker answers STUN, and a TURN server is named by the settings. A third party's server is never
named, and without one the list is empty, which browsers take to mean "none".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

Policy = Literal["all", "relay"]


@dataclass(frozen=True, slots=True)
class IceServer:
    """One entry of ``RTCConfiguration.iceServers``."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None


@dataclass(frozen=True, slots=True)
class IceServers:
    """What a browser's peer connection is made with. ``relay``: only by TURN, so that nobody sees an address."""

    servers: tuple[IceServer, ...]
    policy: Policy


def turn_credentials(secret: str, visit: UUID, account: UUID, now: datetime, lifetime: timedelta) -> tuple[str, str]:
    """
    A TURN user name and password that end by themselves.

    The name is ``EXPIRY:TAG``: Unix seconds and a tag of this seat, so that quotas count for one person in one visit
    while the TURN server's log names nobody. The password is HMAC-SHA-1 of the name, as coturn's ``use-auth-secret``
    expects.

    Source: draft-uberti-behave-turn-rest-00, section 2.2.
    """
    tag = hashlib.sha256(visit.bytes + account.bytes).hexdigest()[:16]
    username = f"{int((now + lifetime).timestamp())}:{tag}"
    password = hmac.digest(secret.encode(), username.encode(), "sha1")
    return username, base64.b64encode(password).decode()


def servers(
    *,
    stun: str | None,
    turn: Sequence[str],
    secret: str,
    visit: UUID,
    account: UUID,
    now: datetime,
    lifetime: timedelta,
) -> IceServers:
    """
    The servers for one seat.

    stun: our own, such as ``stun:192.0.2.1:3478``, or None while the media worker is away. turn: addresses of our TURN
    server in the order to try them; with any of them media goes through it alone.
    """
    found: list[IceServer] = []
    if stun is not None:
        found.append(IceServer((stun,)))
    if not turn:
        return IceServers(tuple(found), "all")
    username, credential = turn_credentials(secret, visit, account, now, lifetime)
    found.append(IceServer(tuple(turn), username, credential))
    return IceServers(tuple(found), "relay")
