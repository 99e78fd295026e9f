"""Where a list goes on: an id, or an instant with an id. Opaque to clients, and holding nothing about people. Pure."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from uuid import UUID

from telegut.errors import FieldError, Invalid


def place(at: datetime, row: UUID) -> str:
    """The cursor behind a row of a list that is sorted by time."""
    return base64.urlsafe_b64encode(f"{at.isoformat()} {row}".encode()).decode().rstrip("=")


def parse_place(cursor: str) -> tuple[datetime, UUID]:
    """
    The time and row of `place`.

    Raises:
        Invalid: not a cursor of ours.
    """
    try:
        at, _, row = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(" ")
        instant, known = datetime.fromisoformat(at), UUID(row)
    except (ValueError, binascii.Error) as exc:
        raise _not_ours() from exc
    if instant.tzinfo is None:
        raise _not_ours()
    return instant, known


def parse_id(cursor: str) -> UUID:
    """
    The id that a list sorted by ids goes on behind.

    Raises:
        Invalid: not a cursor of ours.
    """
    try:
        return UUID(cursor)
    except ValueError as exc:
        raise _not_ours() from exc


def _not_ours() -> Invalid:
    return Invalid(errors=[FieldError("cursor", "This is not a cursor that we gave.")])
