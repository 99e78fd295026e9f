"""
Clinical text at rest: AES-256-GCM under a key of each patient, which a root key outside the database wraps.

A ciphertext is bound to its table, column, row and patient: moved elsewhere, it does not open. Destroying a
patient's wrapped key makes everything of theirs unreadable, in backups too.

Layout of a sealed value: version (1 byte, 1), nonce (12 bytes), ciphertext with tag (16 bytes).
Source: NIST SP 800-38D (GCM, 96-bit random nonces, 128-bit tags).
"""

from __future__ import annotations

import os
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Column, Dialect, LargeBinary, Table, TypeDecorator, select
from sqlalchemy.dialects.postgresql import insert

from telegut.db.engine import Transaction
from telegut.db.metadata import Id, Timestamp, metadata
from telegut.errors import Gone, TelegutError, Unavailable

_VERSION = b"\x01"
_NONCE_BYTES = 12
_KEY_BYTES = 32

patient_keys = Table(
    "db_patient_key",
    metadata,
    Column("patient", Id, primary_key=True),
    Column("wrapped", LargeBinary, nullable=True),
    Column("root", Id, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("destroyed_at", Timestamp, nullable=True),
)


class Erased(Gone):
    """This record was erased."""


class Tampered(TelegutError):
    """A sealed value does not belong where it was found. Nothing of it is shown."""


class Ciphertext(bytes):
    """Bytes that came out of `Vault.seal`; the only thing a sealed column takes."""


class SealedColumn(TypeDecorator[bytes]):
    """A column that refuses anything that was not sealed."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Let sealed bytes through, and nothing else."""
        if value is not None and not isinstance(value, Ciphertext):
            raise TypeError("a sealed column takes only what Vault.seal returned")
        return value


@dataclass(frozen=True, slots=True)
class RootKey:
    """The key that wraps patients' keys; lives in a file outside the database. *id* is not secret."""

    id: UUID
    secret: bytes

    @classmethod
    def load(cls, path: Path) -> RootKey:
        """
        Read the key file: one line, ``ID HEX``.

        Raises:
            Unavailable: the file is missing or not a root key.
        """
        try:
            name, hexadecimal = path.read_text().split()
            key = cls(UUID(name), bytes.fromhex(hexadecimal))
        except (OSError, ValueError) as exc:
            raise Unavailable(f"The root key in {path.name} cannot be read.") from exc
        if len(key.secret) != _KEY_BYTES:
            raise Unavailable(f"The root key in {path.name} has the wrong length.")
        return key

    @classmethod
    def create(cls, path: Path) -> RootKey:
        """Make a key file that only its owner can read; an existing one is never overwritten."""
        from telegut.db.ids import new_id

        key = cls(new_id(), secrets.token_bytes(_KEY_BYTES))
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(f"{key.id} {key.secret.hex()}\n")
            file.flush()
            os.fsync(file.fileno())
        return key

    def derive(self, purpose: str) -> bytes:
        """32 bytes for another purpose (links, CSRF, cursors), independent of the wrapping key. RFC 5869."""
        return HKDF(hashes.SHA256(), _KEY_BYTES, salt=None, info=purpose.encode()).derive(self.secret)


@dataclass(frozen=True, slots=True)
class PatientKey:
    """The open key of one patient, for as long as a process needs it."""

    patient: UUID
    cipher: AESGCM
    secret: bytes = field(default=b"", repr=False)

    def derive(self, purpose: str) -> bytes:
        """32 bytes for another purpose (an index of words), which end with this key. RFC 5869."""
        if not self.secret:
            raise ValueError("nothing is derived from a key that is not a patient's")
        return HKDF(hashes.SHA256(), _KEY_BYTES, salt=None, info=purpose.encode()).derive(self.secret)


class Vault:
    """Seals and opens; keeps a bounded number of open patient keys."""

    def __init__(self, root: RootKey, *, cached_keys: int = 4096) -> None:
        self.root = root
        self._wrapping = AESGCM(root.derive("telegut patient key wrapping v1"))
        self._cached: OrderedDict[UUID, PatientKey] = OrderedDict()
        self._limit = cached_keys

    async def create_key(self, tx: Transaction, patient: UUID) -> PatientKey:
        """Make the patient's key, in the transaction that makes the patient. Twice is once."""
        secret = secrets.token_bytes(_KEY_BYTES)
        row = {
            "patient": patient,
            "wrapped": _encrypt(self._wrapping, secret, patient.bytes),
            "root": self.root.id,
            "created_at": datetime.now(UTC),  # noqa: TID251 - the key's birth is not a decision
        }
        await tx.execute(insert(patient_keys).values(row).on_conflict_do_nothing())
        return await self.key(tx, patient)

    async def key(self, tx: Transaction, patient: UUID) -> PatientKey:
        """
        The patient's key.

        Raises:
            Erased: it was destroyed, or there never was one.
        """
        cached = self._cached.get(patient)
        if cached is not None:
            self._cached.move_to_end(patient)
            return cached
        wrapped = await tx.scalar(select(patient_keys.c.wrapped).where(patient_keys.c.patient == patient))
        return self.unwrap(patient, wrapped)

    def cached(self, patient: UUID) -> PatientKey | None:
        """The patient's key if it is open already."""
        return self._cached.get(patient)

    def unwrap(self, patient: UUID, wrapped: bytes | None) -> PatientKey:
        """Open a wrapped key that was read elsewhere, and keep it for the next use."""
        if wrapped is None:
            raise Erased
        secret = _decrypt(self._wrapping, wrapped, patient.bytes)
        key = PatientKey(patient, AESGCM(secret), secret)
        self._cached[patient] = key
        if len(self._cached) > self._limit:
            self._cached.popitem(last=False)
        return key

    def forget(self, patient: UUID) -> None:
        """Drop an open key from memory."""
        self._cached.pop(patient, None)

    def seal(self, column: Column[Any], key: PatientKey, row: UUID, clear: str) -> Ciphertext:
        """*clear*, readable only in this column of this row of this patient."""
        return self.seal_bytes(column, key, row, clear.encode())

    def seal_bytes(self, column: Column[Any], key: PatientKey, row: UUID, clear: bytes) -> Ciphertext:
        """As `seal`, for bytes."""
        return Ciphertext(_encrypt(key.cipher, clear, _place(column, row, key.patient)))

    def open(self, column: Column[Any], key: PatientKey, row: UUID, sealed: bytes) -> str:
        """
        The text again.

        Raises:
            Tampered: the value was changed, or belongs to another place.
        """
        return self.open_bytes(column, key, row, sealed).decode()

    def open_bytes(self, column: Column[Any], key: PatientKey, row: UUID, sealed: bytes) -> bytes:
        """As `open`, for bytes."""
        return _decrypt(key.cipher, sealed, _place(column, row, key.patient))


def _place(column: Column[Any], row: UUID, patient: UUID) -> bytes:
    return f"{column.table.name}.{column.name}:".encode() + row.bytes + patient.bytes


def _encrypt(cipher: AESGCM, clear: bytes, bound_to: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _VERSION + nonce + cipher.encrypt(nonce, clear, bound_to)


def _decrypt(cipher: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    if sealed[:1] != _VERSION:
        raise Tampered
    try:
        return cipher.decrypt(sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :], bound_to)
    except InvalidTag as exc:
        raise Tampered from exc
