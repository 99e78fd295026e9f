"""
What the feed says about conversations: which entry of which log is new. Ids and numbers only; the words are read fresh,
for each reader, when the event is delivered.

| type | when |
|---|---|
| ``message.sent``, ``message.edited``, ``message.retracted`` | somebody wrote, changed or took back a message |
| ``read`` | somebody has read up to a message |
| ``mention`` | a message names the reader; no entry of the log, and nobody else's to know |
| ``member.added``, ``member.removed`` | somebody joined or left |
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from telegut.messaging.rules import EntryType

PREFIXES = ("message.", "read", "member.", "assigned", "unassigned", "waiting", "settled", "mention")
"""What types of events begin with that are, or name, entries of a conversation's log."""

MENTION = "mention"
"""A message names the reader of the feed."""

TYPING = "typing"
"""Ephemeral: somebody is writing. Never stored, never resumed."""


def facts(conversation: UUID, seq: int) -> dict[str, object]:
    """What an event holds about an entry."""
    return {"conversation": str(conversation), "seq": seq}


def is_entry(event: Mapping[str, object]) -> bool:
    """Whether an event of the feed is, or names, an entry of a conversation's log."""
    return event["type"] in _TYPES and "conversation" in event and "seq" in event


_TYPES = frozenset(one.value for one in EntryType) | {MENTION}
