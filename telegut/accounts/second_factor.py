"""
The second factor: six digits from an app, each good for one sign-in.

The secret is sealed under a key derived from the root key and bound to its account; the last time step that was used
is kept, so that a code works once, however many try it at the same moment.

Source: RFC 6238 (30 s steps, SHA-1, six digits; section 5.2: a code must not be accepted twice).
"""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pyotp.utils import strings_equal
from sqlalchemy import or_, update

from telegut.accounts.tables import person
from telegut.db.engine import Transaction
from telegut.db.sealed import RootKey, Tampered

STEP_S = 30
DIGITS = 6
DRIFT_STEPS = 1
"""How far the clock of a phone may be off: one step to each side (RFC 6238, section 5.2)."""

NONCE_BYTES = 12


class SecondFactor:
    """Seals the secrets of second factors and checks codes against them."""

    def __init__(self, root: RootKey) -> None:
        self._cipher = AESGCM(root.derive("telegut second factor v1"))

    def seal(self, account: UUID, secret: str) -> bytes:
        """*secret* (base 32), readable only for this account."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), account.bytes)

    def open(self, account: UUID, sealed: bytes) -> str:
        """
        The secret again.

        Raises:
            Tampered: it belongs to another account, or was changed.
        """
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], account.bytes).decode()
        except InvalidTag as exc:
            raise Tampered from exc

    async def use(self, tx: Transaction, account: UUID, sealed: bytes, code: str, *, now: datetime) -> bool:
        """Whether *code* is right and was not used before; from now on it is used."""
        step = matching_step(self.open(account, sealed), code, now)
        if step is None:
            return False
        used = await tx.execute(
            update(person)
            .where(person.c.id == account, or_(person.c.otp_counter.is_(None), person.c.otp_counter < step))
            .values(otp_counter=step)
        )
        return used.rowcount == 1


def new_secret() -> str:
    """A fresh secret in base 32: 160 bits (RFC 4226, section 4, R6)."""
    return pyotp.random_base32(32)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """
    The time step whose code this is, among those a phone's clock may mean; the latest when several fit.

    Compares every candidate, so that the time taken does not tell which one was close.
    """
    tidy = code.replace(" ", "")
    present = int(now.timestamp()) // STEP_S
    otp = pyotp.HOTP(secret, digits=DIGITS)
    found = None
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):
        if strings_equal(otp.at(step), tidy):
            found = step
    return found
