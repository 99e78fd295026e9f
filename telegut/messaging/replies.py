"""What somebody is told before they write: is anybody there, by when does an answer come, whom to call instead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from telegut.messaging.promise import StaffedHours
from telegut.scheduling import zones


@dataclass(frozen=True, slots=True)
class Helpline:
    """Somebody to call now. *number* as it is dialled and shown."""

    label: str
    number: str

    @property
    def dialled(self) -> str:
        """The number for a ``tel:`` link."""
        return "".join(character for character in self.number if character.isdigit() or character == "+")


@dataclass(frozen=True, slots=True)
class Outlook:
    """
    The honest answer to "when will somebody read this?", at one moment.

    answer_by: an instant; None when the clinic has named no hours.
    """

    staffed: bool
    answer_by: datetime | None
    helplines: tuple[Helpline, ...]


@dataclass(frozen=True, slots=True)
class Replies:
    """The clinic's promise. promise: staffed time that an answer may take."""

    hours: StaffedHours
    zone: str
    promise: timedelta
    helplines: tuple[Helpline, ...]

    def outlook(self, now: datetime) -> Outlook:
        """What somebody who writes at *now* is told."""
        wall = zones.on_the_wall(now, self.zone).replace(tzinfo=None)
        answered = self.hours.answer_by(wall, self.promise)
        return Outlook(self.hours.open_at(wall), None if answered is None else self._instant(answered), self.helplines)

    def _instant(self, wall: datetime) -> datetime:
        """The last instant that the wall shows so; a skipped wall time counts from the clock before the change."""
        found = zones.instants(wall, self.zone)
        if found:
            return found[-1]
        at = zones.wall_seconds(wall)
        return zones.instant(zones.anchor(at, zones.regimes(self.zone, at, at)))


def parse_helpline(text: str) -> Helpline:
    """``Emergency services: 112`` as a helpline; a text without a label is its own."""
    label, colon, number = text.rpartition(":")
    return Helpline(label.strip(), number.strip()) if colon else Helpline(text.strip(), text.strip())
