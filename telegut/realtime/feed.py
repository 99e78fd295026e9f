"""
The feed's arithmetic: cursors, and whether a client can go on from one. Pure.

A cursor is opaque to clients. It holds the epoch of the database (which changes when an older copy is restored, so that
numbers of a lost future are recognised) and the position in one mailbox, whose owner is woven into the epoch: a number
means something in that mailbox alone, and in another one it would be a gap that nobody sees.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in one account's mailbox, under one epoch."""

    epoch: UUID
    seq: int


@dataclass(frozen=True, slots=True)
class Mailbox:
    """How far a mailbox goes, and from where it is still kept."""

    epoch: UUID
    seq: int
    kept_from: int


def encode(cursor: Cursor, account: UUID) -> str:
    """The text a client keeps for the mailbox of *account*."""
    raw = (cursor.epoch.int ^ account.int).to_bytes(16, "big") + cursor.seq.to_bytes(8, "big")
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode(text: str, account: UUID) -> Cursor | None:
    """The cursor in *text*, or None when it is not one of ours; of another mailbox than *account*'s: another epoch."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != 24:
        return None
    epoch = UUID(int=int.from_bytes(raw[:16], "big") ^ account.int)
    return Cursor(epoch, int.from_bytes(raw[16:], "big"))


def resume(text: str | None, mailbox: Mailbox, account: UUID) -> int | None:
    """
    The position to go on from; None when the client must load everything again.

    Without a cursor it is the present end. A cursor of another epoch or mailbox, from the future, or from before
    what is kept cannot be gone on from.
    """
    if text is None:
        return mailbox.seq
    cursor = decode(text, account)
    if cursor is None or cursor.epoch != mailbox.epoch or cursor.seq > mailbox.seq:
        return None
    return cursor.seq if cursor.seq + 1 >= mailbox.kept_from else None
