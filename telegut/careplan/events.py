"""
What the feed says about a care plan. Ids and versions only; readers fetch the words.

| type | facts | when |
|---|---|---|
| ``plan.changed`` | ``plan``, ``version``, ``part``, ``object`` | a goal, step, gate answer or day changed |
| ``plan.signed`` | ``plan``, ``version``, ``number`` | a version was signed |
"""

from __future__ import annotations

from uuid import UUID

CHANGED = "plan.changed"
SIGNED = "plan.signed"

NOTES_TOPIC = "notes"
"""Ephemeral, between processes: a note's log has grown, or somebody in it moved. Never stored."""


def changed(plan: UUID, version: int, part: str, object_id: UUID) -> dict[str, object]:
    """Facts of ``plan.changed``; *part* is ``goal``, ``step``, ``gate`` or ``day``."""
    return {"plan": str(plan), "version": version, "part": part, "object": str(object_id)}


def signed(plan: UUID, version: int, number: int) -> dict[str, object]:
    """Facts of ``plan.signed``."""
    return {"plan": str(plan), "version": version, "number": number}
