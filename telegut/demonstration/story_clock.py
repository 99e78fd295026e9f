"""A clock that a story is told by: it stands at the moment being told, and then runs from the present on."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from telegut.clock import Clock


class StoryClock:
    """
    Callable like `telegut.clock.utc_now`.

    Stands still at the moment set with `at`, moving a few seconds with every question so that what is told one after
    the other also happened one after the other.
    """

    def __init__(self, now: Clock) -> None:
        self._now = now
        self._told: datetime | None = None
        self.present = now()

    def __call__(self) -> datetime:
        """The moment of the story, or the present."""
        if self._told is None:
            return self._now()
        self._told += timedelta(seconds=3)
        return min(self._told, self._now())

    def at(self, days: int, hour: int, minute: int = 0, zone: str = "UTC") -> datetime:
        """Go to this wall time in *zone*, *days* from today (negative: before), never beyond the present."""
        today = self.present.astimezone(ZoneInfo(zone)).date()
        wall = datetime.combine(today + timedelta(days=days), time(hour, minute), ZoneInfo(zone))
        self._told = min(wall.astimezone(UTC), self.present - timedelta(minutes=1))
        return self._told

    def day(self, days: int, zone: str = "UTC") -> date:
        """The date *days* from today in *zone*."""
        return self.present.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)

    def run(self) -> None:
        """Leave the story: from here on it is the present."""
        self._told = None
