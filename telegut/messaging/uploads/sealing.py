"""
Files at rest: AES-256-GCM in chunks, under a key of each file, which the patient's key seals.

Every chunk is bound to its file, its part (the file, its thumbnail), its place and the number of chunks: none can be
moved, left out or cut off unseen. Destroying the patient's key makes the file's key, and so the file, unreadable.

Layout of a chunk: nonce (12 bytes), ciphertext with tag (16 bytes). Source: NIST SP 800-38D.

A file that belongs to no patient yet (somebody of the team chose it before they chose a conversation) has its key
sealed under one derived from the root key, until it is sent or collected.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from telegut.db.sealed import Ciphertext, PatientKey, Tampered, Vault
from telegut.messaging.uploads.tables import upload

CHUNK_BYTES = 262_144
OVERHEAD_BYTES = 12 + 16
SEALED_CHUNK_BYTES = CHUNK_BYTES + OVERHEAD_BYTES
_KEY_BYTES = 32
_STAGING = "telegut uploads of no patient yet v1"


class Part(StrEnum):
    """What of a file lies in one object of the store."""

    RECEIVED = "received"
    FILE = "file"
    THUMBNAIL = "thumbnail"


@dataclass(frozen=True, slots=True)
class FileKey:
    """The open key of one file."""

    id: UUID
    secret: bytes

    @classmethod
    def make(cls, id: UUID) -> FileKey:
        """A new one for the file *id*."""
        return cls(id, secrets.token_bytes(_KEY_BYTES))

    @property
    def cipher(self) -> AESGCM:
        """What it opens with."""
        return AESGCM(self.secret)

    @property
    def facts(self) -> PatientKey:
        """As `Vault` takes it, for the sealed columns of the file's own row."""
        return PatientKey(self.id, self.cipher)


def staging_key(vault: Vault) -> PatientKey:
    """What seals the keys of files that belong to no patient yet."""
    return PatientKey(UUID(int=0), AESGCM(vault.root.derive(_STAGING)))


def seal_key(vault: Vault, under: PatientKey, key: FileKey) -> Ciphertext:
    """*key* as it lies in its row."""
    return vault.seal_bytes(upload.c.key, under, key.id, key.secret)


def open_key(vault: Vault, under: PatientKey, id: UUID, sealed: bytes) -> FileKey:
    """
    The key of file *id* again.

    Raises:
        Tampered: it belongs to another file or patient.
    """
    return FileKey(id, vault.open_bytes(upload.c.key, under, id, sealed))


def chunks_of(size: int) -> int:
    """How many chunks a part of *size* bytes has; an empty one has one."""
    return max(1, -(-size // CHUNK_BYTES))


def seal_part(key: FileKey, part: Part, clear: bytes) -> bytes:
    """*clear* as it lies in the store."""
    cipher, count, view = key.cipher, chunks_of(len(clear)), memoryview(clear)
    sealed = bytearray()
    for index in range(count):
        nonce = secrets.token_bytes(12)
        here = view[index * CHUNK_BYTES : (index + 1) * CHUNK_BYTES]
        sealed += nonce + cipher.encrypt(nonce, here, _place(key, part, index, count))
    return bytes(sealed)


def open_chunk(key: FileKey, part: Part, index: int, count: int, sealed: bytes) -> bytes:
    """
    Chunk *index* of *count* in clear.

    Raises:
        Tampered: it is not that chunk.
    """
    try:
        return key.cipher.decrypt(sealed[:12], sealed[12:], _place(key, part, index, count))
    except (InvalidTag, ValueError) as exc:
        raise Tampered from exc


def open_part(key: FileKey, part: Part, size: int, sealed: bytes) -> bytes:
    """
    The whole part of *size* bytes.

    Raises:
        Tampered: something is missing or changed.
    """
    count = chunks_of(size)
    clear = b"".join(
        open_chunk(key, part, index, count, sealed[index * SEALED_CHUNK_BYTES : (index + 1) * SEALED_CHUNK_BYTES])
        for index in range(count)
    )
    if len(clear) != size:
        raise Tampered
    return clear


def _place(key: FileKey, part: Part, index: int, count: int) -> bytes:
    return b"telegut upload v1:" + key.id.bytes + part.encode() + index.to_bytes(4, "big") + count.to_bytes(4, "big")
