"""
Recordings at rest: AES-256-GCM under a key of each recording, which the patient's key seals. Pure.

The media process is handed the key in a command and keeps it in memory; nothing of a recording is ever on disk in
clear.

Source: NIST SP 800-38D (96-bit random nonces, 128-bit tags).
"""

from __future__ import annotations

import secrets
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from telegut.errors import TelegutError

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
OVERHEAD_BYTES: Final = NONCE_BYTES + 16
_PURPOSE: Final = b"telegut recording v1:"


class Changed(TelegutError):
    """What lies there is not what was put there. Nothing of it is shown."""


class Sealer:
    """
    Seals and opens the pieces of one file under *key*.

    Each piece is bound to its recording, its file and its place, so that none can be moved or swapped unseen.
    """

    def __init__(self, key: bytes, recording: UUID, file: UUID) -> None:
        self._cipher = AESGCM(key)
        self._bound = _PURPOSE + recording.bytes + file.bytes

    def seal(self, index: int, clear: bytes | bytearray) -> bytes:
        """Piece *index* as it lies on disk."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, bytes(clear), self._place(index))

    def open(self, index: int, sealed: bytes) -> bytes:
        """
        Piece *index* in clear.

        Raises:
            Changed: it is not that piece.
        """
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._place(index))
        except (InvalidTag, ValueError) as exc:
            raise Changed from exc

    def _place(self, index: int) -> bytes:
        return self._bound + index.to_bytes(8)
