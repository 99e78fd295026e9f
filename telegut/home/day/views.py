"""What the page of a day shows: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from telegut.home.day.rules import Stage, is_pressing
from telegut.scheduling.screens.rows import Row


class Mark(NamedTuple):
    """A word about a visit: *tone* and *icon* as `parts.tag` takes them."""

    text: str
    tone: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """
    One visit of the day.

    late: minutes. waiting: who is at the door, since when. ready: camera and sound, form, word that they come.
    news: what came in since the last visit.
    """

    row: Row
    stage: Stage
    late: int
    waiting: UUID | None
    waiting_since: datetime | None
    ready: tuple[Mark, ...]
    news: tuple[str, ...]

    @property
    def pressing(self) -> bool:
        """Whether it rises to the top."""
        return is_pressing(self.stage, self.late)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """An answer that the team owes a patient, by when it was promised."""

    conversation: UUID
    patient: str
    due: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """
    A whole day. mine: of a practitioner; otherwise of whoever arranges everybody's visits.

    unsigned: visits of the days before that nobody has signed. following: the next visit after this day, where the day
    has none.
    """

    day: date
    now: datetime
    is_today: bool
    mine: bool
    visits: tuple[Visit, ...]
    unsigned: tuple[Row, ...]
    owed: tuple[Owed, ...]
    next_free: datetime | None
    following: Row | None
    has_hours: bool

    @property
    def coming(self) -> int:
        """Visits that take place."""
        return sum(1 for one in self.visits if one.stage is not Stage.CANCELLED)
