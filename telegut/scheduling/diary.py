"""What stands in one person's diary, quick to ask. Instants are whole seconds. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Engagement:
    """
    Somebody's time that is spoken for.

    ``[opens, closes)`` with the buffers, ``[start, end)`` without. *held*: not booked yet, only held. *counted*: it is
    one of the day's visits.
    """

    opens: int
    closes: int
    start: int
    end: int
    held: bool = False
    counted: bool = True


@dataclass(slots=True)
class Diary:
    """
    What stands in somebody's diary. Engagements do not overlap (the database sees to it), so they sort one way.

    elsewhere: when they are busy by their other calendars, merged and in order; it may overlap engagements.
    """

    engagements: Sequence[Engagement] = ()
    elsewhere: Sequence[tuple[int, int]] = ()
    _opens: list[int] = field(init=False)
    _closes: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.engagements = sorted(self.engagements, key=lambda one: (one.opens, one.closes))
        self._opens = [one.opens for one in self.engagements]
        self._closes = [one.closes for one in self.engagements]

    def free(self, opens: int, closes: int) -> bool:
        """Whether nothing touches ``[opens, closes)``."""
        before = bisect_left(self._opens, closes)
        if before and self._closes[before - 1] > opens:
            return False
        return not self.elsewhere or not self.is_elsewhere(opens, closes)

    def is_elsewhere(self, opens: int, closes: int) -> bool:
        """Whether something of another calendar touches ``[opens, closes)``."""
        before = bisect_left(self.elsewhere, (closes,))
        return before > 0 and self.elsewhere[before - 1][1] > opens

    def touching(self, opens: int, closes: int) -> Sequence[Engagement]:
        """What touches ``[opens, closes)``."""
        return self.engagements[bisect_right(self._closes, opens) : bisect_left(self._opens, closes)]
