"""
Places that a step of the plan cites: a finding of a report, a day of the diary, a message. Pure.

They say what was looked at together when the step was talked about, and nothing else: a step's reasons are its own
words (`telegut.careplan.rules.Why`), and a finding is none of them. Citing one neither asks a safety question nor
answers one, and adding or taking away such a place leaves the patient's answer to the step as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

MOST: Final = 6
"""Places a step can cite: what was looked at, not a collection."""
PLACE_LONGEST: Final = 200
"""Longest name of a place, in characters; the longest genus names of the reference databases are far below."""


class NotedKind(StrEnum):
    """What a step can cite."""

    FINDING = "finding"
    DIARY_DAY = "diary_day"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Noted:
    """
    One place.

    id: of a finding its report's; of a diary day the date, ``2026-11-22``; of a message its conversation and number,
    ``ID:12``. None of them ever changes. place: what it is called: the name of the finding; empty for the others.
    """

    kind: NotedKind
    id: str
    place: str = ""

    def path(self, patient: UUID) -> str:
        """The page that shows it. The name of a finding is never part of an address."""
        match self.kind:
            case NotedKind.FINDING:
                return f"/reports/{self.id}"
            case NotedKind.DIARY_DAY:
                return f"/patients/{patient}/scores#day-{self.id}"
            case NotedKind.MESSAGE:
                conversation, _, number = self.id.partition(":")
                return f"/messages/{conversation}#{number}"

    def day(self) -> date:
        """The day of the diary."""
        return date.fromisoformat(self.id)

    def as_json(self) -> dict[str, Any]:
        """For clients and for what is sealed."""
        return {"kind": self.kind.value, "id": self.id, "place": self.place}


def read(data: Iterable[Mapping[str, Any]]) -> tuple[Noted, ...]:
    """The places of a step, from its stored JSON."""
    return tuple(Noted(NotedKind(one["kind"]), one["id"], one.get("place", "")) for one in data)
