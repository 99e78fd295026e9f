"""What a board is made of, and how far its wall reaches. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from telegut.scheduling.agenda import Stretch
from telegut.scheduling.appointments import Appointment

DAY: Final = 24 * 60
USUAL: Final = (9 * 60, 17 * 60)
"""At least these minutes of the wall are drawn."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which board. role: of practitioners; language: BCP 47; empty: any. service: whose free times; None: the first."""

    day: date | None = None
    role: str = ""
    service: UUID | None = None
    language: str = ""

    def fits(self, role: str, spoken: Iterable[str]) -> bool:
        """Whether a practitioner belongs on it."""
        tag = self.language.lower()
        speaks = not tag or any(one.lower() == tag or one.lower().startswith(f"{tag}-") for one in spoken)
        return speaks and self.role in ("", role)


@dataclass(frozen=True, slots=True)
class Placed:
    """
    A visit on the wall, in minutes since the day's midnight.

    with_whom: every practitioner's name. decided_by: who booked it against the rules; empty: nobody.
    """

    visit: Appointment
    patient: str
    with_whom: tuple[str, ...]
    decided_by: str
    start_minute: int
    end_minute: int


@dataclass(frozen=True, slots=True)
class Free:
    """A time that can be booked with these people together."""

    start: datetime
    end: datetime
    practitioners: tuple[UUID, ...]
    start_minute: int
    end_minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One practitioner's day. *zone*: where their hours are written."""

    id: UUID
    name: str
    role: str
    zone: str
    languages: tuple[str, ...]
    hours: tuple[Stretch, ...]
    visits: tuple[Placed, ...]
    free: tuple[Free, ...]


def minutes(start: datetime, end: datetime, start_minute: int) -> tuple[int, int]:
    """Where a visit stands on the wall of a day: what began the day before begins at the top."""
    length = int((end - start).total_seconds()) // 60
    return max(start_minute, 0), min(start_minute + length, DAY)


def edges(columns: Iterable[Column]) -> tuple[int, int]:
    """From which to which hour the wall is drawn: around everything on it, and at least the middle of the day."""
    marks: list[tuple[int, int]] = []
    for column in columns:
        marks += [(one.start_minute, one.end_minute) for one in column.hours]
        marks += [(one.start_minute, one.end_minute) for one in column.visits]
    first = min([USUAL[0], *(start for start, _end in marks)])
    last = max([USUAL[1], *(end for _start, end in marks)])
    return first // 60, -(-last // 60)
