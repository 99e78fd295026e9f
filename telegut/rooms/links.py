"""
The secrets of personal links. Pure.

A link's secret is derived, never stored: HMAC-SHA-256 (RFC 2104) over the visit, the person and the link's generation,
under a key that lives outside the database. So a person's link can be shown to them again, a stolen database opens no
room, and revoking one link means counting its generation up. The database knows SHA-256 digests.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import Final
from uuid import UUID

KEY_PURPOSE: Final = "telegut personal visit links v1"
SECRET_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]{32}")
"""24 bytes in unpadded base64url: 192 bits, of which 128 would be enough (OWASP ASVS 5.0.0, 7.2.3)."""

_SECRET_BYTES: Final = 24


def link_secret(key: bytes, visit: UUID, account: UUID, generation: int) -> str:
    """The secret in ``/j/{secret}`` for one person, one visit, one generation."""
    message = visit.bytes + account.bytes + generation.to_bytes(4)
    return _text(hmac.digest(key, message, "sha256")[:_SECRET_BYTES])


def digest(secret: str) -> bytes:
    """What is stored instead of *secret*. No salt: a secret of 192 random bits cannot be guessed from it."""
    # A cookie may hold bytes that are no text; no secret has those.
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
