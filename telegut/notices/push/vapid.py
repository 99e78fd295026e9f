"""
Who we are to push services: one P-256 key pair, and a signed token for each request (VAPID, RFC 8292).

The pair is made once, with the root key: it is derived from it, so that there is no second secret to keep, and every
machine of an installation has the same. Another root key is another pair; browsers subscribe anew then.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from telegut.db.sealed import RootKey
from telegut.notices.push.sealing import CURVE

LASTS: Final = timedelta(hours=12)
"""How long a token is good for; a day is the most (RFC 8292, section 2)."""
_PURPOSE: Final = "telegut vapid v1"
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of P-256 (NIST SP 800-186, 3.2.1.3)."""


@dataclass(frozen=True, slots=True)
class Vapid:
    """The key pair, and whom a push service may write to about us (*contact*: a ``mailto:`` or ``https:`` address)."""

    private: ec.EllipticCurvePrivateKey
    contact: str

    @classmethod
    def derive(cls, root: RootKey, contact: str) -> Vapid:
        """The pair of this root key: 64 bytes of it, reduced (FIPS 186-5, A.2.1)."""
        material = root.derive(f"{_PURPOSE} high") + root.derive(f"{_PURPOSE} low")
        scalar = int.from_bytes(material) % (_ORDER - 1) + 1
        return cls(ec.derive_private_key(scalar, CURVE), contact)

    @property
    def public(self) -> str:
        """The public key as browsers take it for ``applicationServerKey``."""
        return encoded(self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def authorization(self, endpoint: str, now: datetime) -> str:
        """The header for a request to *endpoint*."""
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((now + LASTS).timestamp()),
            "sub": self.contact,
        }
        signed = f"{_json({'typ': 'JWT', 'alg': 'ES256'})}.{_json(claims)}"
        r, s = decode_dss_signature(self.private.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        signature = encoded(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        return f"vapid t={signed}.{signature}, k={self.public}"


def encoded(content: bytes) -> str:
    """Base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """
    The bytes of base64url, padded or not.

    Raises:
        ValueError: it is none.
    """
    bare = text.rstrip("=")
    return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)


def _json(value: dict[str, object] | dict[str, str]) -> str:
    return encoded(json.dumps(value, separators=(",", ":")).encode())
