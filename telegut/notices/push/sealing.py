"""
A push message that only one device can open: the content encoding ``aes128gcm`` with the device's keys.

Sources: RFC 8291 (message encryption for web push), RFC 8188 (the encoding). One record, always of the same length, so
that nothing can be told from it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from telegut.errors import FieldError, Invalid

CURVE: Final = ec.SECP256R1()
RECORD: Final = 4_096
"""Record size in the header; services take at least 4,096 bytes in all (RFC 8030, 7.2)."""
PADDED: Final = 600
"""Bytes of each message before it is sealed, whatever it says."""
_LAST: Final = b"\x02"
"""Delimiter of the last record (RFC 8188, section 2)."""


@dataclass(frozen=True, slots=True)
class DeviceKeys:
    """What a browser gave for its subscription: *p256dh*, a point of P-256, uncompressed; *auth*, 16 bytes."""

    p256dh: bytes
    auth: bytes

    def check(self) -> None:
        """
        Refuse keys that nothing can be sealed for.

        Raises:
            Invalid: no point of the curve, or another length.
        """
        try:
            ec.EllipticCurvePublicKey.from_encoded_point(CURVE, self.p256dh)
        except ValueError as exc:
            raise Invalid(errors=[FieldError("p256dh", "This is not the key of a browser.")]) from exc
        if len(self.p256dh) != 65 or len(self.auth) != 16:
            raise Invalid(errors=[FieldError("auth", "This is not the key of a browser.")])


def seal(
    content: bytes,
    keys: DeviceKeys,
    *,
    salt: bytes | None = None,
    own: ec.EllipticCurvePrivateKey | None = None,
    padded: int = PADDED,
) -> bytes:
    """
    *content* for the device with *keys*, as the body of a push request.

    salt, own: made anew for each message; tests give those of RFC 8291, appendix A. padded: bytes to fill up to.
    """
    salt = salt or os.urandom(16)
    own = own or ec.generate_private_key(CURVE)
    device = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, keys.p256dh)
    public = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    secret = _extract(keys.auth, own.exchange(ec.ECDH(), device))
    material = _expand(secret, b"WebPush: info\x00" + keys.p256dh + public, 32)
    secret = _extract(salt, material)
    key = _expand(secret, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _expand(secret, b"Content-Encoding: nonce\x00", 12)
    record = content + _LAST + bytes(max(0, padded - len(content)))
    header = salt + RECORD.to_bytes(4, "big") + len(public).to_bytes(1, "big") + public
    return header + AESGCM(key).encrypt(nonce, record, None)


def _extract(salt: bytes, material: bytes) -> bytes:
    """HKDF-Extract (RFC 5869, 2.2)."""
    return hmac.digest(salt, material, hashlib.sha256)


def _expand(secret: bytes, info: bytes, length: int) -> bytes:
    return HKDFExpand(hashes.SHA256(), length, info).derive(secret)
