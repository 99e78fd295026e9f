"""Time that becomes free: whose, from when to when, and for whom it is news; and the same as a job remembers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from telegut.scheduling import zones
from telegut.scheduling.diary import Diary
from telegut.scheduling.rules import Availability
from telegut.scheduling.slots import Offer
from telegut.scheduling.windows import expand
from telegut.web.api import instant_text


@dataclass(frozen=True, slots=True)
class Near:
    """Whose calendars are to be locked for freeing somebody's time. *watched*: people wait, and the list is locked."""

    practitioners: tuple[UUID, ...]
    watched: bool


@dataclass(frozen=True, slots=True)
class Freed:
    """
    Time ``[since, until)`` of these practitioners that is free from now on, with its buffers.

    joined_after: only for those who came after this instant; the others had their chance before. not_for: the patient
    who gave the time up. before: the hours as they were; what was open in them is no news. again: the job that looks
    once more when it is day for those for whom it is night now; without one, the same time is looked at.
    """

    practitioners: frozenset[UUID]
    since: datetime
    until: datetime
    joined_after: datetime | None = None
    not_for: UUID | None = None
    before: Availability | None = None
    again: Mapping[str, Any] | None = None

    def payload(self) -> dict[str, Any]:
        """As a job remembers it."""
        if self.again is not None:
            return dict(self.again)
        return {
            "practitioners": sorted(str(one) for one in self.practitioners),
            "since": instant_text(self.since),
            "until": instant_text(self.until),
            "joined_after": instant_text(self.joined_after) if self.joined_after else None,
            "not_for": str(self.not_for) if self.not_for else None,
        }

    def hours_before(self) -> Offer | None:
        """The hours as they were over this time, ready to be asked; None: they are not what changed."""
        if self.before is None:
            return None
        whose = next(iter(self.practitioners))
        hours = expand(self.before, zones.seconds(self.since), zones.seconds(self.until))
        return Offer(whose, hours, Diary())

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> Freed:
        """What `payload` wrote."""
        joined, not_for = payload["joined_after"], payload["not_for"]
        return cls(
            frozenset(UUID(one) for one in payload["practitioners"]),
            datetime.fromisoformat(payload["since"]),
            datetime.fromisoformat(payload["until"]),
            joined_after=datetime.fromisoformat(joined) if joined else None,
            not_for=UUID(not_for) if not_for else None,
        )


@dataclass(slots=True)
class Handed:
    """How it went. *offered*: entries that got an offer. *asleep*: zones where it suits somebody, and it is night."""

    offered: list[UUID] = field(default_factory=list)
    asleep: set[str] = field(default_factory=set)
