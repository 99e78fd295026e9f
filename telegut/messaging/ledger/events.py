"""What the feed says about urgent messages: ids and a number."""

from __future__ import annotations

from uuid import UUID

from telegut.realtime.events import Event

ESCALATED = "urgent.escalated"


def escalated(patient: UUID, conversation: UUID, message: UUID, step: int) -> Event:
    """An urgent message of *patient* stayed unread; this is the *step*-th time that somebody is told."""
    facts = {"conversation": str(conversation), "message": str(message), "step": step}
    return Event(ESCALATED, patient, facts)
