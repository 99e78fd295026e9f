"""
Saved replies at rest. They belong to no patient whose key could seal them, so theirs is derived from the root key.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Row

from telegut.db.sealed import PatientKey, Vault
from telegut.messaging.saved_replies.tables import saved_reply

_PURPOSE = "telegut saved replies v1"


def sealed(vault: Vault, id: UUID, title: str, body: str) -> dict[str, Any]:
    """The columns that hold the words of the reply *id*."""
    words = vault.seal(saved_reply.c.words, _key(vault), id, json.dumps([title, body]))
    return {"words": words, "title": None, "body": None}


def opened(vault: Vault, row: Row[Any]) -> tuple[str, str]:
    """
    Title and body of a reply.

    Raises:
        Tampered: they belong to another one.
    """
    if row.words is None:
        return row.title, row.body
    title, body = json.loads(vault.open(saved_reply.c.words, _key(vault), row.id, row.words))
    return title, body


def _key(vault: Vault) -> PatientKey:
    return PatientKey(UUID(int=0), AESGCM(vault.root.derive(_PURPOSE)))
