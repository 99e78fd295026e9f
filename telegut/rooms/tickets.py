"""
Tickets: a key to one seat for one socket, once, for a minute. Pure but for its randomness.

A ticket says itself whose it is, sealed with HMAC-SHA-256 (RFC 2104) under a key that lives outside the database. So
giving one writes nothing, and a page can bring its own along; what is kept is that it was used, in a row that only one
of any number of users can add. Its instants are the database's.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

_PURPOSE: Final = b"telegut visit tickets v1"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOBODY: Final = bytes(16)
_RANDOM_BYTES: Final = 18
"""144 random bits, so that no two tickets are alike; 128 would do (OWASP ASVS 5.0.0, 7.2.3)."""
_SEAL_BYTES: Final = 24
"""192 of the 256 bits; 128 would be enough (RFC 2104, section 5)."""
_FORM: Final = struct.Struct(f"!{_RANDOM_BYTES}s16s16s16s16sq")
"""Random bits, visit, account, session, link (zeros for none), and when it ends: microseconds since 1970, UTC."""
LONGEST: Final = 200
"""Characters; a ticket has 152."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a ticket is for, and until when; *session* of who is signed in, *link* of who came by one."""

    visit: UUID
    account: UUID
    session: UUID | None
    link: UUID | None
    expires_at: datetime


def written(key: bytes, claim: Claim) -> str:
    """A fresh ticket for *claim*, never the same twice; *key*: of the links, see `telegut.rooms.links`."""
    body = _FORM.pack(
        secrets.token_bytes(_RANDOM_BYTES),
        claim.visit.bytes,
        claim.account.bytes,
        claim.session.bytes if claim.session else _NOBODY,
        claim.link.bytes if claim.link else _NOBODY,
        (claim.expires_at - _EPOCH) // timedelta(microseconds=1),
    )
    return _text(body + _seal(key, body))


def read(key: bytes, text: str) -> Claim | None:
    """What the ticket *text* is for; None when we did not write it. Whether it is still good is not said."""
    if len(text) > LONGEST or not text.isascii():
        return None
    try:
        whole = base64.urlsafe_b64decode(text)
    except (binascii.Error, ValueError):
        return None
    if _text(whole) != text:  # a ticket has one form, or it could be used once in each
        return None
    body, seal = whole[: _FORM.size], whole[_FORM.size :]
    if not hmac.compare_digest(seal, _seal(key, body)):
        return None
    _, visit, account, session, link, ends = _FORM.unpack(body)
    ends_at = _EPOCH + timedelta(microseconds=ends)
    return Claim(UUID(bytes=visit), UUID(bytes=account), _somebody(session), _somebody(link), ends_at)


def _text(whole: bytes) -> str:
    return base64.urlsafe_b64encode(whole).decode()


def _seal(key: bytes, body: bytes) -> bytes:
    return hmac.digest(hmac.digest(key, _PURPOSE, "sha256"), body, "sha256")[:_SEAL_BYTES]


def _somebody(raw: bytes) -> UUID | None:
    return UUID(bytes=raw) if raw != _NOBODY else None
