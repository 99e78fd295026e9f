"""Names that were confirmed for a laboratory's tables, sealed and opened: they belong to the clinic and no patient."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from telegut.db.sealed import Ciphertext, PatientKey, Vault
from telegut.reports.confirming import Confirmed, of_dicts
from telegut.reports.mapping.tables import description

_PURPOSE = "telegut laboratory tables v1"


def sealed(vault: Vault, id: UUID, confirmed: Sequence[Confirmed]) -> Ciphertext | None:
    """*confirmed* for description *id*; ``None`` when there is none."""
    if not confirmed:
        return None
    words = json.dumps([one.as_dict() for one in confirmed])
    return vault.seal(description.c.confirmed, _key(vault), id, words)


def opened(vault: Vault, id: UUID, kept: bytes | None) -> tuple[Confirmed, ...]:
    """
    The confirmations of description *id* again.

    Raises:
        Tampered: they belong to another one.
    """
    if kept is None:
        return ()
    return of_dicts(json.loads(vault.open(description.c.confirmed, _key(vault), id, kept)))


def _key(vault: Vault) -> PatientKey:
    return PatientKey(UUID(int=0), AESGCM(vault.root.derive(_PURPOSE)))
